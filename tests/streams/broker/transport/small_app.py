"""A small Faust application on the transport, for tests: it keeps what it is given."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import faust
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from streams.broker.transport.batch import FetchedBatch
from streams.broker.transport.consumer import BatchConsumer
from streams.broker.transport.schema import batch_topic

PARTITIONS: Final = 2
PATIENCE: Final = 120.0


Work = Callable[[FetchedBatch], Awaitable[None]]


class SmallApp:
    """One stage that calls `work` for every batch."""

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topic: str,
        folder: Path,
        work: Work,
        *other_topics: str,
        **settings: Any,  # noqa: ANN401 - Faust's settings
    ) -> None:
        self.app: Final = faust.App(
            group,
            broker=[f"aboveboard://{bootstrap}"],
            store="memory://",
            table_standby_replicas=1,
            datadir=folder,
            web_enabled=False,
            topic_disable_leader=True,
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            **{"broker_session_timeout": 2, "broker_heartbeat_interval": 0.5, **settings},
        )
        self.assigned: list[set[Any]] = []
        self.on_revoked: Callable[[], Awaitable[None]] | None = None

        async def read(stream: Any) -> None:  # noqa: ANN401 - as Faust gives it
            async for event in stream.noack().events():
                await work(event.value)

        self.app.agent(batch_topic(self.app, topic, *other_topics), name="small", concurrency=1)(
            read
        )
        self.app.on_partitions_assigned.connect(self._assigned)
        self.app.on_partitions_revoked.connect(self._revoked)

    @property
    def consumer(self) -> BatchConsumer:
        consumer = self.app.consumer
        assert isinstance(consumer, BatchConsumer)
        return consumer

    async def _assigned(self, *told: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signature
        self.assigned.append(set(told[1]))

    async def _revoked(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Faust's signature
        if self.on_revoked is not None:
            await self.on_revoked()

    async def __aenter__(self) -> Self:
        for name in ("faust", "aiokafka", "mode"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        await self.app.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.app.stop()


def finishing() -> tuple[list[FetchedBatch], Work]:
    """Return a list, and work that puts every batch there and is done with it at once."""
    given: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        given.append(batch)
        batch.finish()

    return given, work


async def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is the case."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - anything may make it true
            await asyncio.sleep(0.01)


def new_topic(bootstrap: str, partitions: int = PARTITIONS, name: str = "") -> str:
    """Create a topic, of a name of its own if none is given."""
    name = name or f"transport-{uuid4()}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    options = {"num_partitions": partitions, "replication_factor": 1}
    admin.create_topics({name: options}, wait_for_metadata=True)
    admin.close()
    return name


def produce(bootstrap: str, topic: str, values: range, partitions: int = PARTITIONS) -> None:
    """Produce numbers, those of one remainder to one partition."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
    for number in values:
        producer.send(topic, value=b"%d" % number, partition=number % partitions)
    producer.flush()
    producer.close()


def committed(bootstrap: str, group: str, topic: str, partition: int = 0) -> int | None:
    """Return the offset a group has committed."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        offset: int | None = consumer.committed(TopicPartition(topic, partition))
    finally:
        consumer.close()
    return offset


def numbers(batches: list[FetchedBatch], partition: int) -> list[int]:
    """Return the values of the records of one partition, in the order of delivery."""
    return [
        int(record.value or b"")
        for batch in batches
        if batch.partition == partition
        for record in batch.records
    ]
