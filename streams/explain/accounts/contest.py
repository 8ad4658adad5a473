"""An alert about an account whose claims say different things, beside the claims themselves."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.alerts.contest_alerts import contest_alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.events.event import Sale
from detectors.ledger.stage import Ledger
from detectors.settings import Settings
from streams.explain.accounts.sale_course import Arrived
from streams.explain.beside import table_of
from streams.printable import printable

SHOWN_CLAIMS: Final = 40


class ContestExplanation:
    """A contested or corrected sale, recomputed by a ledger that knows this account alone.

    Parameters
    ----------
    settings
        All settings, those the alert was made with.
    revisions
        Of the alert, oldest first; at least one.
    arrived
        The events of the account, in the order in which they came.
    watermark
        The time (seconds) up to which everything has come.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[Alert],
        arrived: Sequence[Arrived],
        watermark: Seconds,
    ) -> None:
        self._revisions: Final = revisions
        self._claims: Final = [one for one in arrived if isinstance(one.event, Sale)]
        ledger = Ledger(settings)
        for one in arrived:
            ledger.advance(one.watermark)
            ledger.claims.as_arrived = one.as_arrived
            try:
                ledger.apply(one.event)
            except InvalidEvent:  # too late, as it was then
                continue
        ledger.advance(watermark)
        told = ledger.drain().bundle.disputes
        alerts = [contest_alert(dispute, settings.config_hash) for dispute in told]
        alert_id = revisions[-1].alert_id
        self._recomputed: Final = [alert for alert in alerts if alert.alert_id == alert_id]

    def agrees(self) -> bool:
        """Return whether the events give the same revisions, in every field."""
        return list(self._revisions) == self._recomputed

    def print(self, console: Console) -> None:
        """Show the claims as they came, and each revision."""
        table = table_of(
            "Sales of the account, as they came",
            ("time", "event", "sale", "version", "agent", "product", "amount", "place"),
        )
        for one in self._claims[:SHOWN_CLAIMS]:
            event = one.event
            assert isinstance(event, Sale)  # noqa: S101 - chosen above
            table.add_row(
                event.occurred_at.isoformat(),
                printable(event.event_id),
                printable(event.sale_id),
                str(event.version or 1),
                printable(event.agent_id or "nobody"),
                printable(event.product),
                "unknown" if event.amount is None else f"{event.amount:g}",
                f"{printable(one.origin.path)}:{one.origin.line}",
            )
        if len(self._claims) > SHOWN_CLAIMS:
            table.add_row(f"{len(self._claims) - SHOWN_CLAIMS:,} more")
        console.print(table)
        for said, found in zip_longest(self._revisions, self._recomputed):
            alert, same = said or found, "agrees" if said == found else "does NOT agree"
            assert alert is not None  # noqa: S101 - the longer of two lists has one
            console.print(
                f"Revision {alert.revision}, known at {alert.updated_at.isoformat()}, "
                f"{alert.status}: {same} with what is recomputed."
            )
