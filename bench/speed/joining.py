"""Lines joined with a ledger, as a host joins them."""

from collections.abc import Callable, Sequence
from math import inf

from detectors.basis.event_time import Seconds, seconds_at
from detectors.events.event import AnyEvent
from detectors.ledger.clock import EventClock
from detectors.ledger.line_joiner import LineJoiner
from detectors.ledger.plain.joining import no_counts
from detectors.ledger.stage import Ledger
from detectors.scanning.lines import ScannedLines

SOURCE = "events"
_NEVER = Seconds(inf)


def join_all(
    ledger: Ledger,
    clock: EventClock,
    scanned: ScannedLines,
    lines: Sequence[bytes],
    decode: Callable[[bytes], AnyEvent],
) -> None:
    """Join all lines of the only source; all must be events."""

    def event_of(line: int) -> AnyEvent:
        return decode(lines[line])

    joiner, told = LineJoiner(ledger, clock), no_counts()
    line = 0
    while line < len(scanned.kinds):
        line = joiner.join(SOURCE, scanned, line, _NEVER, _NEVER, told, event_of).stopped
        if line < len(scanned.kinds):
            event = event_of(line)
            ledger.apply(event)
            clock.observe(SOURCE, seconds_at(event.occurred_at), event.account_id)
            ledger.advance(clock.watermark())
            line += 1
