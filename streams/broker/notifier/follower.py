"""Follows compacted topics from their beginning, and knows when it has read what was there."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.broker.access import CONNECT_MILLISECONDS, explained, require_topics
from streams.broker.batches.clients import guard_kafka_python
from streams.broker.security import BrokerSecurity

_POLL_MILLISECONDS: Final = 50


class Followed(NamedTuple):
    """A record: ``topic`` with its prefix, ``value`` None where its key was deleted."""

    topic: str
    key: bytes
    value: bytes | None
    partition: int
    offset: int

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Follower:
    """Reads topics until it is closed.

    Raises
    ------
    BrokerError
        The broker does not answer, or has no such topic.
    """

    def __init__(self, bootstrap: str, topics: Iterable[str], security: BrokerSecurity) -> None:
        self._bootstrap: Final = bootstrap
        counts = require_topics(bootstrap, *topics, security=security)
        partitions = [TopicPartition(t, n) for t, count in counts.items() for n in range(count)]
        self._ahead: Final = dict.fromkeys(partitions)
        self._ends: Final[dict[TopicPartition, int]] = {}
        with explained(bootstrap):
            self._consumer: Final = KafkaConsumer(
                bootstrap_servers=bootstrap.split(","),
                bootstrap_timeout_ms=CONNECT_MILLISECONDS,
                allow_auto_create_topics=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                enable_auto_commit=False,
                fetch_max_wait_ms=_POLL_MILLISECONDS,
                metrics_enabled=False,
                **security.for_kafka_python(),
            )
        guard_kafka_python(self._consumer)
        self._consumer.assign(partitions)

    @property
    def caught_up(self) -> bool:
        """Whether it has returned all that was there when it first heard of each partition."""
        return not self._ahead

    def poll(self) -> list[Followed]:
        """Return what has come, after a twentieth of a second at the latest.

        Raises
        ------
        BrokerError
            The broker refuses.
        """
        with explained(self._bootstrap):
            fetched = self._consumer.poll(timeout_ms=_POLL_MILLISECONDS)
            for partition in list(self._ahead):
                end = self._consumer.highwater(partition)
                if end is None:
                    continue
                if self._consumer.position(partition) >= self._ends.setdefault(partition, end):
                    del self._ahead[partition]
        return [
            Followed(one.topic, one.key or b"", one.value, one.partition, one.offset)
            for records in fetched.values()
            for one in records
        ]

    def close(self) -> None:
        """Leave the broker."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
