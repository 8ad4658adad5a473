"""What becomes of a record whose agent raises, on stock Faust and on our transport.

In one run of stock Faust also: batches by ``take()`` cannot keep state in a table.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from streams.broker.transport.batch import FetchedBatch
from tests.brokers.selection import AvailableBroker
from tests.faust_defects.stock_app import quiet_stock_app
from tests.streams.broker.transport.small_app import SmallApp, committed, new_topic, produce, until

pytestmark = pytest.mark.integration

RECORDS = 5
BAD = 2


async def stock_run(bootstrap: str, topic: str, folder: Path) -> list[str]:
    """Let an agent fail on one record; give what `take()` with a table had to say."""
    app = quiet_stock_app(bootstrap, topic, folder)
    channel = app.topic(topic, value_type=bytes, value_serializer="raw")
    table = app.Table("counts", default=int, partitions=1)
    seen: list[int] = []
    complaints: list[str] = []

    async def failing(stream: Any) -> None:  # noqa: ANN401 - as Faust gives it
        async for value in stream:
            seen.append(int(value))
            if int(value) == BAD:
                raise ValueError("cannot work on this")

    async def taking(stream: Any) -> None:  # noqa: ANN401 - as Faust gives it
        async for batch in stream.take(2, within=0.2):
            try:
                table["seen"] += len(batch)
            except TypeError as error:
                complaints.append(str(error))

    app.agent(channel, name="failing")(failing)
    app.agent(channel, name="taking")(taking)
    await app.start()
    try:
        await until(lambda: RECORDS - 1 in seen and complaints)
        await until(lambda: committed(bootstrap, topic, topic) == RECORDS)
    finally:
        await app.stop()
    assert seen.count(BAD) == 1
    return complaints


def test_stock_faust_commits_what_an_agent_failed_over(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    produce(broker.bootstrap, topic, range(RECORDS), 1)
    complaints = asyncio.run(stock_run(broker.bootstrap, topic, tmp_path))
    assert "outside of stream iteration" in complaints[0]


def test_a_batch_of_ours_that_an_agent_failed_over_is_given_again(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    produce(broker.bootstrap, topic, range(RECORDS), 1)
    given: list[FetchedBatch] = []

    async def fail(batch: FetchedBatch) -> None:
        given.append(batch)
        raise ValueError("cannot work on this")

    async def work(batch: FetchedBatch) -> None:
        given.append(batch)
        batch.finish()

    async def run() -> None:
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, fail) as small:
            await until(lambda: given)
            assert await small.consumer.commit_finished() == {}
        assert committed(broker.bootstrap, topic, topic) is None
        given.clear()
        async with SmallApp(broker.bootstrap, topic, topic, tmp_path, work) as small:
            await until(lambda: sum(len(batch.records) for batch in given) == RECORDS)
            await small.consumer.commit_finished()
        assert committed(broker.bootstrap, topic, topic) == RECORDS

    asyncio.run(run())
