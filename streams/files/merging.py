"""Several files merged into the order of one, by the time of their events.

Every file has a clock, the newest event time read from it so far, and the next line is taken from
the file whose clock is lowest (from the earlier path if they are equal). So files split by type, by
period or line by line give what one file gives: if in one file an event comes no later than the
allowed lateness after a newer one, so it does in the merged order. Lines that are no events stay
with the line before them, whatever time they name. A time that half of the next events of its file
contradict, being earlier by more than the allowed lateness, moves no clock: a few wrong times hold
no file back.

Which of two sales came first is known as long as one file holds all of them: there its lines tell.
Of two files only the times tell, and those are what whoever sends a sale chooses.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import Sale
from detectors.limit_settings import Limits

MOST_LINES: Final = 2_048
MOST_BYTES: Final = 4 * 1024 * 1024
"""How much is held at once, whichever is reached first. A line may have `LONGEST_LINE` bytes: two
thousand of those would be more than most machines have."""

ASKED: Final = 20
"""Events of a file that are asked, by their times, whether the one before them can be right."""


class Origin(NamedTuple):
    """Where a line stands; lines count from 1."""

    path: str
    line: int


class Lines(Protocol):
    """Lines in their order, blank ones too, under a name that tells them from others."""

    @property
    def path(self) -> str:
        """Their name."""

    def lines(self) -> Iterator[list[bytes]]:
        """Yield them, many at a time."""


class Block(NamedTuple):
    """Some lines in the order in which they apply, without line breaks; some may be blank.

    ``origin`` gives the origin of the line at an index. ``as_arrived``: whether the sales until its
    end stand in the order in which they arrived.
    """

    lines: Sequence[bytes]
    origin: Callable[[int], Origin]
    as_arrived: bool = True


def blocks_of(file: Lines) -> Iterator[Block]:
    """Yield the lines of a file in its own order."""
    before = 0
    for lines in file.lines():
        yield Block(lines, partial(_consecutive_origin, file.path, before + 1))
        before += len(lines)


def merged_blocks(files: Sequence[Lines], limits: Limits, lateness: float) -> Iterator[Block]:
    """Yield the lines of several files by their time; `lateness` is the allowed one in seconds."""
    time_of = _TimeReader(limits)
    block: list[_TimedLine] = []
    size = 0
    with_sales: set[str] = set()
    as_arrived = True
    for timed in heapq.merge(*(_timed(file, time_of, lateness) for file in files), key=_clock):
        if timed.is_sale:
            with_sales.add(timed.origin.path)
        is_second = as_arrived and len(with_sales) > 1
        if block and (is_second or size >= MOST_BYTES or len(block) == MOST_LINES):
            yield _listed(block, as_arrived=as_arrived)
            block, size = [], 0
        as_arrived = as_arrived and not is_second
        block.append(timed)
        size += len(timed.line)
    if block:
        yield _listed(block, as_arrived=as_arrived)


def _consecutive_origin(path: str, first: int, index: int) -> Origin:
    return Origin(path, first + index)


class _TimedLine(NamedTuple):
    """A line and the clock of its file when it is applied."""

    clock: float
    line: bytes
    origin: Origin
    is_sale: bool


class _Read(NamedTuple):
    """A line, and of the event in it, if it holds one, the time and whether it is a sale."""

    line: bytes
    origin: Origin
    at: Seconds | None
    is_sale: bool


def _clock(timed: _TimedLine) -> float:
    return timed.clock


def _listed(block: Sequence[_TimedLine], *, as_arrived: bool) -> Block:
    return Block([timed.line for timed in block], partial(_listed_origin, block), as_arrived)


def _listed_origin(block: Sequence[_TimedLine], index: int) -> Origin:
    return block[index].origin


def _timed(file: Lines, time_of: "_TimeReader", lateness: float) -> Iterator[_TimedLine]:
    """Yield each line with the clock of its file, which never goes back."""
    clock = BEGINNING
    reads = _reads(file, time_of)
    waiting: deque[_Read] = deque()
    events = held = 0
    while True:
        while events <= ASKED and len(waiting) < MOST_LINES and held < MOST_BYTES:
            read = next(reads, None)
            if read is None:
                break
            waiting.append(read)
            events += read.at is not None
            held += len(read.line)
        if not waiting:
            return
        line, origin, at, is_sale = waiting.popleft()
        held -= len(line)
        if at is not None:
            events -= 1
            if at > clock and (at <= clock + lateness or not _contradict(waiting, at - lateness)):
                clock = at
        yield _TimedLine(clock, line, origin, is_sale)


def _reads(file: Lines, time_of: "_TimeReader") -> Iterator[_Read]:
    number = 0
    for lines in file.lines():
        for line in lines:
            number += 1
            yield _Read(line, Origin(file.path, number), *time_of(line))


def _contradict(following: Iterable[_Read], before: float) -> bool:
    """Return whether half of some events, and at least one, are earlier than a time."""
    times = [read.at for read in following if read.at is not None]
    return bool(times) and 2 * sum(at < before for at in times) >= len(times)


class _TimeReader:
    """Reads the time of an event, in seconds, and whether it is a sale.

    A line that is none has None, and moves no clock.
    """

    def __init__(self, limits: Limits) -> None:
        self._decode: Final = EventDecoder(limits).decode

    def __call__(self, line: bytes) -> tuple[Seconds | None, bool]:
        try:
            event = self._decode(line)
        except InvalidEvent:
            return None, False
        return seconds_at(event.occurred_at), isinstance(event, Sale)
