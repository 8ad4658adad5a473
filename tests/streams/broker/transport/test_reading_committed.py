"""What a stage is given of a log that three producers wrote in transactions."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer

from streams.broker.reader import read_topic
from streams.broker.transport import unpacking
from streams.stages.actors.positions import Positions
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.small_app import SmallApp, finishing, new_topic, until

pytestmark = pytest.mark.integration

INTERLEAVINGS: Final = 25
PRODUCERS: Final = 3
STEPS: Final = 14
LAST: Final = b"the last one"


class Written(NamedTuple):
    """A topic with an interleaving in each partition, and what was committed there."""

    topic: str
    committed: list[list[bytes]]


async def write(bootstrap: str, topic: str) -> Written:
    """Write an interleaving of transactions into each partition; all of them end."""
    producers = [
        AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{topic}-{number}")
        for number in range(PRODUCERS)
    ]
    for producer in producers:
        await producer.start()
    chance = Random(1)  # noqa: S311 - chance, not a secret
    try:
        committed = [
            await interleave(producers, topic, partition, chance)
            for partition in range(INTERLEAVINGS)
        ]
    finally:
        for producer in producers:
            await producer.stop()
    plain = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await plain.start()
    for partition in range(INTERLEAVINGS):
        await plain.send_and_wait(topic, LAST, partition=partition)
    await plain.stop()
    return Written(topic, committed)


async def interleave(
    producers: Sequence[AIOKafkaProducer], topic: str, partition: int, chance: Random
) -> list[bytes]:
    """Take steps of any producer; return what was committed, in the order of the log."""
    under_way: dict[int, list[bytes]] = {}
    log: list[bytes] = []
    kept: set[bytes] = set()
    steps = [chance.randrange(PRODUCERS) for _ in range(STEPS)]
    for number, who in enumerate(steps):
        producer = producers[who]
        if who not in under_way:
            await producer.begin_transaction()
            under_way[who] = []
        elif chance.random() < 0.4:
            await end(producer, under_way.pop(who), kept, commits=chance.random() < 0.5)
            continue
        value = f"{partition} {number}".encode()
        await producer.send_and_wait(topic, value, partition=partition)
        under_way[who].append(value)
        log.append(value)
    for who, values in under_way.items():
        await end(producers[who], values, kept, commits=chance.random() < 0.5)
    return [value for value in log if value in kept]


async def end(
    producer: AIOKafkaProducer, values: Sequence[bytes], kept: set[bytes], *, commits: bool
) -> None:
    if commits:
        await producer.commit_transaction()
        kept.update(values)
    else:
        await producer.abort_transaction()


@pytest.fixture(scope="module")
def written(broker: AvailableBroker) -> Written:
    topic = new_topic(broker.bootstrap, INTERLEAVINGS)
    return asyncio.run(write(broker.bootstrap, topic))


def given(broker: AvailableBroker, topic: str, folder: Path) -> list[list[bytes]]:
    """Return what a stage gets of each partition, all offsets being accounted for."""
    batches, work = finishing()

    def all_have_come() -> bool:
        last = [b for b in batches if b.records and b.records[-1].value == LAST]
        return len(last) == INTERLEAVINGS

    async def scenario() -> None:
        async with SmallApp(broker.bootstrap, topic, topic, folder, work):
            await until(all_have_come)

    asyncio.run(scenario())
    found: list[list[bytes]] = [[] for _ in range(INTERLEAVINGS)]
    positions = [Positions({Topic.SALES: 0}) for _ in found]
    for batch in batches:
        new = positions[batch.partition].advance(
            Topic.SALES, batch.since, batch.until, batch.records
        )
        found[batch.partition] += [record.value or b"" for record in new]
    return [values[:-1] for values in found]


def test_a_stage_is_given_what_was_committed_and_misses_no_offset(
    broker: AvailableBroker, written: Written, tmp_path: Path
) -> None:
    assert any(values for values in written.committed)
    assert given(broker, written.topic, tmp_path) == written.committed


def test_commands_read_what_was_committed(broker: AvailableBroker, written: Written) -> None:
    found: list[list[bytes | None]] = [[] for _ in written.committed]
    for record in read_topic(broker.bootstrap, written.topic):
        found[record.partition].append(record.value)
    assert found == [[*partition, LAST] for partition in written.committed]


class BelievesAll:
    """Takes every transaction for one that was committed."""

    def __init__(self, listed: object) -> None:
        del listed

    def contain(self, batch: object) -> bool:
        del batch
        return False


class NeverForgives:
    """Drops also what a producer committed after it had aborted."""

    def __init__(self, listed: Sequence[tuple[int, int]]) -> None:
        self._producers: Final = {producer for producer, _ in listed}

    def contain(self, batch: object) -> bool:
        transactional = getattr(batch, "is_transactional", False)
        return bool(transactional) and getattr(batch, "producer_id", None) in self._producers


@pytest.mark.parametrize("broken", [BelievesAll, NeverForgives])
def test_a_broken_reader_is_found(
    broker: AvailableBroker,
    written: Written,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: type,
) -> None:
    monkeypatch.setattr(unpacking, "AbortedTransactions", broken)
    assert given(broker, written.topic, tmp_path) != written.committed
