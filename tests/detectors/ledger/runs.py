"""A ledger and its clock, run over a log."""

from collections.abc import Iterable
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Day, Seconds, seconds_at
from detectors.events.event import AnyEvent
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.contested import ContestedSale
from detectors.messages.disputes import Dispute
from detectors.messages.outcomes import Outcome, SalesDay
from tests.detectors.ledger.account_alerts import alerts_of
from tests.detectors.worlds import END, SETTINGS

SETTLED_HERE: Final = [pattern for pattern in SETTINGS.patterns.on_sales() if pattern.key is None]
"""The patterns of which a ledger of accounts tells; the others look across them."""


class LedgerRun:
    """What a ledger emits for a log: its outcomes, alerts and disputes; what it applied and not.

    It is drained after every `every` events, and at the end.
    """

    def __init__(
        self,
        events: Iterable[AnyEvent],
        ledger: Ledger | None = None,
        until: float = END,
        every: int = 1,
    ) -> None:
        self.ledger = Ledger(SETTINGS) if ledger is None else ledger
        self.outcomes = list[Outcome]()
        self.alerts = list[Alert]()
        self.contested = list[ContestedSale]()
        self.disputes = list[Dispute]()
        self.days = dict[Day, SalesDay]()
        self.applied = list[AnyEvent]()
        self.rejected: list[InvalidEvent] = []
        clock = EventClock(SETTINGS.time, ("events",))
        for number, event in enumerate(events):
            try:
                self.ledger.apply(event)
            except InvalidEvent as error:
                self.rejected.append(error)
                continue
            self.applied.append(event)
            clock.observe("events", seconds_at(event.occurred_at), event.account_id)
            self.ledger.advance(clock.watermark())
            if number % every == 0:
                self._drain()
        self.ledger.advance(Seconds(until))
        self._drain()

    def _drain(self) -> None:
        output = self.ledger.drain()
        self.outcomes += output.bundle.outcomes
        self.alerts += alerts_of(output)
        self.contested += output.bundle.contested
        self.disputes += output.bundle.disputes
        assert not output.bundle.days.keys() & self.days.keys(), "a day was emitted twice"
        self.days |= output.bundle.days

    def of(self, pattern: str) -> list[Outcome]:
        """Return the outcomes of one pattern."""
        return [outcome for outcome in self.outcomes if outcome.pattern == pattern]

    def emitted(self) -> set[bytes]:
        """Return everything that was emitted, as bytes."""
        emitted = [*self.outcomes, *self.alerts]
        encoded = {msgspec.json.encode(item) for item in emitted}
        assert len(encoded) == len(emitted), "something was emitted twice"
        return encoded
