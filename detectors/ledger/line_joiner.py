"""Lines joined with a ledger, and its clock moved with them."""

from collections.abc import Callable
from typing import Final

from detectors.basis.event_time import Seconds
from detectors.events.event import AnyEvent
from detectors.evidence.arrays import Reals
from detectors.ledger.clock import EventClock
from detectors.ledger.plain.joined import Joined, Times
from detectors.ledger.plain.joining import APPLIED, UNCHANGED
from detectors.ledger.stage import Ledger
from detectors.scanning.lines import ScannedLines

EventOf = Callable[[int], AnyEvent]
"""Gives the event in the line of a number."""


class LineJoiner:
    """Joins the lines of any source of a partition, as far as they can be joined at once."""

    def __init__(self, ledger: Ledger, clock: EventClock) -> None:
        self._ledger: Final = ledger
        self._clock: Final = clock

    def join(
        self,
        source: str,
        scanned: ScannedLines,
        first: int,
        others: Seconds,
        until: Seconds,
        told: Reals,
        event_of: EventOf,
    ) -> Joined:
        """Join lines from the one at `first` on, as the ledger would merge their events.

        It stops at a line whose event has to be merged alone. The watermark goes no further than
        the time up to which all `others` are complete; events after `until` are left out.
        `told`, shape (kinds of events, 4), counts events by what became of them
        (`detectors.ledger.plain.joining.APPLIED`); its last column is their newest time.
        """
        ledger, clock = self._ledger, self._clock
        times = Times(ledger.watermark, others, until)
        joined = ledger.join(scanned, first, times, clock.of(source), told)
        for line, watermark in joined.later:
            changed = ledger.merge_later(event_of(line), watermark)
            told[scanned.kinds[line], APPLIED if changed else UNCHANGED] += 1
        ledger.advance(joined.watermark)
        return joined
