"""Events in files: their lines, in blocks, in one order.

A path is a file of JSON lines, plain or packed with gzip or zstd, or ``-`` for stdin. What packed
it is told by its first bytes. Blank lines are skipped.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, Self

from detectors.basis.durations import seconds_of
from detectors.settings import Settings
from streams.errors import InvalidInput
from streams.files.lines import LONGEST_LINE
from streams.files.merging import Block, Origin, blocks_of, merged_blocks
from streams.files.open_file import STDIN, OpenFile, opened

__all__ = ("LONGEST_LINE", "STDIN", "Block", "EventFiles", "Origin")


class EventFiles:
    """The lines of several files in one order; a context manager that opens and closes them.

    Parameters
    ----------
    paths
        At least one; ``-`` at most once.
    settings
        Which times are credible, and the allowed lateness.

    Raises
    ------
    InvalidInput, OSError
        If a path cannot be opened (before anything is read), or is of no use: damaged, or of a kind
        that cannot be read.
    """

    def __init__(self, paths: Sequence[str], settings: Settings) -> None:
        if list(paths).count(STDIN) > 1:
            raise InvalidInput("`-` stands twice among the paths; stdin can be read only once")
        if STDIN in paths and sys.stdin is None:
            raise InvalidInput("`-` stands among the paths, and stdin is closed")
        self._paths: Final = tuple(paths)
        self._limits: Final = settings.limits
        self._lateness: Final = seconds_of(settings.time.allowed_lateness)
        self._stack = ExitStack()
        self._files: list[OpenFile] = []

    def __enter__(self) -> Self:
        """Open every path."""
        with ExitStack() as stack:
            self._files = [stack.enter_context(opened(path)) for path in self._paths]
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

    def holes(self) -> list[str]:
        """Return what is missing of the files, as far as they have been read."""
        return [file.hole for file in self._files if file.hole is not None]

    def beginnings(self) -> Mapping[str, bytes]:
        """Return the first bytes of every file, unpacked, as far as they have been read."""
        return {file.path: file.beginning for file in self._files}

    def blocks(self) -> Iterator[Block]:
        """Return all lines; call it once."""
        if len(self._files) == 1:
            return blocks_of(self._files[0])
        return merged_blocks(self._files, self._limits, self._lateness)
