"""What the harness itself sends to a broker that comes and goes, and reads from it in the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.wire.topics import CATALOGUE, Topic, partitions_for, topic_name
from tests.chaos.others.intruder import is_foreign
from tests.chaos.others.sources import Sources
from tests.chaos.schedule import Burst
from tests.chaos.world import Sent

PATIENCE_SECONDS: Final = 90.0
"""How long reading may wait for an answer."""

SLICE: Final = 500
"""Records that may be under way at once: no topic runs ahead of another by more."""


class Stored(NamedTuple):
    """A record as it stands in a topic."""

    topic: Topic
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


async def send(
    sources: Sources, records: Sequence[Sent], bursts: Sequence[Burst], begun: float
) -> None:
    """Send the records in their bursts, `begun` (monotonic) being the start; all are stored."""
    await sources.start()
    sent = 0
    try:
        for burst in bursts:
            await asyncio.sleep(max(0.0, begun + burst.at - time.monotonic()))
            while sent < burst.end:
                end = min(burst.end, sent + SLICE)
                await sources.send(records[sent:end])
                sent = end
    finally:
        await sources.stop()


def read_topics(bootstrap: str, prefix: str, topics: Iterable[Topic], partitions: int) -> "Read":
    """Read topics from their beginning to their end, but for what an intruder wrote."""
    counts = {plan.topic: plan.count(partitions_for(partitions)) for plan in CATALOGUE}
    wanted = {topic: counts[topic] for topic in topics}
    return asyncio.run(_read(bootstrap, prefix, wanted))


class Read(NamedTuple):
    """All records of some topics, and where each partition ends."""

    records: dict[Topic, list[Stored]]
    ends: dict[tuple[Topic, int], int]


async def _read(bootstrap: str, prefix: str, wanted: dict[Topic, int]) -> Read:
    places = {
        TopicPartition(topic_name(prefix, topic), number): topic
        for topic, count in wanted.items()
        for number in range(count)
    }
    records: dict[Topic, list[Stored]] = {topic: [] for topic in wanted}
    async with _consumer(bootstrap) as consumer:
        ends = await consumer.end_offsets(list(places))
        consumer.assign(list(places))
        await consumer.seek_to_beginning(*places)
        left = {place for place in places if ends[place] > 0}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left:
            if time.monotonic() > deadline:
                raise TimeoutError(f"could not be read to the end: {left}")
            for place, found in (await consumer.getmany(timeout_ms=500)).items():
                topic = places[place]
                records[topic].extend(
                    Stored(topic, r.partition, r.offset, r.key, r.value, tuple(r.headers))
                    for r in found
                    if not is_foreign(r.key)
                )
            left = {place for place in left if await consumer.position(place) < ends[place]}
    return Read(records, {(topic, place.partition): ends[place] for place, topic in places.items()})


def committed(bootstrap: str, prefix: str, partitions: int) -> dict[tuple[Topic, int], int]:
    """Return the offsets that the workers' group has committed."""
    return asyncio.run(_committed(bootstrap, prefix, partitions))


async def _committed(bootstrap: str, prefix: str, partitions: int) -> dict[tuple[Topic, int], int]:
    group = f"{prefix}aboveboard"
    places = {
        TopicPartition(topic_name(prefix, plan.topic), number): plan.topic
        for plan in CATALOGUE
        for number in range(plan.count(partitions_for(partitions)))
    }
    found = {}
    async with _consumer(bootstrap, group) as consumer:
        for place, topic in places.items():
            offset = await consumer.committed(place)
            if offset is not None:
                found[topic, place.partition] = int(offset)
    return found


@asynccontextmanager
async def _consumer(bootstrap: str, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
