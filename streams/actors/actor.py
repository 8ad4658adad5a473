"""What the host asks of a stage: one actor for each partition of its input topics."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from streams.topic_catalogue import Topic

Headers = tuple[tuple[str, bytes], ...]


class Record(Struct, frozen=True):
    """A record of an input topic, as it was fetched."""

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Output(Struct, frozen=True):
    """A record to be produced; without a partition, the key decides it."""

    topic: Topic
    value: bytes
    key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()


class StateWrite(Struct, frozen=True):
    """What makes the present state durable, to be written in this order.

    ``updates`` may be half written when the process dies; ``head`` makes them count; ``removals``
    only save space, and must not be written before the head is.
    """

    updates: Mapping[bytes, bytes]
    head: tuple[bytes, bytes]
    removals: tuple[bytes, ...] = ()


class Actor(Protocol):
    """One partition of a stage.

    The host restores an actor, then gives it records in the order of each topic, and ticks. Before
    it commits the offsets of records it has given, it sends ``outputs``, waits until the broker has
    them, and then writes ``state``. A record that the restored state holds already is skipped.
    """

    def apply(self, record: Record) -> bool:
        """Take one record in; False if the state already holds it. Never raises for its bytes."""

    def tick(self, idle: Mapping[Topic, float]) -> None:
        """Learn for how many seconds each input topic has had nothing left to read."""

    def outputs(self) -> list[Output]:
        """Give what is to be produced since the last call."""

    def state(self) -> StateWrite:
        """Give what must be written so that everything applied so far is durable."""

    def restore(self, entries: Mapping[bytes, bytes]) -> None:
        """Take over the entries of the changelog, into an actor that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If they were written by another version or under other settings.
        """
