"""Follows whole topics, from their beginnings or from a place, for services outside the workers."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

from streams.broker.access import connection, explained, require_topics
from streams.broker.batches.clients import guard_kafka_python
from streams.broker.batches.needed import require_codecs
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerError
from streams.wire.topics import Topic, topic_name

_LOOK_SECONDS: Final = 5.0
"""How often the ends of the topics are asked for; a broker that does not answer is noticed so."""

_LOOK_SECONDS_BEHIND: Final = 0.5
"""The same as long as there is something left to read."""

_ANSWER_MILLISECONDS: Final = 5_000

_RECORDS_AT_ONCE: Final = 5_000
"""Who has other things to do between two looks is to read a long topic in a few of them."""

_log: Final = logging.getLogger("aboveboard.follower")


class Followed(NamedTuple):
    """A record: ``topic`` with its prefix, ``value`` None where its key was deleted.

    ``timestamp``: milliseconds since 1970.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Follower:
    """Reads every committed record of some topics, and knows how far behind it is.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    topics
        What is read, by name without prefix.
    group
        In which it notes what it has read for good (`note`); nobody is a member of it. None: it
        notes nothing.
    start
        The offsets to read from, by partition of every topic; all else is read from its beginning.

    Raises
    ------
    BrokerError
        The broker does not answer, or lacks a topic.
    MissingCodec
        A package that decompresses batches cannot be imported.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        topics: Iterable[Topic],
        group: str | None = None,
        *,
        start: Mapping[int, int] | None = None,
    ) -> None:
        require_codecs()
        self._bootstrap: Final = bootstrap
        self._topics: Final = {topic_name(prefix, topic): topic for topic in topics}
        counts = require_topics(bootstrap, *self._topics, security=security)
        self._partitions: Final = [
            TopicPartition(name, number) for name in self._topics for number in range(counts[name])
        ]
        with explained(bootstrap):
            self._consumer: Final = KafkaConsumer(
                allow_auto_create_topics=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                enable_auto_commit=False,
                group_id=group,
                fetch_max_wait_ms=100,
                max_poll_records=_RECORDS_AT_ONCE,
                metrics_enabled=False,
                **connection(bootstrap, security),
            )
        guard_kafka_python(self._consumer)
        self._consumer.assign(self._partitions)
        # Not where the group had noted to be: what was read before is kept nowhere.
        self._consumer.seek_to_beginning(*self._partitions)
        for partition in self._partitions:
            if start is not None and partition.partition in start:
                self._consumer.seek(partition, start[partition.partition])
        self._first_ends: Final[dict[TopicPartition, int]] = {}
        self._unread: Final = set(self._partitions)
        self._ends: Mapping[TopicPartition, int] = {}
        self._lag: int | None = None
        self._looked_at = float("-inf")
        self._answered_at = time.monotonic()

    def __enter__(self) -> Self:
        """Return itself; the consumer is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the consumer."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)

    @property
    def caught_up(self) -> bool:
        """Whether it has returned all that was there when it first heard of each partition."""
        return not self._unread

    def records(self, milliseconds: int) -> list[tuple[Topic, Followed]]:
        """Return what has come, those of a partition in their order; wait for it so long.

        Raises
        ------
        BrokerError
            The broker refuses, and trying again would not help.
        """
        try:
            with explained(self._bootstrap):
                fetched = self._consumer.poll(timeout_ms=milliseconds)
        except BrokerError as error:
            if getattr(error.__cause__, "retriable", False):
                return []  # a broker that is away is noticed by what it does not answer
            raise
        with suppress(KafkaTimeoutError):
            self._note_read()
        return [
            (
                self._topics[one.topic],
                Followed(
                    one.topic,
                    one.partition,
                    one.offset,
                    one.timestamp,
                    one.key,
                    one.value,
                    one.headers,
                ),
            )
            for records in fetched.values()
            for one in records
        ]

    def lag(self) -> int | None:
        """Return how many offsets lie ahead; None until the broker has said so once."""
        try:
            now = time.monotonic()
            wait = _LOOK_SECONDS if self._lag == 0 else _LOOK_SECONDS_BEHIND
            if now - self._looked_at > wait:
                self._ends = self._consumer.end_offsets(self._partitions, _ANSWER_MILLISECONDS)
                self._looked_at = self._answered_at = now
            if self._ends:
                self._lag = sum(self._behind(partition) for partition in self._partitions)
        except KafkaError as error:
            _log.debug("the broker does not answer: %s", error)
        return self._lag

    def silent_seconds(self) -> float:
        """Return for how long the broker has not answered."""
        return time.monotonic() - self._answered_at

    def noted(self, topic: Topic) -> dict[int, int]:
        """Return the next offsets that were noted, by partition.

        Raises
        ------
        BrokerError
            The broker does not answer.
        """
        with explained(self._bootstrap):
            found = {
                partition.partition: self._consumer.committed(partition)
                for partition in self._partitions
                if self._topics[partition.topic] is topic
            }
        return {number: offset for number, offset in found.items() if offset is not None}

    def note(self, topic: Topic, partition: int, next_offset: int) -> None:
        """Note in the group that everything before an offset was read for good.

        Raises
        ------
        BrokerError
            The broker does not answer.
        """
        (name,) = (name for name, known in self._topics.items() if known is topic)
        place = TopicPartition(name, partition)
        with explained(self._bootstrap):
            self._consumer.commit({place: OffsetAndMetadata(next_offset, "", -1)})

    def _note_read(self) -> None:
        for partition in list(self._unread):
            end = self._consumer.highwater(partition)
            if end is None:
                continue
            at = self._consumer.position(partition, _ANSWER_MILLISECONDS)
            if at >= self._first_ends.setdefault(partition, end):
                self._unread.remove(partition)

    def _behind(self, partition: TopicPartition) -> int:
        end = self._ends[partition]
        return max(0, end - self._consumer.position(partition, _ANSWER_MILLISECONDS)) if end else 0
