"""Several files merged into the order of one, by the time of their events.

Every file has a clock, the newest event time read from it so far, and the next line is taken from
the file whose clock is lowest (from the earlier path if they are equal). So files split by type, by
period or line by line give what one file gives: if in one file an event comes no later than the
allowed lateness after a newer one, so it does in the merged order. Lines that are no events stay
with the line before them, whatever time they name. A time further ahead than the largest jump moves
a clock only as far as the next event of that file confirms it: one wrong time holds no file back.

Which of two sales came first is known as long as one file holds all of them: there its lines tell.
Of two files only the times tell, and those are what whoever sends a sale chooses.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import Sale
from detectors.settings import Limits
from streams.files.open_file import OpenFile

MOST_LINES: Final = 2_048
MOST_BYTES: Final = 4 * 1024 * 1024
"""How much is held at once, whichever is reached first. A line may have `LONGEST_LINE` bytes: two
thousand of those would be more than most machines have."""


class Origin(NamedTuple):
    """Where a line stands; lines count from 1."""

    path: str
    line: int


class Block(NamedTuple):
    """Some lines in the order in which they apply, without line breaks; some may be blank.

    ``origin`` gives the origin of the line at an index. ``as_arrived``: whether the sales until its
    end stand in the order in which they arrived.
    """

    lines: Sequence[bytes]
    origin: Callable[[int], Origin]
    as_arrived: bool = True


def blocks_of(file: OpenFile) -> Iterator[Block]:
    """Yield the lines of a file in its own order."""
    before = 0
    for lines in file.lines():
        yield Block(lines, partial(_consecutive_origin, file.path, before + 1))
        before += len(lines)


def merged_blocks(files: Sequence[OpenFile], limits: Limits, jump: float) -> Iterator[Block]:
    """Yield the lines of several files by their time; `jump` is the largest jump in seconds."""
    time_of = _TimeReader(limits)
    block: list[_TimedLine] = []
    size = 0
    with_sales: set[str] = set()
    as_arrived = True
    for timed in heapq.merge(*(_timed(file, time_of, jump) for file in files), key=_clock):
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


def _clock(timed: _TimedLine) -> float:
    return timed.clock


def _listed(block: Sequence[_TimedLine], *, as_arrived: bool) -> Block:
    return Block([timed.line for timed in block], partial(_listed_origin, block), as_arrived)


def _listed_origin(block: Sequence[_TimedLine], index: int) -> Origin:
    return block[index].origin


def _timed(file: OpenFile, time_of: "_TimeReader", jump: float) -> Iterator[_TimedLine]:
    """Yield each line with the clock of its file, which never goes back."""
    clock = BEGINNING
    leap = BEGINNING
    waiting: list[tuple[bytes, Origin, bool]] = []
    held = number = 0
    for lines in file.lines():
        for line in lines:
            number += 1
            origin = Origin(file.path, number)
            at, is_sale = time_of(line)
            is_full = len(waiting) >= MOST_LINES or held >= MOST_BYTES
            if waiting and (at is not None or is_full):
                clock = max(clock, leap if at is None else min(leap, at))
                yield from (_TimedLine(clock, *late) for late in waiting)
                waiting, held = [], 0
            if waiting or (at is not None and at > clock + jump):
                leap = leap if at is None else at
                waiting.append((line, origin, is_sale))
                held += len(line)
            else:
                clock = clock if at is None else max(clock, at)
                yield _TimedLine(clock, line, origin, is_sale)
    yield from (_TimedLine(max(clock, leap), *late) for late in waiting)


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
