"""What the stages ask of the broker."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.stages.actors.actor import Output
from streams.wire.topics import Topic

Entries = Mapping[bytes, bytes | None]
"""Records of a changelog by their key, in the order in which they were written; None removes."""


class Reading(NamedTuple):
    """The last value of every key written since an offset, and the offset after all of them.

    ``complete`` is false if the changelog ended before that offset: it is another one.
    """

    entries: dict[bytes, bytes | None]
    end: int
    complete: bool = True


class Journal(Protocol):
    """Where the stages write, and read their state back."""

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        """Send records; each result is there when the broker has the record."""

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        """Write entries in their order; return the offset after them once the broker has all."""

    async def read(self, topic: Topic, partition: int, since: int = 0) -> Reading:
        """Read a changelog from an offset to its end."""
