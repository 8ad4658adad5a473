"""What became of the records of a run."""

from collections import Counter
from datetime import UTC, datetime
from math import inf
from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Seconds, moment
from detectors.events.event import EVENT_TYPES, AnyEvent
from detectors.evidence.arrays import Reals
from detectors.ledger.plain.joining import NEWEST_OF_KIND
from detectors.reading.lenient import Repaired
from detectors.scanning.fields import SCANNED_TYPES
from streams.files.merging import Origin

EventKind = type[AnyEvent]

EVENT_KINDS: Final[tuple[EventKind, ...]] = tuple(EVENT_TYPES.values())

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class RecordCounts(Struct):
    """What became of every record.

    ``newest`` is the latest time of the events of each kind. ``decisions`` were read,
    ``decisions_after_until`` left out. ``late`` are events that came behind the watermark, and were
    accepted; ``leap`` says which line last moved time by more than a day. ``doubted`` are rejected
    records that tell of an account, whose use nobody knows then.
    """

    applied: Counter[EventKind] = field(default_factory=Counter)
    unchanged: Counter[EventKind] = field(default_factory=Counter)
    after_until: Counter[EventKind] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    refused_fields: Counter[str] = field(default_factory=Counter)
    repaired: Counter[Repaired] = field(default_factory=Counter)
    late: Counter[EventKind] = field(default_factory=Counter)
    doubted: int = 0
    leap: Origin | None = None
    decisions: int = 0
    decisions_after_until: int = 0
    newest: dict[EventKind, datetime] = field(default_factory=dict)

    def reach(self, kind: EventKind, at: datetime) -> None:
        """Note the time of an event."""
        if at > self.newest.get(kind, _LONG_AGO):
            self.newest[kind] = at

    def add(self, told: Reals) -> None:
        """Add counts of events by kind, as `Pipeline.join` tells them."""
        for kind, row in zip(SCANNED_TYPES.values(), told.tolist(), strict=True):
            for count, number in zip(
                (self.applied, self.unchanged, self.after_until), row, strict=False
            ):
                if number:
                    count[kind] += int(number)
            if row[NEWEST_OF_KIND] > -inf:
                self.reach(kind, moment(Seconds(row[NEWEST_OF_KIND])))

    def records(self) -> int:
        """Count all records."""
        counts = (self.applied, self.unchanged, self.after_until, self.rejected)
        decisions = self.decisions + self.decisions_after_until
        return sum(count.total() for count in counts) + decisions
