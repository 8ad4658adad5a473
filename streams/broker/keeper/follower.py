"""Follows whole topics from their beginnings, for services that keep nothing of their own."""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Final, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from streams.broker.access import CONNECT_MILLISECONDS, explained, require_topics
from streams.broker.batches.clients import guard_kafka_python
from streams.broker.batches.needed import require_codecs
from streams.broker.security import BrokerSecurity
from streams.wire.topics import Topic, topic_name

_LOOK_SECONDS: Final = 5.0
"""How often the ends of the topics are asked for; a broker that does not answer is noticed so."""

_LOOK_SECONDS_BEHIND: Final = 0.5
"""The same as long as there is something left to read."""

_ANSWER_MILLISECONDS: Final = 5_000

_log: Final = logging.getLogger("aboveboard.follower")


class Follower:
    """Reads every committed record of some topics, and knows how far behind it is.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    topics
        What is read, by name without prefix.
    group
        In which it notes what it has read for good (`note`); nobody is a member of it.

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
        group: str,
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
                bootstrap_servers=bootstrap.split(","),
                bootstrap_timeout_ms=CONNECT_MILLISECONDS,
                allow_auto_create_topics=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                enable_auto_commit=False,
                group_id=group,
                fetch_max_wait_ms=100,
                metrics_enabled=False,
                **security.for_kafka_python(),
            )
        guard_kafka_python(self._consumer)
        self._consumer.assign(self._partitions)
        # Not where the group had noted to be: what was read before is kept nowhere.
        self._consumer.seek_to_beginning(*self._partitions)
        self._ends: Mapping[TopicPartition, int] = {}
        self._lag: int | None = None
        self._looked_at = float("-inf")
        self._answered_at = time.monotonic()

    def __enter__(self) -> Self:
        """Return itself; the consumer is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the consumer."""
        self._consumer.close(autocommit=False)

    def records(self, milliseconds: int) -> list[tuple[Topic, ConsumerRecord]]:
        """Return what has come, those of a partition in their order; wait for it so long."""
        try:
            fetched = self._consumer.poll(timeout_ms=milliseconds)
        except KafkaError:
            return []  # a broker that is away is noticed by what it does not answer
        return [
            (self._topics[partition.topic], record)
            for partition, records in fetched.items()
            for record in records
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

    def _behind(self, partition: TopicPartition) -> int:
        end = self._ends[partition]
        return max(0, end - self._consumer.position(partition, _ANSWER_MILLISECONDS)) if end else 0
