"""How a worker ends: when it is told to, when it cannot begin, and when it cannot go on."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from streams.demo.embedded_broker import EmbeddedBroker
from streams.demo.ports import free_port
from streams.errors import BrokerNotStarted
from streams.wire.seal import SEAL
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic
from tests.brokers.real_kafka import RealKafka
from tests.brokers.selection import AvailableBroker, BrokerPool, kafka_is_required
from tests.integration.busy_month import event_lines
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.other_settings import worker_under_other_settings
from tests.logged_process import Ending
from tests.streams.hostile_corpus import sale

pytestmark = pytest.mark.integration


@pytest.fixture
def own_kafka(broker_pool: BrokerPool) -> Iterator[RealKafka]:
    """Return a Kafka that the test may kill; skip where there is none and none is due."""
    try:
        broker_pool.kafka()
    except BrokerNotStarted as reason:
        if kafka_is_required():
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
    with RealKafka() as kafka:
        yield kafka


def is_told_in_one_line(ending: Ending) -> bool:
    last = ending.log.splitlines()[-1]
    return last.startswith("aboveboard worker: ") and "Traceback" not in ending.log


def wait_until_at_work(worker: WorkerProcess) -> None:
    worker.wait_for(lambda it: "restored" in it.log())


def test_without_its_topics_it_names_them_and_the_remedy(broker: AvailableBroker) -> None:
    installation = install(broker, 2)
    with installation.worker(topic_prefix="nowhere-") as worker:
        ending = worker.ending()
    assert ending.code == 2
    assert is_told_in_one_line(ending)
    assert "nowhere-sales" in ending.log
    assert "aboveboard topics" in ending.log


def test_topics_with_other_partitions_are_refused(broker: AvailableBroker) -> None:
    installation = install(broker, 2)
    prefix = "uneven-" + installation.prefix
    client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    counts = {prefix + plan.topic: 3 if plan.topic is Topic.OUTCOMES else 1 for plan in CATALOGUE}
    client.create_topics(
        {name: {"num_partitions": n, "replication_factor": 1} for name, n in counts.items()},
        wait_for_metadata=True,
    )
    client.close()
    with installation.worker(topic_prefix=prefix) as worker:
        ending = worker.ending()
    assert ending.code == 2
    assert is_told_in_one_line(ending)
    assert f"{prefix}mentions has 1 partitions and must have 3" in ending.log


def test_a_broker_that_is_not_there_is_named(broker: AvailableBroker) -> None:
    address = f"127.0.0.1:{free_port()}"
    with install(broker, 1).worker("--broker", address) as worker:
        ending = worker.ending()
    assert ending.code == 2
    assert is_told_in_one_line(ending)
    assert address in ending.log


def test_other_settings_over_the_same_state_are_refused(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    with worker_under_other_settings(broker, tmp_path) as worker:
        ending = worker.ending()
    assert ending.code == 2
    assert is_told_in_one_line(ending)
    assert "settings" in ending.log.splitlines()[-1]


def test_it_ends_when_told_to_with_everything_committed(broker: AvailableBroker) -> None:
    installation = install(broker, 2)
    installation.send_events(event_lines()[:2_000])
    with installation.worker() as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 2_000)
        ending = worker.end(signal.SIGTERM)
    assert ending.code == 0, ending.log
    for topic in EVENT_TOPICS:
        ends = dict.fromkeys(range(2), 0)
        for record in installation.records(topic):
            ends[record.partition] = max(ends[record.partition], record.offset + 1)
        committed = {number: end or 0 for number, end in installation.committed(topic).items()}
        assert committed == ends
    with installation.worker() as worker:
        wait_until_at_work(worker)
        installation.send_events(event_lines()[2_000:2_100])
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 100)
        assert worker.sum_of("aboveboard_redelivered_records_total") == 0
        assert worker.end(signal.SIGTERM).code == 0


def test_a_message_of_another_release_stops_it(broker: AvailableBroker) -> None:
    """Leaving it out would lose outcomes for good; what is foreign only is left out."""
    installation = install(broker, 1)
    installation.send(Topic.OUTCOMES, [b"poison"])
    installation.send(Topic.OUTCOMES, [b"new"], [(SEAL, b"2:" + b"0" * 32)])
    with installation.worker() as worker:
        ending = worker.ending()
    assert ending.code == 1
    assert "outcomes partition 0 offset 1: a worker of another release" in ending.log
    assert "Traceback" not in ending.log


def test_a_broker_that_goes_away_stops_it() -> None:
    with EmbeddedBroker() as broker:
        installation = Installation(broker.bootstrap, 1)
        with installation.worker(broker_patience="3") as worker:
            wait_until_at_work(worker)
            broker.stop()
            ending = worker.ending()
    assert ending.code == 1
    assert "the broker has not answered for 3 s" in ending.log


def test_it_outlives_a_restart_of_the_broker(own_kafka: RealKafka) -> None:
    installation = Installation(own_kafka.bootstrap, 2)
    installation.send_events(event_lines()[:1_000])
    with installation.worker(session_timeout="6") as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 1_000)
        own_kafka.kill()
        own_kafka.start()
        installation.send_events(event_lines()[1_000:2_000])
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 2_000)
        ending = worker.end(signal.SIGTERM)
    assert ending.code == 0
    assert len(ending.log.splitlines()) < 100


def test_a_quiet_stream_is_judged_all_the_same(broker: AvailableBroker, tmp_path: Path) -> None:
    """Nothing comes after two sales; the accounts are unused once their window has passed."""
    config = tmp_path / "settings.toml"
    config.write_text(
        '[time]\nallowed_lateness = "1s"\n[patterns.quick_cancellation]\nenabled = false\n'
        '[patterns.burst]\nenabled = false\n[patterns.unused_account]\nwindow = "4s"\n',
        encoding="utf-8",
    )
    installation = install(broker, 1)
    installation.send_events(sale(account_id=f'"a-{n}"', sale_id=f'"s-{n}"') for n in range(2))
    with installation.worker("--config", str(config)) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 2)
        assert worker.sum_of("aboveboard_open_alerts") == 0
        worker.wait_for(lambda it: it.sum_of("aboveboard_open_alerts", severity="info") == 2)
        assert worker.end(signal.SIGTERM).code == 0
    assert len(installation.records(Topic.ALERTS)) == 2
    with installation.worker("--config", str(config)) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_open_alerts", severity="info") == 2)
        assert worker.end(signal.SIGTERM).code == 0
    assert len(installation.records(Topic.ALERTS)) == 2
