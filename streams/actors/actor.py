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
    """What makes the present state durable, to be written in this order; None removes a key.

    The process may die at any point of it. What is ``prepared`` counts from the moment at which the
    ``head`` is written, all of it; what is ``settled`` after that repeats it in its place, or saves
    space.
    """

    prepared: Mapping[bytes, bytes]
    head: tuple[bytes, bytes]
    settled: Mapping[bytes, bytes | None]


class Actor(Protocol):
    """One partition of a stage.

    The host restores an actor, then gives it records in the order of each topic, and ticks. Before
    it commits the offsets of records it has given, it sends ``outputs``, waits until the broker has
    them, and then writes ``state``; it asks nothing else of the actor until that is written. A
    record that the restored state holds already is skipped.
    """

    def apply(self, record: Record) -> bool:
        """Take one record in; False if the state already holds it.

        Raises
        ------
        MissingRecords
            If records before it were passed over.
        msgspec.MsgspecError
            If a record of another stage cannot be read. Events never raise.
        """

    def reached(self, topic: Topic) -> int | None:
        """Give the offset after the last record of a topic, None before its first."""

    def tick(self, idle: Mapping[Topic, float]) -> bool:
        """Learn for how many seconds each input topic has had nothing left to read.

        True if that matters, and will only take effect once the state has been written: what the
        clock on the wall decides must be on record before it can be told to anyone.
        """

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
