"""What an engine is told to do, and the counter by which it tells how far it is."""

import gc
import mmap
import struct
import sys
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec import Struct

_COUNT: Final = struct.Struct("<Q")


class Job(Struct, frozen=True, kw_only=True):
    """One run of one engine.

    Attributes
    ----------
    broker
        ``host:port``.
    sources
        The topics of events, by the names of the catalogue.
    alerts
        The topic to which alerts go.
    run
        A name for consumer groups and topics of its own. A run with the same name goes on where
        the one before it ended.
    folder
        Where it may keep files; it is there.
    progress
        The file with the counter of `Progress`.
    partitions
        Partitions of each topic of events.
    events
        How many events there are, for those that end by themselves.
    decode
        Whether a bare consumer decodes the events.
    """

    broker: str
    sources: dict[str, str]
    alerts: str
    run: str
    folder: str
    progress: str
    partitions: int
    events: int = 0
    decode: bool = True

    @classmethod
    def of_this_process(cls) -> Self:
        """Read the job from the command line; collect garbage as rarely as `detect` does."""
        gc.set_threshold(100_000, 20, 100)
        return msgspec.json.decode(sys.argv[1], type=cls)


class Progress:
    """A counter in a file that another process can read at any time, at no cost to this one."""

    def __init__(self, path: str | Path) -> None:
        with Path(path).open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _COUNT.size)

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, at zero."""
        path.write_bytes(_COUNT.pack(0))

    def add(self, number: int) -> None:
        """Count so many more events; called by one thread of one process."""
        _COUNT.pack_into(self._memory, 0, self.read() + number)

    def read(self) -> int:
        """Return the events counted so far."""
        (count,) = _COUNT.unpack_from(self._memory, 0)
        return int(count)
