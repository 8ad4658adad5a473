"""Events that come too late to be accepted."""

from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, moment
from detectors.events.event import AccountEvent, AccountMerged, AnyEvent, Cancellation, Sale
from detectors.facts.account import Account
from detectors.facts.named import named
from detectors.facts.questions import CANCELLATIONS, USES
from detectors.ledger.settlement import Settlement
from detectors.time_settings import TimeSettings


def too_late(event: AnyEvent, watermark: Seconds) -> InvalidEvent:
    """Return the refusal of an event that lies too far behind the watermark."""
    return InvalidEvent(
        "too_late",
        f"`$.occurred_at` is {event.occurred_at.isoformat()}, more than "
        f"time.corrections_for behind the watermark {moment(watermark).isoformat()}",
    )


class Lateness:
    """Says which late events are still taken.

    Parameters
    ----------
    time
        The settings of time.
    settlement
        What knows the shortest windows of the patterns that ask for uses, and for cancellations.
    """

    def __init__(self, time: TimeSettings, settlement: Settlement) -> None:
        self._corrections_for: Final = seconds_of(time.corrections_for)
        self._doubted: Final = time.doubted
        self._uses: Final = settlement.span_of(USES) or 0.0
        self._cancellations: Final = settlement.span_of(CANCELLATIONS) or 0.0

    def check(
        self, event: AccountEvent, at: Seconds, watermark: Seconds, account: Account | None
    ) -> None:
        """Refuse an event too far behind the watermark, unless a sale of its account waits for it.

        Raises
        ------
        InvalidEvent
            ``too_late``.
        """
        if account is None or not self._is_awaited(event, at, watermark, account):
            raise too_late(event, watermark)

    def _is_awaited(
        self, event: AccountEvent, at: Seconds, watermark: Seconds, account: Account
    ) -> bool:
        """Return whether a sale that can be corrected waits for an event: refused, it is absent."""
        if isinstance(event, Sale):
            return False
        if isinstance(event, Cancellation):
            sales = named(account.sales, event.sale_id)
            before = span = self._cancellations
        elif isinstance(event, AccountMerged):
            sales = account.sales
            before = span = max(self._uses, self._cancellations)
        else:
            sales, before, span = account.sales, self._doubted, self._uses
        corrected_since = watermark - self._corrections_for - span
        return any(sale.at >= corrected_since and -before <= at - sale.at <= span for sale in sales)
