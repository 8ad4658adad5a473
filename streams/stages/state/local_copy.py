"""A copy of a changelog beside the worker, so that a restart reads only what is new."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from streams.stages.state.journal import Entries
from streams.wire.topics import Topic


class Kept(NamedTuple):
    """What a copy holds: the changelog up to an offset."""

    entries: dict[bytes, bytes]
    end: int


class LocalCopy(Protocol):
    """The copy of one partition of a changelog. Only what the broker has comes into it."""

    def load(self) -> Kept:
        """Return all it holds."""

    def save(self, entries: Entries, end: int) -> None:
        """Save entries, up to an offset, all at once or not at all."""

    def clear(self) -> None:
        """Forget everything: it was the copy of another changelog."""

    def close(self) -> None:
        """Close it, so that another process can open it."""


OpenCopy = Callable[[Topic, int], LocalCopy]
"""Opens the copy of one partition of a changelog topic."""


class NoCopy:
    """Holds nothing: a restart reads the whole changelog."""

    def load(self) -> Kept:
        """Return nothing."""
        return Kept({}, 0)

    def save(self, entries: Entries, end: int) -> None:
        """Do nothing."""

    def clear(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def without_copy(topic: Topic, partition: int) -> LocalCopy:
    """Open nothing: the memory store."""
    del topic, partition
    return NoCopy()
