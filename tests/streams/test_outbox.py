"""The journal on a broker: the order of its steps, and state read back as it was written."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError
from kafka import KafkaConsumer, TopicPartition

from streams.actors.actor import Output, StateWrite
from streams.broker_process import free_port
from streams.outbox import LARGEST_BATCH, Outbox
from streams.topic_catalogue import Topic, topic_name
from streams.topics import create_topics
from tests.brokers.selection import AvailableBroker

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"outbox-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix, 2)
    return prefix


def with_outbox(bootstrap: str, prefix: str, use: Callable[[Outbox], Awaitable[None]]) -> None:
    async def run() -> None:
        outbox = Outbox(bootstrap, prefix)
        await outbox.start()
        try:
            await use(outbox)
        finally:
            await outbox.stop()

    asyncio.run(run())


def log_of(bootstrap: str, topic: str, partition: int, count: int) -> list[tuple[bytes, bytes]]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, partition)])
    found = [(record.key, record.value) for record in islice(consumer, count)]
    consumer.close()
    return found


def test_state_is_written_in_the_order_that_survives_a_crash(
    any_broker: AvailableBroker, prefix: str
) -> None:
    state = StateWrite({b"p1": b"1", b"p2": b"2"}, (b"head", b"h"), {b"s": b"3", b"p0": None})

    async def use(outbox: Outbox) -> None:
        await outbox.write_state(Topic.LEDGER_STATE, 1, state)

    with_outbox(any_broker.bootstrap, prefix, use)
    name = topic_name(prefix, Topic.LEDGER_STATE)
    assert log_of(any_broker.bootstrap, name, 1, 5) == [
        *state.prepared.items(),
        state.head,
        *state.settled.items(),
    ]


def test_state_is_read_back_as_it_was_written_last(
    any_broker: AvailableBroker, prefix: str
) -> None:
    large = {f"k{n}".encode(): bytes([n]) * (LARGEST_BATCH // 3) for n in range(10)}

    async def use(outbox: Outbox) -> None:
        assert await outbox.read_state(Topic.AGENTS_STATE, 1) == {}
        await outbox.write_state(Topic.AGENTS_STATE, 1, StateWrite(large, (b"head", b"1"), {}))
        removal: dict[bytes, bytes | None] = {b"k3": None}
        await outbox.write_state(Topic.AGENTS_STATE, 1, StateWrite({}, (b"head", b"2"), removal))
        found = await outbox.read_state(Topic.AGENTS_STATE, 1)
        assert found == {key: large[key] for key in large if key != b"k3"} | {b"head": b"2"}
        assert await outbox.read_state(Topic.AGENTS_STATE, 0) == {}

    with_outbox(any_broker.bootstrap, prefix, use)


def test_outputs_keep_their_order_key_and_headers(any_broker: AvailableBroker, prefix: str) -> None:
    outputs = [
        Output(Topic.OUTCOMES, str(n).encode(), b"key", 1, (("name", b"value"),))
        for n in range(100)
    ]

    async def use(outbox: Outbox) -> None:
        await outbox.send(outputs)
        await outbox.probe()

    with_outbox(any_broker.bootstrap, prefix, use)
    name = topic_name(prefix, Topic.OUTCOMES)
    assert log_of(any_broker.bootstrap, name, 1, 100) == [(b"key", o.value) for o in outputs]


def test_what_no_broker_takes_is_an_error(any_broker: AvailableBroker, prefix: str) -> None:
    async def use(outbox: Outbox) -> None:
        with pytest.raises(KafkaError):
            await outbox.send([Output(Topic.ALERTS, b"x" * 2_000_000)])

    with_outbox(any_broker.bootstrap, prefix, use)


def test_a_broker_that_is_not_there_is_an_error() -> None:
    async def use(_: Outbox) -> None:
        pytest.fail("it cannot have started")

    with pytest.raises(KafkaError):
        with_outbox(f"127.0.0.1:{free_port()}", "", use)
