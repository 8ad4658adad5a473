"""What a ledger tells of a log that it joins line by line, in blocks."""

from collections.abc import Sequence
from math import inf
from typing import Final

import msgspec
from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Day, Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.facts.traffic.touch import Touch
from detectors.ledger.clock import EventClock
from detectors.ledger.line_joiner import LineJoiner
from detectors.ledger.plain.joining import no_counts
from detectors.ledger.stage import Ledger
from detectors.messages.commissions import CommissionFact
from detectors.messages.outcomes import Outcome, SalesDay
from detectors.messages.seen import Seen
from detectors.scanning.lines import LineScanner
from tests.detectors.ledger.account_alerts import alerts_of
from tests.detectors.worlds import END, SETTINGS

SOURCE: Final = "events"

PLAIN: Final = structs.replace(
    SETTINGS,
    patterns=structs.replace(
        SETTINGS.patterns,
        **{
            pattern.name: structs.replace(pattern, enabled=False)
            for pattern in SETTINGS.patterns.on_sales()
            if pattern.key is not None
        },
    ),
)
"""Settings under which sales are kept in columns: nobody looks for them across accounts."""


class Told:
    """A ledger and its clock, and what it has told."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.outcomes = list[Outcome]()
        self.alerts = list[Alert]()
        self.days = dict[Day, SalesDay]()
        self.seen = dict[Day, list[Seen]]()
        self.commissions = list[CommissionFact]()
        self.touches = list[Touch]()
        self.rejected = 0
        self.counts = no_counts()
        self.clock = EventClock(SETTINGS.time, (SOURCE,))
        self.joiner = LineJoiner(ledger, self.clock)
        self.scanner = LineScanner(SETTINGS.limits, numbers=ledger.numbers)

    def in_blocks(self, events: Sequence[AnyEvent], sizes: Sequence[int]) -> "Told":
        start = number = 0
        while start < len(events):
            size = sizes[number % len(sizes)] if sizes else 1
            self.block(events[start : start + size])
            self.drain()
            start, number = start + size, number + 1
        self.ledger.advance(Seconds(END))
        self.drain()
        return self

    def one_by_one(self, events: Sequence[AnyEvent]) -> "Told":
        for event in events:
            self.alone(event)
            self.drain()
        self.ledger.advance(Seconds(END))
        self.drain()
        return self

    def block(self, events: Sequence[AnyEvent]) -> None:
        scanned = self.scanner.scan([msgspec.json.encode(event) for event in events])
        line = 0
        while line < len(events):
            self.ledger.advance(self.clock.watermark())
            joined = self.joiner.join(
                SOURCE, scanned, line, Seconds(inf), Seconds(inf), self.counts, events.__getitem__
            )
            line = joined.stopped
            if line < len(events):
                self.alone(events[line])
                line += 1

    def alone(self, event: AnyEvent) -> None:
        at = seconds_at(event.occurred_at)
        try:
            self.ledger.apply(event)
        except InvalidEvent:
            self.rejected += 1
        else:
            self.clock.observe(SOURCE, at, event.account_id)
            self.ledger.advance(self.clock.watermark())

    def drain(self) -> set[AccountId]:
        output = self.ledger.drain()
        self.outcomes += output.bundle.outcomes
        self.touches += output.touches
        self.alerts += alerts_of(output)
        assert not output.bundle.days.keys() & self.days.keys(), "a day was told twice"
        self.days |= output.bundle.days
        self.seen |= output.bundle.seen
        self.commissions += output.bundle.commissions
        return output.changed

    def everything(self) -> object:
        days = {
            day: (
                sorted(map(msgspec.json.encode, sales.made)),
                {
                    name: sorted(map(msgspec.json.encode, ended))
                    for name, ended in sales.ended.items()
                },
            )
            for day, sales in self.days.items()
        }
        return (
            sorted(map(msgspec.json.encode, self.outcomes)),
            sorted(map(msgspec.json.encode, self.alerts)),
            dict(sorted(days.items())),
            dict(sorted(self.seen.items())),
            sorted(map(msgspec.json.encode, self.commissions)),
            self.touches,
            self.ledger.matches.counts,
            self.rejected,
            len(self.ledger),
            sorted(self.ledger.accounts()),
        )
