"""Disputes about sales on their way to alerts about accounts. They rest on no absence."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from detectors.alerts.alert import Alert
from detectors.alerts.contest_alerts import contest_alert
from detectors.basis.event_time import Day, Seconds, day_of
from detectors.messages.disputes import Dispute


class AccountDisputesState(Struct):
    """All that an `AccountDisputes` remembers.

    Attributes
    ----------
    latest
        By ledger: the disputes that it may send again, with the time at which they became known.
    waiting
        By the day on which they became known.
    open
        How many alerts are open.
    """

    latest: dict[int, dict[str, Seconds]] = field(default_factory=dict)
    waiting: dict[Day, list[Dispute]] = field(default_factory=dict)
    open: int = 0


class AccountDisputes:
    """Makes alerts of the disputes of which ledgers tell, in the order of their days."""

    def __init__(self, config_hash: str) -> None:
        self._config_hash: Final = config_hash
        self.state = AccountDisputesState()

    def receive(
        self, ledger: int, disputes: Sequence[Dispute], before: Seconds, until: Seconds
    ) -> None:
        """Receive what a ledger tells; its watermark was `before`, and is `until` with it.

        A ledger that was restarted sends some of it again.
        """
        latest = self.state.latest.setdefault(ledger, {}) if disputes else None
        for one in disputes:
            key = f"{one.account_id} {one.sale_id} {one.opened_at!r} {one.revision}"
            if latest is not None and one.known_at >= before and key not in latest:
                latest[key] = one.known_at
                self.state.waiting.setdefault(day_of(one.known_at), []).append(one)
        known = self.state.latest.get(ledger)
        if known and until > before:
            for key in [key for key, at in known.items() if at < until]:
                del known[key]

    def due(self, day: Day) -> Iterator[Alert]:
        """Yield the alerts that are due once all days before `day` are closed."""
        waiting = self.state.waiting
        for known_on in sorted(one for one in waiting if one <= day):
            for one in waiting.pop(known_on):
                self.state.open += one.stands - one.was_open
                yield contest_alert(one, self._config_hash)
