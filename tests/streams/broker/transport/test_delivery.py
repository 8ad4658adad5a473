"""What a stage is given, on a running broker."""

import asyncio
from pathlib import Path

import pytest
from faust.types import TP
from kafka import KafkaProducer

from streams.broker.transport.batch import LARGEST_BATCH, FetchedBatch
from streams.broker.transport.schema import BATCHES_WAITING
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.hostile_batches import produce_hostile
from tests.streams.broker.transport.small_app import (
    PARTITIONS,
    SmallApp,
    committed,
    finishing,
    new_topic,
    numbers,
    produce,
    until,
)

pytestmark = pytest.mark.integration

RECORDS = 9_000


def count(batches: list[FetchedBatch]) -> int:
    return sum(len(batch.records) for batch in batches)


async def have_come(batches: list[FetchedBatch], records: int) -> None:
    await until(lambda: count(batches) == records)


def test_every_record_once_and_in_order_and_one_alone_at_once(
    any_broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(any_broker.bootstrap)
    produce(any_broker.bootstrap, topic, range(RECORDS))
    given, work = finishing()

    async def scenario() -> None:
        async with SmallApp(any_broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: count(given) >= RECORDS)
            produce(any_broker.bootstrap, topic, range(RECORDS, RECORDS + 1))
            await until(lambda: count(given) > RECORDS)
            assert len(given[-1].records) == 1
            expected = {TP(topic, 0): RECORDS // 2 + 1, TP(topic, 1): RECORDS // 2}
            assert await small.consumer.commit_finished() == expected
            assert await small.consumer.commit_finished() == {}
            assert small.consumer.unfinished_batches() == 0

    asyncio.run(scenario())
    for partition in range(PARTITIONS):
        expected = [n for n in range(RECORDS + 1) if n % PARTITIONS == partition]
        assert numbers(given, partition) == expected
    assert max(len(batch.records) for batch in given) <= LARGEST_BATCH
    assert committed(any_broker.bootstrap, topic, topic) == RECORDS // 2 + 1


def test_only_finished_batches_are_committed_and_only_on_request(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    given: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        given.append(batch)

    async def scenario() -> None:
        settings = {"broker_commit_interval": 0.1}
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, work, **settings) as small:
            for number in range(3):
                produce(broker.bootstrap, topic, range(number * 10, number * 10 + 10), 1)
                await have_come(given, number * 10 + 10)
            first, *_, last = given
            last.finish()
            assert await small.consumer.commit_finished() == {}
            first.finish()
            await small.consumer.commit()
            await asyncio.sleep(0.3)  # Faust's timer passes
            assert committed(broker.bootstrap, topic, topic) is None
            end = first.records[-1].offset + 1
            assert await small.consumer.commit_finished() == {TP(topic, 0): end}
            assert small.consumer.unfinished_batches() == len(given) - 2
        assert committed(broker.bootstrap, topic, topic) == end

    asyncio.run(scenario())


def test_a_full_stream_holds_back_the_fetching(broker: AvailableBroker, tmp_path: Path) -> None:
    topic = new_topic(broker.bootstrap, 1)
    gate = asyncio.Event()
    given: list[FetchedBatch] = []
    value = b"x" * 100_000

    async def work(batch: FetchedBatch) -> None:
        await gate.wait()
        given.append(batch)
        batch.finish()

    def fill(records: int) -> None:
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
        for _ in range(records):
            producer.send(topic, value=value, partition=0)
        producer.flush()
        producer.close()

    async def scenario() -> None:
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: small.assigned)
            fill(200)  # 20 MB, 5 of them in a fetch of 512 KiB
            await until(lambda: small.consumer.unfinished_batches() > BATCHES_WAITING)
            await asyncio.sleep(1)
            # One in work, those that wait, one that waits for room.
            assert small.consumer.unfinished_batches() <= BATCHES_WAITING + 2
            gate.set()
            await until(lambda: count(given) == 200)
            await small.consumer.commit_finished()

    asyncio.run(scenario())
    assert [record.offset for batch in given for record in batch.records] == list(range(200))


def test_poison_takes_no_batch_down(broker: AvailableBroker, tmp_path: Path) -> None:
    topic = new_topic(broker.bootstrap, 1)
    values = [b"\x00\xff", None, b"", b"{", b"\xc3\x28" * 50, b"last"]
    keys = [None, b"", b"\xff", b"key", None, b"\x00"]
    asyncio.run(produce_hostile(broker.bootstrap, topic, values, keys))
    given, work = finishing()

    async def scenario() -> None:
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: count(given) == len(values))
            assert await small.consumer.commit_finished() == {TP(topic, 0): len(values)}

    asyncio.run(scenario())
    records = [record for batch in given for record in batch.records]
    assert [record.value for record in records] == values
    assert all(len(record.headers) == 1 for record in records)
    assert [record.key for record in records] == keys


def test_after_a_seek_everything_from_there_on_is_given_once(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap)
    produce(broker.bootstrap, topic, range(RECORDS))
    given: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        given.append(batch)

    async def scenario() -> None:
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: count(given) >= RECORDS // 2)  # some are still on their way
            before = list(given)
            await small.consumer.seek(TP(topic, 0), 1_000)
            del given[: len(before)]
            for batch in before:
                batch.finish()  # those of the partition that was left mean nothing any more
            await until(lambda: numbers(given, 0)[-1:] == [RECORDS - 2])
            await until(lambda: numbers(before + given, 1)[-1:] == [RECORDS - 1])
            offsets = await small.consumer.commit_finished()
            assert TP(topic, 0) not in offsets
            again = [batch for batch in given if batch.partition == 0]
            start = next(i for i, b in enumerate(again) if b.records[0].offset == 1_000)
            assert numbers(again[start:], 0) == list(range(2_000, RECORDS, 2))
            assert numbers(before + given, 1) == list(range(1, RECORDS, 2))
            for batch in given:
                batch.finish()
            await small.consumer.commit_finished()
        for partition in range(PARTITIONS):
            assert committed(broker.bootstrap, topic, topic, partition) == RECORDS // 2

    asyncio.run(scenario())


def test_of_a_partition_that_is_no_longer_ours_no_end_is_known(
    any_broker: AvailableBroker, tmp_path: Path
) -> None:
    """The client's thread may take it away at any moment, which must end nobody."""
    topic = new_topic(any_broker.bootstrap)
    produce(any_broker.bootstrap, topic, range(10))
    given, work = finishing()

    async def scenario() -> None:
        async with SmallApp(any_broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: sum(len(batch.records) for batch in given) == 10)
            consumer, others = small.consumer, TP(topic, 99)
            assert sum(consumer.highwater(place) or 0 for place in small.assigned[-1]) == 10
            assert (consumer.highwater(others), consumer.readable_end(others)) == (None, None)

    asyncio.run(scenario())
