"""What the stages ask of the broker."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.stages.actors.actor import Output
from streams.wire.topics import Topic

Entries = Mapping[bytes, bytes | None]
"""Records of a changelog by their key, in the order in which they were written; None removes."""


class Foreign(NamedTuple):
    """What was read in a changelog beside our own records.

    ``keys`` are keys of ours that others used, and ``first`` is where the first record was.
    ``newer``: records bear the seal of another release. ``unsealed`` is the version of a head that
    has no seal, "" without one: an earlier release wrote it, or what copied it left out headers.
    """

    number: int = 0
    keys: frozenset[bytes] = frozenset()
    first: str = ""
    newer: bool = False
    unsealed: str = ""


class Reading(NamedTuple):
    """The last value of every key written since an offset, and the offset after all of them.

    Only our own records count (`streams.stages.state.sieve`). ``complete`` is false if the
    changelog ended before that offset: it is another one.
    """

    entries: dict[bytes, bytes | None]
    end: int
    complete: bool = True
    foreign: Foreign = Foreign()


class Journal(Protocol):
    """Where the stages write, and read their state back."""

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        """Send records; each result is there when the broker has the record."""

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        """Write entries in their order, each under a seal, removals too.

        Return the offset after them once the broker has all.
        """

    async def read(self, topic: Topic, partition: int, since: int = 0) -> Reading:
        """Read a changelog from an offset to its end."""
