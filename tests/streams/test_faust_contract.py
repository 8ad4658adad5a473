"""What we lean on in Faust and its client, and Faust does not promise.

A test that fails here says which of our modules breaks with another version of them.
"""
# ruff: noqa: SLF001 - private names are what the contract is about

import asyncio
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from faust.assignor.partition_assignor import PartitionAssignor
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.faust_transport import LONGEST_FETCH_MILLISECONDS, ShortFetchTransport
from streams.topic_catalogue import CATALOGUE, Topic, topic_name
from streams.topics import create_topics
from tests.brokers.selection import AvailableBroker

TRANSPORT: Final = "streams/faust_transport.py breaks: "
HOST: Final = "streams/faust_host.py breaks: "
RECORDS: Final = 3


def app_at(broker: str, name: str, folder: Path) -> faust.App:
    """Give an app with those settings of the host that matter here."""
    app = faust.App(
        name,
        broker=[f"kafka://{broker}"],
        store="memory://",
        table_standby_replicas=1,
        datadir=folder,
        web_enabled=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=2,
        broker_heartbeat_interval=0.5,
    )
    app.transport = ShortFetchTransport(app.conf.broker_consumer, app)
    return app


def test_the_names_of_the_transport_are_there() -> None:
    assert callable(getattr(AIOKafkaConsumerThread, "_create_worker_consumer", None)), (
        TRANSPORT + "AIOKafkaConsumerThread._create_worker_consumer is gone"
    )
    assert callable(getattr(Consumer, "_new_consumer_thread", None)), (
        TRANSPORT + "Consumer._new_consumer_thread is gone"
    )


def test_the_client_takes_the_longest_fetch_from_its_private_name() -> None:
    assert "self._fetch_max_wait_ms" in inspect.getsource(AIOKafkaConsumer.start), (
        TRANSPORT + "AIOKafkaConsumer no longer hands _fetch_max_wait_ms to its fetcher"
    )


class _Cluster:
    """Topics of an installation with four partitions."""

    def partitions_for_topic(self, topic: str) -> set[int]:
        (plan,) = (plan for plan in CATALOGUE if plan.topic == topic)
        return set(range(4 if plan.partitioned else 1))


@pytest.mark.parametrize("members", [["a", "b"], ["a", "b", "c"]])
def test_partitions_of_one_number_go_to_one_worker(members: list[str], tmp_path: Path) -> None:
    topics = {Topic.SALES, Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY, Topic.OUTCOMES}
    topics |= {Topic.PEER_EXPECTATIONS, Topic.PEER_TOTALS}
    assignor = PartitionAssignor(app_at("localhost:9", "assignment", tmp_path), replicas=1)
    metadata = assignor.metadata({topic.value for topic in topics})
    assigned = assignor.assign(_Cluster(), dict.fromkeys(members, metadata))
    partitioned = {topic.value for topic in topics - {Topic.PEER_TOTALS}}
    for member in members:
        numbers = {tuple(sorted(p)) for t, p in assigned[member].assignment if t in partitioned}
        assert len(numbers) == 1, (
            HOST + "Faust's assignor gives a worker other numbers of one topic than of another"
        )


@pytest.mark.integration
def test_what_the_host_sees_of_a_running_app(broker: AvailableBroker, tmp_path: Path) -> None:
    prefix = f"contract-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, 1)
    name = topic_name(prefix, Topic.SALES)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(RECORDS):
        # The second one is a tombstone, which must be acknowledged like any other.
        producer.send(name, None if number == 1 else b"value", key=b"key")
    producer.close()
    asyncio.run(_see(app_at(broker.bootstrap, prefix, tmp_path), broker.bootstrap, name))


async def _see(app: faust.App, bootstrap: str, name: str) -> None:
    events: list[Any] = []
    assigned: list[set[Any]] = []
    enough = asyncio.Event()
    topic = app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def read(stream: Any) -> None:  # noqa: ANN401 - as Faust gives it
        async for event in stream.noack().events():
            events.append(event)
            if len(events) == RECORDS:
                enough.set()

    async def take_note(*told: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signature
        assigned.append(told[1])

    app.agent(topic, name="contract", concurrency=1)(read)
    app.on_partitions_assigned.connect(take_note)
    await app.start()
    try:
        await asyncio.wait_for(enough.wait(), 30)
        consumer: Any = app.consumer
        thread = consumer._thread
        assert thread._assignor is app.assignor, HOST + "Faust does not use its own assignor"
        assert thread._consumer._fetch_max_wait_ms == LONGEST_FETCH_MILLISECONDS, (
            TRANSPORT + "its client does not get the longest fetch"
        )
        _check_events(app, events, assigned, name)
        await asyncio.sleep(0.2)
        assert not any(event.message.acked for event in events), (
            HOST + "streams with noack() acknowledge all the same"
        )
        await app.consumer.commit()
        assert _committed(bootstrap, app.conf.id, name) is None
        for event in events:
            event.ack()
        await app.consumer.commit()
        assert _committed(bootstrap, app.conf.id, name) == RECORDS, (
            HOST + "event.ack() does not lead to a commit"
        )
        await app.consumer.crash(RuntimeError("gone"))
        assert app.crashed, HOST + "the app does not learn that its consumer crashed"
        assert str(app.crash_reason) == "gone"
    finally:
        await app.stop()


def _check_events(
    app: faust.App, events: list[Any], assigned: list[Iterable[Any]] | list[set[Any]], name: str
) -> None:
    (place,) = assigned[-1]
    assert (place.topic, place.partition) == (name, 0), HOST + "on_partitions_assigned differs"
    assert [event.message.offset for event in events] == list(range(RECORDS))
    assert [event.message.value for event in events] == [b"value", None, b"value"]
    assert {event.message.generation_id for event in events} == {app.consumer_generation_id}, (
        HOST + "messages no longer carry the generation of their assignment"
    )
    assert app.consumer.highwater(place) == RECORDS, HOST + "highwater is not the end"


def _committed(bootstrap: str, group: str, name: str) -> int | None:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        offset: int | None = consumer.committed(TopicPartition(name, 0))
    finally:
        consumer.close()
    return offset
