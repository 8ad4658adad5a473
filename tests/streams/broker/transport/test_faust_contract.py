"""What we lean on in Faust and its client, and they do not promise.

A test that fails here says which of our modules breaks with another version of them, and why the
name was needed.
"""
# ruff: noqa: SLF001 - private names are what the contract is about

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import faust
import pytest
from faust.assignor.partition_assignor import PartitionAssignor
from faust.transport.drivers import by_url
from kafka import KafkaProducer
from yarl import URL

from streams.broker.transport.batch import FetchedBatch
from streams.broker.transport.schema import BATCHES_WAITING, batch_topic, refuse_unsuitable
from streams.broker.transport.thread import (
    LARGEST_FETCH,
    LARGEST_PARTITION_FETCH,
    LONGEST_FETCH_MILLISECONDS,
)
from streams.broker.transport.transport import Transport
from streams.errors import UnsupportedApp
from streams.wire.topics import CATALOGUE, Topic, partitions_for
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.private_names import NAMES, Method, Text
from tests.streams.broker.transport.small_app import SmallApp, committed, new_topic, until

TRANSPORT: Final = "streams/transport breaks: "
HOST: Final = "streams/worker/faust_host.py breaks: "
RECORDS: Final = 3


def app_of_the_host(folder: Path) -> faust.App:
    """Return an app with those settings of the host that matter here."""
    return faust.App(
        "contract",
        broker=["aboveboard://localhost:9"],
        store="memory://",
        table_standby_replicas=1,
        datadir=folder,
        web_enabled=False,
        topic_disable_leader=True,
    )


@pytest.mark.parametrize(
    "name", NAMES, ids=lambda name: f"{name.owner.__qualname__}: {name.name}".replace("::", ":")
)
def test_a_private_name_is_as_the_transport_knows_it(name: Method | Text) -> None:
    trouble = name.trouble()
    assert trouble is None, (
        f"streams/transport breaks with faust-streaming {version('faust-streaming')} and aiokafka "
        f"{version('aiokafka')}: `{name.name}` of {name.owner.__qualname__} {trouble}. "
        f"Without it {name.why}"
    )


def test_the_table_bites() -> None:
    gone = Method(Transport, "_never_was", "self", "nothing works")
    other = Method(faust.App, "topic", "self, name", "nothing works")
    unsaid = Text(faust.App.topic, "a step that is not there", "nothing works")
    assert gone.trouble() == "is gone"
    assert "and not (self, name)" in (other.trouble() or "")
    assert "is no longer in" in (unsaid.trouble() or "")


def test_faust_finds_the_transport_by_the_scheme_of_the_broker(tmp_path: Path) -> None:
    assert by_url(URL("aboveboard://localhost:9")) is Transport, (
        TRANSPORT + "the entry point faust.transports is not installed: pip install -e ."
    )
    assert isinstance(app_of_the_host(tmp_path).transport, Transport)


def test_the_topics_of_batches_are_neither_acknowledged_by_faust_nor_unbounded(
    tmp_path: Path,
) -> None:
    async def clone() -> Any:  # noqa: ANN401 - Faust says no more; it asks for a running loop
        return batch_topic(app_of_the_host(tmp_path), "some", "topics").clone(is_iterator=True)

    copy = asyncio.run(clone())
    assert not copy.acks, TRANSPORT + "Faust acknowledges batches by itself"
    assert copy.maxsize == BATCHES_WAITING, TRANSPORT + "a stream's buffer is not bounded"
    assert copy.queue.maxsize == BATCHES_WAITING, TRANSPORT + "a stream's buffer is not bounded"


def test_an_app_with_tables_or_transactions_is_refused(tmp_path: Path) -> None:
    with_table = app_of_the_host(tmp_path)
    with_table.Table("counts", default=int)
    in_transaction = faust.App(
        "contract", broker=["aboveboard://localhost:9"], processing_guarantee="exactly_once"
    )

    for app in (with_table, in_transaction):
        with pytest.raises(UnsupportedApp):
            refuse_unsuitable(app)
    refuse_unsuitable(app_of_the_host(tmp_path))


class _Cluster:
    """Topics of an installation with four partitions."""

    def partitions_for_topic(self, topic: str) -> set[int]:
        (plan,) = (plan for plan in CATALOGUE if plan.topic == topic)
        return set(range(plan.count(partitions_for(4, 2))))


@pytest.mark.parametrize("members", [["a", "b"], ["a", "b", "c"]])
def test_partitions_of_one_number_go_to_one_worker(members: list[str], tmp_path: Path) -> None:
    topics = {Topic.SALES, Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY, Topic.OUTCOMES}
    topics |= {Topic.PEER_EXPECTATIONS, Topic.PEER_TOTALS}
    assignor = PartitionAssignor(app_of_the_host(tmp_path), replicas=1)
    metadata = assignor.metadata({topic.value for topic in topics})
    assigned = assignor.assign(_Cluster(), dict.fromkeys(members, metadata))
    of_accounts = {Topic.SALES, Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY}
    for together in (of_accounts, {Topic.OUTCOMES, Topic.PEER_EXPECTATIONS}):
        names = {topic.value for topic in together}
        for member in members:
            given = [set(p) for t, p in assigned[member].assignment if t in names]
            assert len({frozenset(numbers) for numbers in given}) <= 1, (
                HOST + "Faust's assignor gives a worker other numbers of one topic than of another"
            )


@pytest.mark.integration
def test_what_the_host_sees_of_a_running_app(broker: AvailableBroker, tmp_path: Path) -> None:
    name = new_topic(broker.bootstrap, 1)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(RECORDS):
        # The second one is a tombstone.
        producer.send(name, None if number == 1 else b"value", key=b"key", partition=0)
    producer.flush()
    producer.close()
    asyncio.run(_see(broker.bootstrap, name, tmp_path))


async def _see(bootstrap: str, name: str, folder: Path) -> None:
    given: list[FetchedBatch] = []

    async def work(batch: FetchedBatch) -> None:
        given.append(batch)

    async with SmallApp(bootstrap, f"contract-{uuid4()}", name, folder, work) as small:
        await until(lambda: sum(len(batch.records) for batch in given) == RECORDS)
        app, consumer = small.app, small.consumer
        thread = consumer._batch_thread
        assert thread._assignor is app.assignor, HOST + "Faust does not use its own assignor"
        client = thread._ensure_consumer()
        assert client._fetch_max_wait_ms == LONGEST_FETCH_MILLISECONDS, TRANSPORT + "slow fetches"
        assert client._fetcher._fetch_max_bytes == LARGEST_FETCH, TRANSPORT + "huge fetches"
        assert client._fetcher._max_partition_fetch_bytes == LARGEST_PARTITION_FETCH
        (place,) = small.assigned[-1]
        assert (place.topic, place.partition) == (name, 0), HOST + "on_partitions_assigned differs"
        assert {batch.generation for batch in given} == {app.consumer_generation_id}, (
            HOST + "batches do not carry the generation of their assignment"
        )
        assert consumer.highwater(place) == RECORDS, HOST + "highwater is not the end"
        assert not any(consumer._acked.values()), TRANSPORT + "Faust acknowledges batches"
        for batch in given:
            batch.finish()
        await app.consumer.commit()
        assert committed(bootstrap, app.conf.id, name) is None, TRANSPORT + "Faust commits"
        await consumer.commit_finished()
        assert committed(bootstrap, app.conf.id, name) == RECORDS
        await consumer.crash(RuntimeError("gone"))
        assert app.crashed, HOST + "the app does not learn that its consumer crashed"
        assert str(app.crash_reason) == "gone"
