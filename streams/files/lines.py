"""Lines of bytes that come in pieces of any size.

A byte order mark at the beginning of a line is no part of it: editors put one before a file, and
files are joined. Lines that end in CR alone, as those of old Macs, are lines too.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of a line that are kept; no event is ever that long."""

_MARK: Final = b"\xef\xbb\xbf"
_ENDED_BY_CR: Final = re.compile(rb"\}[ \t]*\r[^\n]")
_LONGEST_END: Final = 256
"""Bytes in which an end of a line is looked for: a brace, some spaces, CR."""

_PERHAPS_ENDED: Final = re.compile(rb"\}[ \t]*\r?\Z")


def lines_of(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines, many at a time, blank ones too, without their ends and marks.

    A line longer than `LONGEST_LINE` is cut there; the rest of it is read and dropped.
    """
    begun: list[bytes] = []
    kept = 0
    for piece in _with_line_feeds(iter(pieces)):
        first, *lines = piece.split(b"\n")
        if kept < LONGEST_LINE:
            begun.append(first[: LONGEST_LINE - kept])
            kept += len(begun[-1])
        if lines:
            last = lines.pop()
            whole = _without_mark(b"".join(begun))
            # The single byte first: it is found ten times as fast as three, and is rare.
            if _MARK[:1] in piece and _MARK in piece:
                lines = [_without_mark(line) for line in lines]
            yield [whole, *lines]
            begun, kept = [last], len(last)
    if kept:
        yield [_without_mark(b"".join(begun))]


def _without_mark(line: bytes) -> bytes:
    # Several in a row come of joined files of which one was empty.
    while line.startswith(_MARK):
        line = line[len(_MARK) :]
    return line


def _with_line_feeds(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces, with LF for CR if lines end so: if CR stands after an object, and LF never.

    Until the first line has ended, the end of a piece waits for what follows it.
    """
    held = b""
    for piece in pieces:
        begun = held + piece
        if b"\n" in begun:
            yield begun
            yield from pieces
            return
        if _ENDED_BY_CR.search(begun):
            for rest in chain([begun], pieces):
                yield rest.replace(b"\r", b"\n")
            return
        end = _PERHAPS_ENDED.search(begun, max(0, len(begun) - _LONGEST_END))
        held = b"" if end is None else end[0]
        yield begun[: len(begun) - len(held)]
    yield held
