"""Counts the records of a topic, in a process of its own, and never commits: to be killed.

``stock`` keeps the count in a table of Faust. ``ours`` keeps it with the position that it includes,
in a topic of its own, by the batch transport. Both print the count whenever it is durable.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.broker.transport.batch import FetchedBatch
from tests.faust_defects.stock_app import quiet_stock_app
from tests.streams.broker.transport.small_app import SmallApp

NEVER = 10_000.0


class Counted(msgspec.Struct):
    """How many records, and the offset after the last one that is counted."""

    records: int = 0
    following: int = 0


def tell(count: int) -> None:
    """Print a count that is durable."""
    sys.stdout.write(f"{count}\n")
    sys.stdout.flush()


async def stock(bootstrap: str, topic: str, folder: Path) -> None:
    """Count in a table."""
    app = quiet_stock_app(bootstrap, topic, folder, broker_commit_interval=NEVER)
    table = app.Table("counts", default=int, partitions=1)

    async def count(stream: Any) -> None:  # noqa: ANN401 - as Faust gives it
        async for _ in stream:
            table["records"] += 1
            await asyncio.sleep(0.05)
            while app.producer.buffer.size:  # noqa: ASYNC110 - Faust's flush gives up after 0.1 s
                await asyncio.sleep(0.01)
            await app.producer.flush()
            tell(table["records"])

    app.agent(app.topic(topic, value_type=bytes, value_serializer="raw"), name="count")(count)
    await app.start()
    await asyncio.sleep(NEVER)


async def ours(bootstrap: str, topic: str, folder: Path) -> None:
    """Count with positions."""
    changelog = f"{topic}-state"
    counted = await restore(bootstrap, changelog)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()

    async def count(batch: FetchedBatch) -> None:
        for record in batch.records:
            if record.offset >= counted.following:
                counted.records += 1
                counted.following = record.offset + 1
        await producer.send_and_wait(changelog, msgspec.json.encode(counted), partition=0)
        tell(counted.records)

    async with SmallApp(bootstrap, topic, topic, folder, count):
        await asyncio.sleep(NEVER)


async def restore(bootstrap: str, changelog: str) -> Counted:
    """Return the last count that was written."""
    place = TopicPartition(changelog, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        if end == 0:
            return Counted()
        consumer.seek(place, end - 1)
        last = await consumer.getone()
        return msgspec.json.decode(last.value or b"", type=Counted)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    _, kind, at_broker, of_topic, in_folder = sys.argv
    work = {"stock": stock, "ours": ours}[kind]
    asyncio.run(work(at_broker, of_topic, Path(in_folder)))
