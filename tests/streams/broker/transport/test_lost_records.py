"""What the broker has deleted: by retention, by compaction, and with a topic."""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.errors import LogTooShort
from streams.stages.log_bounds import LogBounds
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.under_load import shared_kafka
from tests.streams.broker.transport.small_app import SmallApp, finishing, new_topic, produce, until

pytestmark = pytest.mark.integration

COMPACTED: Mapping[str, str] = {
    "cleanup.policy": "compact",
    "segment.ms": "1",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "1",
}


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    """Return a real Kafka: the embedded broker deletes nothing."""
    return shared_kafka(broker_pool)


def administer(kafka: AvailableBroker, act: str, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the client's
    """Do what somebody may do to a topic."""
    client = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    try:
        getattr(client, act)(*arguments, **named)
    finally:
        client.close()


def test_what_was_deleted_while_nobody_read_is_told_before_anything_comes(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(kafka.bootstrap, 1)
    given, work = finishing()

    async def scenario() -> None:
        produce(kafka.bootstrap, topic, range(10), 1)
        async with SmallApp(kafka.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: given and given[-1].until == 10)
            await small.consumer.commit_finished()
        produce(kafka.bootstrap, topic, range(10), 1)
        administer(kafka, "delete_records", {TopicPartition(topic, 0): 20})
        given.clear()
        async with SmallApp(kafka.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: given)
            assert [(batch.since, batch.until, batch.records) for batch in given] == [(20, 20, ())]
            place = (topic, 0)
            assert await small.consumer.bounds({place: 10}) == {place: LogBounds(20, 10)}
            # It goes on from there.
            produce(kafka.bootstrap, topic, range(1), 1)
            await until(lambda: given[-1].until == 21)
            assert (given[-1].since, len(given[-1].records)) == (20, 1)

    asyncio.run(scenario())


def test_a_log_that_ends_before_what_was_read_stops_the_app(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(kafka.bootstrap, 1)
    given, work = finishing()

    async def scenario() -> None:
        produce(kafka.bootstrap, topic, range(3), 1)
        async with SmallApp(kafka.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: given and given[-1].until == 3)
            place = (topic, 0)
            for reached, early in (None, False), (3, False), (4, True):
                found = await small.consumer.bounds({place: reached})
                assert found == {place: LogBounds(0, None, ends_early=early)}
            await small.consumer.seek(small.assigned[-1].pop(), 4)
            await until(lambda: small.app.crashed)
            assert isinstance(small.app.crash_reason, LogTooShort)

    asyncio.run(scenario())


def test_what_compaction_has_removed_is_no_loss(kafka: AvailableBroker, tmp_path: Path) -> None:
    topic = new_topic(kafka.bootstrap, 1)
    settings = ConfigResource(ConfigResourceType.TOPIC, topic, configs=dict(COMPACTED))
    administer(kafka, "alter_configs", [settings])
    given, work = finishing()

    def fill(*keys: bytes) -> int:
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
        sent = [producer.send(topic, b"value", key=key, partition=0).get(20) for key in keys]
        producer.close()
        return int(sent[-1].offset)

    async def scenario() -> None:
        fill(b"another")
        # Until the cleaner has been there; each time from the beginning, as another group.
        for attempt in range(100):
            last = fill(*[b"the same"] * 6)
            given.clear()
            group = f"{topic}-{attempt}"
            async with SmallApp(kafka.bootstrap, group, topic, tmp_path, work):
                await until(lambda end=last: given and given[-1].until > end)  # type: ignore[misc] # its default has no type
            if sum(len(batch.records) for batch in given) < last - 1:
                return
        raise AssertionError("the cleaner never came")

    asyncio.run(scenario())
    offsets = [record.offset for batch in given for record in batch.records]
    # The first stays, since nothing has its key; behind it a gap is longer than one marker's.
    assert offsets[0] == 0
    assert max(after - before for before, after in pairwise(offsets)) > 2
    ends = [batch.until for batch in given]
    assert [batch.since for batch in given] == [0, *ends[:-1]]
