"""What the host asks of a stage: one actor for each partition of its input topics."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic

Headers = tuple[tuple[str, bytes], ...]


class Output(Struct, frozen=True):
    """A record to be produced; without a partition, the key decides it."""

    topic: Topic
    value: bytes
    key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()


class Capture(Struct, frozen=True):
    """The present state, as what must be written beside what was written before.

    Attributes
    ----------
    segment
        What is new since the capture before: pieces of any length, to be joined; none if nothing
        is. They may be made only while they are written, so that they need not all be there at
        once.
    rest
        The part of the state that is always written whole; some kilobytes at most.
    needed_from
        Number of the oldest segment still needed to restore the state together with this one.
    """

    segment: Iterable[bytes]
    rest: bytes
    needed_from: int


class Actor(Protocol):
    """One partition of a stage.

    The host restores an actor, then applies the records of each topic in their order, none twice,
    and ticks. Before it commits the offsets of applied records, it sends ``outputs``, waits
    until the broker has them, and then writes what ``capture`` gives. Between a capture and the
    moment at which it is written, it asks nothing else of the actor.
    """

    @property
    def is_full(self) -> bool:
        """Whether it holds enough that waits for another stage.

        The host then holds back its first input topic until it has caught up. What it waits for
        must not depend on that topic.
        """

    def complaints(self) -> Sequence[TopicComplaint]:
        """Return what is wrong with its input topics, if anything is.

        The worker is not ready while there is something.
        """

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Apply records of one topic; return those that are no messages of another stage.

        Events that cannot be applied are not among them: an actor writes their letters itself.
        """

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        """Move time on; `idle` is how many seconds each input topic has had nothing left to read.

        `now` is the time of the clock on the wall, in seconds since the epoch. True if either
        matters, and will only take effect once the state has been written: what the wall clock
        decides must be on record before anything is sent that follows from it.
        """

    def outputs(self) -> list[Output]:
        """Return what is to be produced since the last call."""

    def capture(self, number: int) -> Capture:
        """Return what must be written so that everything applied so far is durable.

        `number` is the one its segment will have; segments are numbered in the order in which they
        are written.
        """

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore a state into an actor that is still empty; `segments` oldest first.

        Raises
        ------
        IncompatibleSnapshot
            If it was written by another version or under other settings.
        """
