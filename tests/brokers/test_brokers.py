import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiokafka
import pytest
from aiokafka.errors import UnknownError
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import InvalidConfigurationError, KafkaError, TopicAlreadyExistsError

from streams.errors import BrokerNotStarted
from tests.brokers import kafka_jars, selection
from tests.brokers.fixtures import embedded_cannot
from tests.brokers.real_kafka import RealKafka
from tests.brokers.selection import AvailableBroker, BrokerPool

pytestmark = pytest.mark.integration

_PARTITIONS = 4
_RECORDS = 1_000
_WAIT_MILLISECONDS = 10_000


@pytest.fixture
def admin(any_broker: AvailableBroker) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=any_broker.bootstrap)
    yield client
    client.close()


@pytest.fixture
def topic(admin: KafkaAdminClient) -> str:
    return _create_topic(admin, {"cleanup.policy": "delete", "retention.ms": "-1"})


def _create_topic(admin: KafkaAdminClient, settings: Mapping[str, str]) -> str:
    name = f"test-{uuid.uuid4()}"
    options = {"num_partitions": _PARTITIONS, "replication_factor": 1, "configs": dict(settings)}
    admin.create_topics({name: options}, wait_for_metadata=True)
    return name


def _produce(bootstrap: str, topic: str, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
    try:
        for number in range(count):
            producer.send(topic, value=str(number).encode(), partition=number % _PARTITIONS)
        producer.flush()
    finally:
        producer.close()


def _consumer(bootstrap: str, **settings: Any) -> KafkaConsumer:  # noqa: ANN401 - passed on
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=_WAIT_MILLISECONDS,
        **settings,
    )


def _group_member(bootstrap: str, topic: str, group: str) -> KafkaConsumer:
    member = _consumer(
        bootstrap, group_id=group, session_timeout_ms=2_000, heartbeat_interval_ms=500
    )
    member.subscribe([topic])
    return member


def _read(consumer: KafkaConsumer, count: int) -> dict[int, list[int]]:
    """Read so many records, or fewer if no more come: the values of each partition, in order."""
    values: dict[int, list[int]] = {partition: [] for partition in range(_PARTITIONS)}
    for _ in range(count):
        record = next(consumer, None)
        if record is None:
            break
        values[record.partition].append(int(record.value))
    return values


def test_records_come_back_in_order_of_their_partition(
    any_broker: AvailableBroker, topic: str
) -> None:
    _produce(any_broker.bootstrap, topic, _RECORDS)
    consumer = _consumer(any_broker.bootstrap)
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(_PARTITIONS)])
        values = _read(consumer, _RECORDS)
    finally:
        consumer.close()
    assert values == {n: list(range(n, _RECORDS, _PARTITIONS)) for n in range(_PARTITIONS)}


def test_a_group_resumes_where_it_committed(any_broker: AvailableBroker, topic: str) -> None:
    _produce(any_broker.bootstrap, topic, _RECORDS)
    seen: list[int] = []
    for share in (400, 600):
        member = _group_member(any_broker.bootstrap, topic, f"group-of-{topic}")
        try:
            for values in _read(member, share).values():
                seen.extend(values)
            member.commit()
        finally:
            member.close()
    assert sorted(seen) == list(range(_RECORDS))


@pytest.mark.usefixtures("any_broker")
def test_a_compacted_topic_is_accepted(admin: KafkaAdminClient) -> None:
    assert _create_topic(admin, {"cleanup.policy": "compact"}) in admin.list_topics()


def test_a_topic_is_not_created_twice(admin: KafkaAdminClient, topic: str) -> None:
    with pytest.raises(TopicAlreadyExistsError):
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})


@embedded_cannot("tells the settings of a topic only with all defaults", raises=KeyError)
def test_the_settings_of_a_topic_can_be_read_back(admin: KafkaAdminClient) -> None:
    topic = _create_topic(admin, {"cleanup.policy": "compact"})
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    settings = admin.describe_configs([resource])["topic"][topic]
    assert settings["cleanup.policy"]["value"] == "compact"


@embedded_cannot("takes any setting", raises=pytest.fail.Exception)
def test_an_impossible_setting_is_refused(admin: KafkaAdminClient) -> None:
    with pytest.raises(InvalidConfigurationError):
        _create_topic(admin, {"cleanup.policy": "nonsense"})


@embedded_cannot("creates a topic on the first look at it", raises=pytest.fail.Exception)
def test_a_topic_nobody_created_is_refused(any_broker: AvailableBroker) -> None:
    producer = KafkaProducer(bootstrap_servers=any_broker.bootstrap, max_block_ms=500)
    try:
        with pytest.raises(KafkaError):
            producer.send(f"test-{uuid.uuid4()}", b"value").get(timeout=5)
    finally:
        producer.close()


