"""Transactions of three producers on a real Kafka: exactly what is committed is given, once."""

import asyncio
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from faust.types import TP

from streams.broker.transport.batch import FetchedBatch
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.under_load import shared_kafka
from tests.streams.broker.transport.small_app import SmallApp, new_topic, until
from tests.streams.broker.transport.transactions import Transactions

pytestmark = pytest.mark.integration

PARTITIONS: Final = 100
STEPS: Final = 40


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    """Return a real Kafka: the embedded broker has no transactions."""
    return shared_kafka(broker_pool)


def test_a_hundred_interleavings_are_read_as_they_are_committed(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(kafka.bootstrap, PARTITIONS)
    given: dict[int, list[FetchedBatch]] = defaultdict(list)

    async def work(batch: FetchedBatch) -> None:
        given[batch.partition].append(batch)
        batch.finish()

    def values(partition: int) -> list[bytes | None]:
        return [record.value for batch in given[partition] for record in batch.records]

    def seen(partition: int) -> int:
        return max((batch.until for batch in given[partition]), default=0)

    async def scenario() -> None:
        async with (
            Transactions(kafka.bootstrap, topic, PARTITIONS, seed=12) as transactions,
            SmallApp(kafka.bootstrap, topic, topic, tmp_path, work) as small,
        ):
            consumer = small.consumer

            def is_read(partition: int) -> bool:
                """Return whether all is read that can be, after all that was sent has arrived."""
                place, open_at = TP(topic, partition), transactions.readable_end(partition)
                end, readable = consumer.highwater(place), consumer.readable_end(place)
                if (
                    end is None
                    or readable is None
                    or end <= transactions.sent[partition][-1].offset
                ):
                    return False
                # Markers follow what was sent: they are passed too.
                expected = end if open_at is None else open_at
                return seen(partition) == readable == expected

            async def compare() -> None:
                for partition in range(PARTITIONS):
                    await until(partial(is_read, partition))
                    assert values(partition) == transactions.committed(partition)
                    batches = given[partition]
                    ends = [batch.until for batch in batches]
                    assert [batch.since for batch in batches] == [0, *ends[:-1]]
                await consumer.commit_finished()
                assert consumer.unfinished_batches() == 0

            await transactions.write(STEPS)
            await compare()
            assert any(transactions.readable_end(n) is not None for n in range(PARTITIONS))
            sent = [record.value for records in transactions.sent.values() for record in records]
            assert sum(len(values(n)) for n in range(PARTITIONS)) < len(sent)
            await transactions.write(STEPS)
            await transactions.commit_all()
            await compare()

    asyncio.run(scenario())
