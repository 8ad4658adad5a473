"""Reads a topic from its beginning: to the end it has now, or for as long as someone wants.

Reading needs no consumer group: every reader sees every committed record, and leaves no trace. The
end of a partition is the high watermark that came with its first fetch, since the offsets that
brokers give on request are not right everywhere (`streams.demo.embedded_broker`). Where another
program has a transaction open, reading ends before it.
"""

import time
from collections.abc import Callable, Generator, Iterable
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from streams.broker.access import connection, explained, require_topics
from streams.broker.batches.clients import guard_kafka_python
from streams.broker.batches.needed import require_codecs
from streams.broker.security import OPEN, BrokerSecurity
from streams.errors import BrokerError

PATIENCE_SECONDS: Final = 15.0
"""How long a broker may bring nothing, before the end, until it counts as silent."""

_POLL_MILLISECONDS: Final = 100
_POLL_MILLISECONDS_TO_THE_END: Final = 10
"""The same where nothing is waited for: of a topic without records this is the cost."""

_UNTIL_ASKED: Final = 2.0
"""Seconds without progress after which the broker is asked whether a transaction is open."""


def read_topic(
    bootstrap: str,
    topic: str,
    *,
    until: Callable[[], bool] | None = None,
    patience: float = PATIENCE_SECONDS,
    security: BrokerSecurity = OPEN,
    aborted: bool = False,
) -> Generator[ConsumerRecord, None, None]:
    """Yield every record, those of one partition in their order, of different ones in no order.

    A batch that cannot be unpacked is passed over, and the log says which offsets it had.

    Parameters
    ----------
    topic
        The whole name, with the prefix.
    until
        None: end where the topic ended when reading began. Otherwise follow the topic until this
        is true. It is asked at least every 0.1 s, in the reading thread, and may be set by another
        one: ``threading.Event().is_set``.
    patience
        Seconds of waiting for the broker without progress, before the end, after which it counts
        as silent. Time that the caller takes between two records does not count.
    security
        TLS and user for the broker.
    aborted
        Yield the records of open and aborted transactions too: their bytes stand there all the
        same.

    Raises
    ------
    BrokerError
        The broker does not answer, falls silent before the end, or has no such topic.
    MissingCodec
        A package that decompresses batches cannot be imported.
    """
    require_codecs()
    count = require_topics(bootstrap, topic, security=security)[topic]
    partitions = [TopicPartition(topic, number) for number in range(count)]
    wait = _POLL_MILLISECONDS_TO_THE_END if until is None else _POLL_MILLISECONDS
    with explained(bootstrap):
        consumer = KafkaConsumer(
            allow_auto_create_topics=False,
            auto_offset_reset="earliest",
            isolation_level="read_uncommitted" if aborted else "read_committed",
            enable_auto_commit=False,
            fetch_max_wait_ms=wait,
            metrics_enabled=False,
            **connection(bootstrap, security),
        )
    try:
        guard_kafka_python(consumer)
        consumer.assign(partitions)
        end = _End(consumer, partitions)
        waited = 0.0
        while not (end.reached() if until is None else until()):
            begun = time.monotonic()
            with explained(bootstrap):
                fetched = consumer.poll(timeout_ms=wait)
            if until is None:
                waited = 0.0 if end.progress() else waited + time.monotonic() - begun
                if waited > _UNTIL_ASKED:
                    with explained(bootstrap):
                        end.leave_open_transactions()
                if waited > patience:
                    raise BrokerError(
                        f"the Kafka broker at {bootstrap} has not answered for {patience:g} s. See "
                        "whether it still runs, then try again"
                    )
            for records in fetched.values():
                yield from records
    finally:
        consumer.close()


class _End:
    """Whether a consumer has read all that was there when it began."""

    def __init__(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        self._consumer: Final = consumer
        self._unread: Final = set(partitions)
        self._ends: Final[dict[TopicPartition, int]] = {}
        self._positions: dict[TopicPartition, int] = {}

    def progress(self) -> bool:
        """Update the positions; return whether one has moved since the last update."""
        positions = {}
        for partition in list(self._unread):
            end = self._consumer.highwater(partition)
            if end is None:
                continue
            positions[partition] = self._consumer.position(partition)
            if positions[partition] >= self._ends.setdefault(partition, end):
                self._unread.discard(partition)
        moved = positions != self._positions
        self._positions = positions
        return moved

    def leave_open_transactions(self) -> None:
        """Take a partition for read that cannot be read further, as the broker says."""
        # Asked for only where nothing comes any more: this end may be too early on a broker that
        # has no transactions, and then it is still delivering.
        for partition, end in self._consumer.end_offsets(list(self._unread)).items():
            if self._positions.get(partition, -1) >= end:
                self._unread.discard(partition)

    def reached(self) -> bool:
        """Return whether the end was reached at the last update."""
        return not self._unread