@embedded_cannot("ends a partition at the base offset of its last batch, plus 1")
def test_the_end_of_a_partition_counts_every_record(
    any_broker: AvailableBroker, topic: str
) -> None:
    _produce(any_broker.bootstrap, topic, _RECORDS)
    partitions = [TopicPartition(topic, number) for number in range(_PARTITIONS)]
    consumer = _consumer(any_broker.bootstrap)
    try:
        ends = consumer.end_offsets(partitions)
    finally:
        consumer.close()
    assert ends == dict.fromkeys(partitions, _RECORDS // _PARTITIONS)


@embedded_cannot("refuses InitProducerId of aiokafka", raises=UnknownError)
def test_aiokafka_produces_idempotently(any_broker: AvailableBroker, topic: str) -> None:
    async def produce() -> int:
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=any_broker.bootstrap, enable_idempotence=True
        )
        try:
            await producer.start()
            sent = await producer.send_and_wait(topic, b"value", partition=0)
        finally:
            await producer.stop()
        return int(sent.offset)

    assert asyncio.run(produce()) == 0


@embedded_cannot("keeps a joining member waiting for half its session timeout")
def test_a_group_starts_without_waiting_for_its_session_timeout(
    any_broker: AvailableBroker, topic: str
) -> None:
    _produce(any_broker.bootstrap, topic, _PARTITIONS)
    member = _consumer(any_broker.bootstrap, group_id=topic, session_timeout_ms=10_000)
    member.subscribe([topic])
    begun = time.monotonic()
    try:
        _read(member, 1)
    finally:
        member.close()
    assert time.monotonic() - begun < 4


def test_aiokafka_group_reads_all(any_broker: AvailableBroker, topic: str) -> None:
    _produce(any_broker.bootstrap, topic, _RECORDS)

    async def read() -> list[int]:
        consumer = aiokafka.AIOKafkaConsumer(
            topic,
            bootstrap_servers=any_broker.bootstrap,
            group_id=topic,
            session_timeout_ms=2_000,
            heartbeat_interval_ms=500,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            values = [int((await consumer.getone()).value or b"") for _ in range(_RECORDS)]
            await consumer.commit()
        finally:
            await consumer.stop()
        return values

    values = asyncio.run(asyncio.wait_for(read(), _WAIT_MILLISECONDS / 1_000))
    assert sorted(values) == list(range(_RECORDS))


def test_kafka_keeps_its_records_over_a_stop_and_a_kill() -> None:
    try:
        kafka = RealKafka()
    except BrokerNotStarted as reason:
        if selection.kafka_is_required():
            raise
        pytest.skip(str(reason))
    with kafka:
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        topic = _create_topic(admin, {})
        admin.close()
        _produce(kafka.bootstrap, topic, _RECORDS)
        for end in (kafka.stop, kafka.kill):
            end()
            assert not kafka.is_running()
            kafka.start()
        consumer = _consumer(kafka.bootstrap)
        consumer.assign([TopicPartition(topic, number) for number in range(_PARTITIONS)])
        values = _read(consumer, _RECORDS)
        consumer.close()
    assert sum(map(len, values.values())) == _RECORDS


def test_the_broker_of_a_session_is_shared(
    broker: AvailableBroker, broker_pool: BrokerPool
) -> None:
    assert broker_pool.preferred() == broker


def test_an_explicit_broker_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(selection.EXTERNAL_VARIABLE, "kafka.example:9092")
    pool = BrokerPool()
    assert pool.preferred() == AvailableBroker(bootstrap="kafka.example:9092", kind="external")
    assert pool.notes == ["the broker at kafka.example:9092, which ABOVEBOARD_TEST_BROKER names"]


def test_without_kafka_the_embedded_one_is_used_and_the_reason_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _hide_java(monkeypatch)
    monkeypatch.delenv(selection.REQUIRE_VARIABLE, raising=False)
    pool = BrokerPool()
    try:
        assert pool.preferred().kind == "embedded"
        assert "in place of real Kafka. Reason: " in pool.notes[-1]
        assert "Install Java 17" in pool.notes[-1]
    finally:
        pool.close()


def test_where_kafka_is_required_its_absence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide_java(monkeypatch)
    monkeypatch.setenv(selection.REQUIRE_VARIABLE, "1")
    with pytest.raises(BrokerNotStarted, match="Install Java 17"):
        BrokerPool().preferred()


def test_a_missing_maven_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(kafka_jars.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerNotStarted, match="Install Apache Maven"):
        kafka_jars.resolve_jars()


def _hide_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(selection.EXTERNAL_VARIABLE, raising=False)
    monkeypatch.setenv("JAVA_HOME", "nowhere")
