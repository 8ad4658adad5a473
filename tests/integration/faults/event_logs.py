"""What others do to the topics of events: transactions, retention, compaction, deletion."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from streams.wire.topics import Topic
from tests.integration.faults.accidents import change
from tests.integration.installation import Installation, WorkerProcess
from tests.streams.hostile_corpus import sale

_ALL: Final = -1
"""An offset after all records, for the broker."""


def sale_of(number: int, day: str = "2025-03-01") -> bytes:
    """Return the sale of an account of its own, made at noon."""
    return sale(
        account_id=f'"a-{number}"',
        sale_id=f'"s-{number}"',
        event_id=f'"e-{number}"',
        occurred_at=f'"{day}T12:00:00Z"',
    )


@contextmanager
def transactional(installation: Installation) -> Iterator[KafkaProducer]:
    """Yield a producer for transactions."""
    producer = KafkaProducer(
        bootstrap_servers=installation.bootstrap, transactional_id=str(uuid4()), linger_ms=0
    )
    producer.init_transactions()
    try:
        yield producer
    finally:
        producer.close()


def sell(producer: KafkaProducer, installation: Installation, number: int) -> None:
    """Send the sale of an account, and wait until it stands in the log."""
    key = f"a-{number}".encode()
    producer.send(installation.name(Topic.SALES), sale_of(number), key=key, partition=0).get(20)


@contextmanager
def administrator(installation: Installation) -> Iterator[KafkaAdminClient]:
    """Yield a client that may do anything."""
    client = KafkaAdminClient(bootstrap_servers=installation.bootstrap)
    try:
        yield client
    finally:
        client.close()


def delete_before(installation: Installation, topic: Topic, offset: int) -> None:
    """Delete what retention would, some day."""
    with administrator(installation) as client:
        client.delete_records({TopicPartition(installation.name(topic), 0): offset})


def empty(installation: Installation, topic: Topic) -> None:
    """Remove what stands in a compacted topic, as a reset by hand does."""
    change(installation, topic, cleanup_policy="delete")
    delete_before(installation, topic, _ALL)
    change(installation, topic, cleanup_policy="compact")


def applied(worker: WorkerProcess) -> float:
    """Return how many events a worker has applied."""
    return worker.sum_of("aboveboard_events_total", result="applied")


def lag(worker: WorkerProcess) -> float:
    return worker.sum_of("aboveboard_lag_records")
