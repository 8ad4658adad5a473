from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from streams.broker.admin import apply_settings, create_topics
from streams.errors import BrokerError
from streams.wire.topics import CATALOGUE, Topic, partitions_for, topic_name
from tests.brokers.fixtures import embedded_cannot
from tests.brokers.selection import AvailableBroker

pytestmark = pytest.mark.integration

_YEAR_2001 = 978_307_200_000
_YEAR_2090 = 3_786_912_000_000


@pytest.fixture
def prefix() -> str:
    return f"topics-{uuid4()}-"


def _topics_there(bootstrap: str, prefix: str) -> dict[str, int]:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        return {
            topic["name"].removeprefix(prefix): len(topic["partitions"])
            for topic in client.describe_topics()
            if topic["name"].startswith(prefix)
        }
    finally:
        client.close()


def _create(bootstrap: str, name: str, partitions: int, settings: dict[str, str]) -> None:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    options = {"num_partitions": partitions, "replication_factor": 1, "configs": settings}
    client.create_topics({name: options}, wait_for_metadata=True)
    client.close()


def test_every_topic_of_the_catalogue_is_created(any_broker: AvailableBroker, prefix: str) -> None:
    reports = create_topics(any_broker.bootstrap, prefix, 3)
    assert all(report.missing for report in reports)
    assert _topics_there(any_broker.bootstrap, prefix) == {
        plan.topic.value: plan.count(partitions_for(3)) for plan in CATALOGUE
    }


def test_a_second_time_changes_nothing(any_broker: AvailableBroker, prefix: str) -> None:
    create_topics(any_broker.bootstrap, prefix, 2)
    reports = create_topics(any_broker.bootstrap, prefix, 2)
    assert [report.name for report in reports] == [
        topic_name(prefix, plan.topic) for plan in CATALOGUE
    ]
    assert not any(report.missing or report.remarks for report in reports)


def test_what_is_missing_is_added(any_broker: AvailableBroker, prefix: str) -> None:
    _create(any_broker.bootstrap, topic_name(prefix, Topic.SALES), 2, {})
    reports = create_topics(any_broker.bootstrap, prefix, 2)
    assert [report.name for report in reports if not report.missing] == [f"{prefix}sales"]
    assert len(_topics_there(any_broker.bootstrap, prefix)) == len(CATALOGUE)


def test_a_dry_run_creates_nothing(any_broker: AvailableBroker, prefix: str) -> None:
    reports = create_topics(any_broker.bootstrap, prefix, dry_run=True)
    assert all(report.missing for report in reports)
    assert _topics_there(any_broker.bootstrap, prefix) == {}


def test_another_number_of_partitions_is_refused(any_broker: AvailableBroker, prefix: str) -> None:
    _create(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), 3, {})
    with pytest.raises(BrokerError, match=f"{prefix}alerts has 3 partitions, 2 wanted") as error:
        create_topics(any_broker.bootstrap, prefix, 2)
    assert "--partitions" in str(error.value)
    assert _topics_there(any_broker.bootstrap, prefix) == {"alerts": 3}


def test_another_cleanup_policy_is_refused(any_broker: AvailableBroker, prefix: str) -> None:
    name = topic_name(prefix, Topic.LEDGER_STATE)
    _create(any_broker.bootstrap, name, 2, {"cleanup.policy": "delete"})
    with pytest.raises(BrokerError, match=r"cleanup\.policy=delete, compact wanted"):
        create_topics(any_broker.bootstrap, prefix, 2)


def test_another_retention_is_remarked(any_broker: AvailableBroker, prefix: str) -> None:
    name = topic_name(prefix, Topic.SALES)
    settings = {"message.timestamp.type": "LogAppendTime", "retention.ms": "5000"}
    _create(any_broker.bootstrap, name, 2, settings)
    remarks = create_topics(any_broker.bootstrap, prefix, 2)[0].remarks
    assert remarks == ("retention.ms is 5000 where -1 is wanted",)


@embedded_cannot("takes any replication factor", raises=pytest.fail.Exception)
def test_a_refusal_of_the_broker_is_told_in_its_words(
    any_broker: AvailableBroker, prefix: str
) -> None:
    with pytest.raises(BrokerError, match="only 1 broker"):
        create_topics(any_broker.bootstrap, prefix, 1, replication_factor=3)


def test_records_of_any_time_are_taken_and_kept(any_broker: AvailableBroker, prefix: str) -> None:
    create_topics(any_broker.bootstrap, prefix, 1)
    name = topic_name(prefix, Topic.SALES)
    producer = KafkaProducer(bootstrap_servers=any_broker.bootstrap)
    for moment in (_YEAR_2001, _YEAR_2090):
        producer.send(name, b"value", partition=0, timestamp_ms=moment).get(timeout=10)
    producer.close()
    consumer = KafkaConsumer(
        bootstrap_servers=any_broker.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    consumer.assign([TopicPartition(name, 0)])
    assert [next(consumer).value for _ in range(2)] == [b"value", b"value"]
    consumer.close()


def test_settings_that_differ_are_told_and_changed_only_on_request(
    broker: AvailableBroker, prefix: str
) -> None:
    create_topics(broker.bootstrap, prefix, 1)
    retention = {Topic.ALERTS: "34560000000"}
    reports = create_topics(broker.bootstrap, prefix, 1, retention=retention)
    again = create_topics(broker.bootstrap, prefix, 1, retention=retention)
    told = {f"{prefix}alerts": ("retention.ms is -1 where 34560000000 is wanted",)}
    assert [{one.name: one.remarks for one in r if one.remarks} for r in (reports, again)] == [
        told,
        told,
    ]
    apply_settings(broker.bootstrap, reports)
    after = create_topics(broker.bootstrap, prefix, 1, retention=retention)
    assert not any(report.remarks for report in after)


def test_a_topic_is_made_with_the_retention_that_is_set(
    broker: AvailableBroker, prefix: str
) -> None:
    create_topics(broker.bootstrap, prefix, 1, retention={Topic.SALES: "34560000000"})
    remarks = {one.name: one.remarks for one in create_topics(broker.bootstrap, prefix, 1)}
    assert remarks[f"{prefix}sales"] == ("retention.ms is 34560000000 where -1 is wanted",)
