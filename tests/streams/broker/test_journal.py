"""The journal on a broker: the order of its steps, and state read back as it was written."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import islice
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from kafka import KafkaConsumer, TopicPartition

from streams.broker import changelog
from streams.broker.admin import create_topics
from streams.broker.journal import LARGEST_BATCH, LARGEST_REQUEST, KafkaJournal
from streams.demo.ports import free_port
from streams.stages.actors.actor import Output
from streams.stages.state.journal import Reading
from streams.wire.topics import Topic, topic_name
from tests.brokers.fixtures import embedded_cannot
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.hostile_batches import produce_hostile

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"journal-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, 2, agents_partitions=2)
    return prefix


def with_journal(
    bootstrap: str, prefix: str, use: Callable[[KafkaJournal], Awaitable[None]]
) -> None:
    async def run() -> None:
        journal = KafkaJournal(bootstrap, prefix)
        await journal.start()
        try:
            await use(journal)
        finally:
            await journal.stop()

    asyncio.run(run())


def log_of(bootstrap: str, topic: str, partition: int, count: int) -> list[tuple[bytes, bytes]]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, partition)])
    found = [(record.key, record.value) for record in islice(consumer, count)]
    consumer.close()
    return found


@pytest.mark.parametrize("where", ["first", "between", "last"])
def test_a_header_whose_name_is_no_text_hides_none_of_our_entries(
    any_broker: AvailableBroker, prefix: str, where: str
) -> None:
    name = topic_name(prefix, Topic.PEERS_STATE)
    values: list[bytes | None] = [b"x", None, b"y"]

    async def use(journal: KafkaJournal) -> None:
        for number, moment in enumerate(("first", "between")):
            if where == moment:
                await produce_hostile(any_broker.bootstrap, name, values, [b"p0", b"p1", b"p2"])
            await journal.write(Topic.PEERS_STATE, 0, {b"p%d" % number: b"ours"})
        if where == "last":
            await produce_hostile(any_broker.bootstrap, name, values, [b"p0", b"p1", b"p2"])
        reading = await journal.read(Topic.PEERS_STATE, 0)
        assert reading.entries == {b"p0": b"ours", b"p1": b"ours"}
        assert (reading.end, reading.foreign.number) == (5, 3)

    with_journal(any_broker.bootstrap, prefix, use)


def test_entries_are_written_in_their_order(any_broker: AvailableBroker, prefix: str) -> None:
    entries: dict[bytes, bytes | None] = {b"p1": b"1", b"p2": b"2", b"head": b"h", b"p0": None}

    async def use(journal: KafkaJournal) -> None:
        assert await journal.write(Topic.LEDGER_STATE, 1, entries) == 4

    with_journal(any_broker.bootstrap, prefix, use)
    name = topic_name(prefix, Topic.LEDGER_STATE)
    assert log_of(any_broker.bootstrap, name, 1, 4) == [*entries.items()]


def test_entries_are_read_back_as_they_were_written_last(
    any_broker: AvailableBroker, prefix: str
) -> None:
    large = {f"k{n}".encode(): bytes([n]) * (LARGEST_BATCH // 3) for n in range(10)}

    async def use(journal: KafkaJournal) -> None:
        assert await journal.read(Topic.AGENTS_STATE, 1) == Reading({}, 0)
        middle = await journal.write(Topic.AGENTS_STATE, 1, large)
        later: dict[bytes, bytes | None] = {b"k3": None, b"head": b"2"}
        end = await journal.write(Topic.AGENTS_STATE, 1, later)
        assert (middle, end) == (10, 12)
        everything = await journal.read(Topic.AGENTS_STATE, 1)
        assert everything == Reading({**large, **later}, 12)
        assert await journal.read(Topic.AGENTS_STATE, 1, middle) == Reading(later, 12)
        assert await journal.read(Topic.AGENTS_STATE, 1, end) == Reading({}, 12)
        assert await journal.read(Topic.AGENTS_STATE, 0) == Reading({}, 0)

    with_journal(any_broker.bootstrap, prefix, use)


def test_a_loop_that_is_at_work_elsewhere_is_no_silent_broker(
    any_broker: AvailableBroker, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state of other partitions is put together on the same loop, longer than the patience."""
    monkeypatch.setattr(changelog, "PATIENCE", 0.6)

    async def work() -> None:
        for _ in range(4):
            await asyncio.sleep(0.01)
            time.sleep(0.7)  # noqa: ASYNC251 - it is to hold the loop up

    async def use(journal: KafkaJournal) -> None:
        await journal.write(Topic.AGENTS_STATE, 1, {b"k": b"1"})
        working = asyncio.create_task(work())
        assert (await journal.read(Topic.AGENTS_STATE, 1)).entries == {b"k": b"1"}
        await working

    with_journal(any_broker.bootstrap, prefix, use)


def test_a_changelog_that_ends_before_the_offset_is_another_one(
    any_broker: AvailableBroker, prefix: str
) -> None:
    async def use(journal: KafkaJournal) -> None:
        await journal.write(Topic.AGENTS_STATE, 1, {b"k": b"1"})
        assert not (await journal.read(Topic.AGENTS_STATE, 1, 50)).complete

    with_journal(any_broker.bootstrap, prefix, use)


def test_outputs_keep_their_order_key_and_headers(any_broker: AvailableBroker, prefix: str) -> None:
    outputs = [
        Output(Topic.OUTCOMES, str(n).encode(), b"key", 1, (("name", b"value"),))
        for n in range(100)
    ]

    async def use(journal: KafkaJournal) -> None:
        await asyncio.gather(*await journal.send(outputs))
        await journal.probe()

    with_journal(any_broker.bootstrap, prefix, use)
    name = topic_name(prefix, Topic.OUTCOMES)
    assert log_of(any_broker.bootstrap, name, 1, 100) == [(b"key", o.value) for o in outputs]


def test_a_message_larger_than_a_batch_goes_alone(any_broker: AvailableBroker, prefix: str) -> None:
    values = [b"first", b"x" * (2 * LARGEST_BATCH), b"last"]
    outputs = [Output(Topic.CASES_CURRENT, value, b"key", 0) for value in values]

    async def use(journal: KafkaJournal) -> None:
        await asyncio.gather(*await journal.send(outputs))

    with_journal(any_broker.bootstrap, prefix, use)
    name = topic_name(prefix, Topic.CASES_CURRENT)
    assert log_of(any_broker.bootstrap, name, 0, 3) == [(b"key", value) for value in values]


def test_what_is_larger_than_any_topic_takes_is_an_error(
    any_broker: AvailableBroker, prefix: str
) -> None:
    async def use(journal: KafkaJournal) -> None:
        with pytest.raises(MessageSizeTooLargeError):
            await journal.send([Output(Topic.ALERTS, b"x" * (LARGEST_REQUEST + 1))])

    with_journal(any_broker.bootstrap, prefix, use)


@embedded_cannot("it takes records of any size", pytest.fail.Exception)
def test_what_the_broker_refuses_is_an_error(any_broker: AvailableBroker, prefix: str) -> None:
    async def use(journal: KafkaJournal) -> None:
        (stored,) = await journal.send([Output(Topic.ALERTS, b"x" * LARGEST_REQUEST)])
        with pytest.raises(MessageSizeTooLargeError):
            await stored

    with_journal(any_broker.bootstrap, prefix, use)


def test_a_broker_that_is_not_there_is_an_error() -> None:
    async def use(_: KafkaJournal) -> None:
        pytest.fail("it cannot have started")

    with pytest.raises(KafkaError):
        with_journal(f"127.0.0.1:{free_port()}", "", use)
