"""One open file of events: its lines, what it begins with, and what is missing of it."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from streams.errors import InvalidInput
from streams.files.lines import lines_of
from streams.files.unpacking import unpacked
from streams.wire.recognising import BEGINNING, recognise

STDIN: Final = "-"


class OpenFile:
    """An open path. ``beginning`` holds its first bytes, unpacked, once they have been read.

    ``hole`` says what is missing of it, None as long as nothing is known to be.
    """

    def __init__(self, path: str, raw: IO[bytes]) -> None:
        self.path: Final = path
        self.beginning = b""
        self.hole: str | None = None
        self._raw: Final = raw

    def size(self) -> int | None:
        """Return how many bytes there are to read (packed ones, where packed), None if unknown."""
        status = os.fstat(self._raw.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def position(self) -> int:
        """Return how many of them have been read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def lines(self) -> Iterator[list[bytes]]:
        """Yield the lines, many at a time, blank ones too.

        Raises
        ------
        InvalidInput
            If it is of a kind that holds no lines at all, or is damaged.
        """
        try:
            yield from lines_of(self._watched(unpacked(self._read, self._report)))
        except InvalidInput as error:
            raise InvalidInput(f"{self.path}: {error}") from None

    def _watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces; keep the beginning, and look at it before anything of it is applied."""
        looked = False
        for piece in pieces:
            if not looked:
                self.beginning += piece[: BEGINNING - len(self.beginning)]
                looked = len(self.beginning) == BEGINNING
                kind = recognise(self.beginning)
                if kind is not None and kind.is_certain:
                    raise InvalidInput(kind.sentence)
            yield piece

    def _report(self, hole: str) -> None:
        self.hole = f"{self.path}: {hole}; what stands before was read, and the rest was not"

    def _read(self, size: int) -> bytes:
        try:
            return self._raw.read(size)
        except OSError as error:
            error.filename = self.path
            raise


@contextmanager
def opened(path: str) -> Iterator[OpenFile]:
    """Open a path, ``-`` for stdin, and close it at the end."""
    if path == STDIN:
        yield OpenFile(path, sys.stdin.buffer)
        return
    with Path(path).open("rb") as raw:
        yield OpenFile(path, raw)
