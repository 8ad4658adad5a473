"""Events in files: lines in blocks, several files merged into the order of one.

A path is a file of JSON lines, one packed with gzip if its name ends in ``.gz``, or ``-`` for
stdin. Blank lines are skipped. A line longer than `LONGEST_LINE` is cut there: its first bytes are
given, the rest is read and dropped; no event is ever that long.

**Merging.** Every file has a clock, the newest event time read from it so far, and the next line is
taken from the file whose clock is lowest (from the earlier path if they are equal). So files split
by type, by period or line by line give what one file gives: if in one file an event comes no later
than the allowed lateness after a newer one, so it does in the merged order. Lines that are no
events stay with the line before them, whatever time they name. A time further ahead than the
largest jump moves a clock only as far as the next event of that file confirms it: one wrong time
holds no file back.
"""

import gzip
import heapq
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Final, NamedTuple, Self

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.settings import Limits, Settings
from streams.errors import InvalidInput

STDIN: Final = "-"

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of a line that are kept."""

_CHUNK: Final = 256 * 1024
_BLOCK: Final = 2_048


class Origin(NamedTuple):
    """Where a line stands; lines count from 1."""

    path: str
    line: int


class Block(NamedTuple):
    """Some lines in the order in which they apply, without line breaks; some may be blank."""

    lines: Sequence[bytes]
    origin: Callable[[int], Origin]
    """Gives the origin of the line at an index."""


class EventFiles:
    """The lines of several files in one order; a context manager that opens and closes them.

    Parameters
    ----------
    paths
        At least one; ``-`` at most once.
    settings
        Which times are credible, and the largest jump.

    Raises
    ------
    InvalidInput, OSError
        If a path cannot be opened (before anything is read), or not be read to its end.
    """

    def __init__(self, paths: Sequence[str], settings: Settings) -> None:
        if list(paths).count(STDIN) > 1:
            raise InvalidInput("`-` stands twice among the paths; stdin can be read only once")
        self._paths: Final = tuple(paths)
        self._limits: Final = settings.limits
        self._jump: Final = seconds_of(settings.time.largest_jump)
        self._stack = ExitStack()
        self._files: list[_OpenFile] = []

    def __enter__(self) -> Self:
        """Open every path."""
        with ExitStack() as stack:
            self._files = [stack.enter_context(_opened(path)) for path in self._paths]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every file."""
        self._stack.close()

    def size(self) -> int | None:
        """Return the bytes there are to read (packed ones, where packed), or None if unknown."""
        sizes = [file.size() for file in self._files]
        return None if None in sizes else sum(size or 0 for size in sizes)

    def position(self) -> int:
        """Return how many of the bytes have been read."""
        return sum(file.position() for file in self._files)

    def blocks(self) -> Iterator[Block]:
        """Return all lines; call it once."""
        if len(self._files) == 1:
            return _blocks_of(self._files[0])
        return _merged_blocks(self._files, _TimeReader(self._limits), self._jump)


class _OpenFile:
    """An open path: `raw` are its own bytes, `stream` those of its lines."""

    def __init__(self, path: str, raw: IO[bytes], stream: IO[bytes] | gzip.GzipFile) -> None:
        self.path: Final = path
        self._raw: Final = raw
        self._stream: Final = stream

    def size(self) -> int | None:
        status = os.fstat(self._raw.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def position(self) -> int:
        return self._raw.tell() if self._raw.seekable() else 0

    def chunks(self) -> Iterator[list[bytes]]:
        """Yield the lines, many at a time, blank ones too."""
        pieces: list[bytes] = []
        kept = 0
        while chunk := self._read():
            first, *lines = chunk.split(b"\n")
            if kept < LONGEST_LINE:
                pieces.append(first[: LONGEST_LINE - kept])
                kept += len(pieces[-1])
            if lines:
                last = lines.pop()
                yield [b"".join(pieces), *lines]
                pieces, kept = [last], len(last)
        if kept:
            yield [b"".join(pieces)]

    def _read(self) -> bytes:
        try:
            return self._stream.read(_CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InvalidInput(
                f"{self.path}: not a whole gzip file ({error}); get a fresh copy of it, or take "
                "`.gz` off its name if it is not packed"
            ) from None
        except OSError as error:
            error.filename = self.path
            raise


@contextmanager
def _opened(path: str) -> Iterator[_OpenFile]:
    if path == STDIN:
        yield _OpenFile(path, sys.stdin.buffer, sys.stdin.buffer)
        return
    with Path(path).open("rb") as raw:
        if not path.endswith(".gz"):
            yield _OpenFile(path, raw, raw)
            return
        with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
            yield _OpenFile(path, raw, unpacked)


def _blocks_of(file: _OpenFile) -> Iterator[Block]:
    before = 0
    for lines in file.chunks():
        yield Block(lines, partial(_consecutive_origin, file.path, before + 1))
        before += len(lines)


def _consecutive_origin(path: str, first: int, index: int) -> Origin:
    return Origin(path, first + index)


class _TimedLine(NamedTuple):
    """A line and the clock of its file when it is applied."""

    clock: float
    line: bytes
    origin: Origin


def _merged_blocks(
    files: Sequence[_OpenFile], time_of: "_TimeReader", jump: float
) -> Iterator[Block]:
    merged = heapq.merge(*(_timed(file, time_of, jump) for file in files), key=_clock)
    while block := list(islice(merged, _BLOCK)):
        yield Block([timed.line for timed in block], partial(_listed_origin, block))


def _clock(timed: _TimedLine) -> float:
    return timed.clock


def _listed_origin(block: Sequence[_TimedLine], index: int) -> Origin:
    return block[index].origin


def _timed(file: _OpenFile, time_of: "_TimeReader", jump: float) -> Iterator[_TimedLine]:
    """Yield each line with the clock of its file, which never goes back."""
    clock = BEGINNING
    leap = BEGINNING
    waiting: list[tuple[bytes, Origin]] = []
    number = 0
    for lines in file.chunks():
        for line in lines:
            number += 1
            origin = Origin(file.path, number)
            at = time_of(line)
            if waiting and (at is not None or len(waiting) >= _BLOCK):
                clock = max(clock, leap if at is None else min(leap, at))
                yield from (_TimedLine(clock, *late) for late in waiting)
                waiting = []
            if at is not None and at > clock + jump:
                leap = at
                waiting.append((line, origin))
            elif waiting:
                waiting.append((line, origin))
            else:
                clock = clock if at is None else max(clock, at)
                yield _TimedLine(clock, line, origin)
    yield from (_TimedLine(max(clock, leap), *late) for late in waiting)


class _TimeReader:
    """Reads the time of an event, in seconds; a line that is none has None, and moves no clock."""

    def __init__(self, limits: Limits) -> None:
        self._decode: Final = EventDecoder(limits).decode

    def __call__(self, line: bytes) -> Seconds | None:
        try:
            return seconds_at(self._decode(line).occurred_at)
        except InvalidEvent:
            return None
