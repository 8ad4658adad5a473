"""Workers that come and go while batches are in work."""

import asyncio
from pathlib import Path

import pytest
from faust.types import TP

from streams.broker.transport.batch import FetchedBatch
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.small_app import SmallApp, committed, new_topic, produce, until

pytestmark = pytest.mark.integration

RECORDS = 9_000


def values(batches: list[FetchedBatch]) -> list[int]:
    return [int(record.value or b"") for batch in batches for record in batch.records]


def test_at_a_revoke_the_finished_is_committed_and_the_rest_given_to_whoever_comes(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap)
    produce(broker.bootstrap, topic, range(RECORDS))
    mine: list[FetchedBatch] = []
    theirs: list[FetchedBatch] = []
    told: list[dict[TP, int]] = []

    async def work(batch: FetchedBatch) -> None:
        mine.append(batch)

    async def other_work(batch: FetchedBatch) -> None:
        theirs.append(batch)

    async def scenario() -> None:
        first = SmallApp(broker.bootstrap, topic, topic, tmp_path / "a", work)
        second = SmallApp(broker.bootstrap, topic, topic, tmp_path / "b", other_work)

        async def flush() -> None:
            told.append(await first.consumer.commit_finished())

        first.on_revoked = flush
        async with first:
            await until(lambda: len(values(mine)) == RECORDS)
            old = mine.copy()
            mine.clear()
            done, open_ = old[:2], old[2:]
            for batch in done:
                batch.finish()
            async with second:
                await until(
                    lambda: len(values(mine)) + len(values(theirs)) == RECORDS - len(values(done))
                )
                ends = {TP(b.topic, b.partition): b.records[-1].offset + 1 for b in done}
                assert told[-1] == ends
                assert sorted(values(done) + values(mine) + values(theirs)) == list(range(RECORDS))
                assert {batch.partition for batch in mine}.isdisjoint(
                    batch.partition for batch in theirs
                )
                assert mine[0].generation > old[0].generation
                for batch in open_:
                    batch.finish()  # too late: it was given up
                assert await first.consumer.commit_finished() == {}
                assert first.consumer.unfinished_batches() == len(mine)
                first.on_revoked = None

    asyncio.run(scenario())


def test_while_a_stage_works_a_revoke_does_not_wait_for_it_to_take_more(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap)
    produce(broker.bootstrap, topic, range(RECORDS * 10))
    gate = asyncio.Event()
    mine: list[FetchedBatch] = []
    theirs: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        await gate.wait()
        mine.append(batch)
        batch.finish()

    async def other_work(batch: FetchedBatch) -> None:
        theirs.append(batch)
        batch.finish()

    async def scenario() -> None:
        first = SmallApp(broker.bootstrap, topic, topic, tmp_path / "a", work)
        second = SmallApp(broker.bootstrap, topic, topic, tmp_path / "b", other_work)
        async with first:
            await until(lambda: first.consumer.unfinished_batches() > 1)
            async with second:
                await until(lambda: theirs)  # though the first one stands still with a full stream
                gate.set()
                await until(lambda: len(set(values(mine + theirs))) == RECORDS * 10)
                await first.consumer.commit_finished()
                await second.consumer.commit_finished()
        # What was in work at the revoke was given again; it came to one member in full order.
        last = max(batch.generation for batch in mine)
        for batches in ([b for b in mine if b.generation == last], theirs):
            for partition in range(2):
                numbers = values([batch for batch in batches if batch.partition == partition])
                assert numbers == sorted(set(numbers))
        assert {committed(broker.bootstrap, topic, topic, p) for p in (0, 1)} == {RECORDS * 5}

    asyncio.run(scenario())
