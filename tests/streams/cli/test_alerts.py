import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaProducer

from detectors.alerts.alert import Alert, Evidence, Severity, Subject, canonical_order
from streams.broker.admin import create_topics
from streams.broker.alerts import read_alerts
from streams.cli.alerts import line_of
from streams.cli.main import main
from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerError, InvalidAlertRecord
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.silenced_reader import ending_of_a_silenced_reader

pytestmark = pytest.mark.integration

_OPENED = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"alerts-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix)
    return prefix


def _alert(number: int, revision: int = 1, severity: Severity = "warning") -> Alert:
    return Alert(
        alert_id=f"id{number:04}",
        revision=revision,
        status="open",
        pattern="quick_cancellation",
        pattern_version=1,
        severity=severity,
        subject=Subject(type="agent", id=f"agent-{number}"),
        agent_id=f"agent-{number}",
        opened_at=_OPENED,
        updated_at=_OPENED + timedelta(days=revision, minutes=number),
        summary=f"Sentence {number}.",
        evidence=Evidence(window="10d", matured=1, pending=0, observed=1, peers="all"),
        event_ids=(),
        config_hash="0",
    )


def _bytes(alert: Alert) -> bytes:
    return msgspec.json.encode(alert)


def _publish(
    bootstrap: str, prefix: str, alerts: Sequence[Alert], topic: Topic = Topic.ALERTS
) -> None:
    _produce(
        bootstrap,
        topic_name(prefix, topic),
        [(alert.alert_id.encode(), _bytes(alert)) for alert in alerts],
    )


def _produce(
    bootstrap: str, topic: str, records: Sequence[tuple[bytes | None, bytes | None]]
) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for key, value in records:
        producer.send(topic, value, key=key)
    producer.flush()
    producer.close()


def _command(broker: AvailableBroker, prefix: str, *words: str) -> list[str]:
    return ["alerts", "--broker", broker.bootstrap, "--topic-prefix", prefix, *words]


def test_every_record_is_read_up_to_the_end(any_broker: AvailableBroker, prefix: str) -> None:
    alerts = [_alert(number, revision) for number in range(700) for revision in (1, 2)]
    _publish(any_broker.bootstrap, prefix, alerts)
    found = list(read_alerts(any_broker.bootstrap, prefix))
    assert sorted((alert for _, alert in found), key=canonical_order) == sorted(
        alerts, key=canonical_order
    )
    assert all(key == alert.alert_id.encode() for key, alert in found)
    revisions: dict[str, list[int]] = {}
    for _, alert in found:
        revisions.setdefault(alert.alert_id, []).append(alert.revision)
    assert set(map(tuple, revisions.values())) == {(1, 2)}


def test_an_empty_topic_ends_at_once(any_broker: AvailableBroker, prefix: str) -> None:
    begun = time.monotonic()
    assert list(read_alerts(any_broker.bootstrap, prefix)) == []
    assert time.monotonic() - begun < 5


def test_deletions_in_the_compacted_topic_are_left_out(
    any_broker: AvailableBroker, prefix: str
) -> None:
    alert = _alert(1)
    records = [(b"other", None), (alert.alert_id.encode(), _bytes(alert)), (b"other", None)]
    _produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS_CURRENT), records)
    found = read_alerts(any_broker.bootstrap, prefix, topic=Topic.ALERTS_CURRENT)
    assert [alert for _, alert in found] == [alert]


def test_new_alerts_are_followed_until_another_thread_says_stop(
    any_broker: AvailableBroker, prefix: str
) -> None:
    stop = threading.Event()
    seen = threading.Event()
    found: list[str] = []

    def follow() -> None:
        for _, alert in read_alerts(any_broker.bootstrap, prefix, until=stop.is_set):
            found.append(alert.alert_id)
            seen.set()

    _publish(any_broker.bootstrap, prefix, [_alert(1)])
    thread = threading.Thread(target=follow)
    thread.start()
    try:
        for number in (2, 3):
            assert seen.wait(timeout=10)
            seen.clear()
            _publish(any_broker.bootstrap, prefix, [_alert(number)])
        assert seen.wait(timeout=10)
    finally:
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert found == ["id0001", "id0002", "id0003"]


def test_a_record_that_is_no_alert_is_an_error_that_says_where(
    any_broker: AvailableBroker, prefix: str
) -> None:
    _produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(None, b"{}")])
    with pytest.raises(InvalidAlertRecord, match=r"alerts\[\d\]@0"):
        list(read_alerts(any_broker.bootstrap, prefix))


def test_a_missing_topic_is_named_with_the_remedy(any_broker: AvailableBroker) -> None:
    with pytest.raises(BrokerError, match=r"no topic nothing-alerts.*aboveboard topics"):
        next(read_alerts(any_broker.bootstrap, "nothing-"))


_READ_WITH_PATIENCE = """
import sys
from streams.cli.alerts import read_alerts
alerts = read_alerts(sys.argv[1], patience=1)
next(alerts)
print("begun", flush=True)
sys.stdin.readline()
list(alerts)
"""


def test_a_broker_that_falls_silent_is_an_error() -> None:
    long = msgspec.structs.replace(_alert(1), summary="x" * 50_000)
    with EmbeddedBroker() as broker:
        create_topics(broker.bootstrap, partitions=1)
        _publish(broker.bootstrap, "", [long] * 400)  # more than a few fetches of 1 MiB
        ending = ending_of_a_silenced_reader(broker, _READ_WITH_PATIENCE)
    assert ending.code == 1
    assert "has not answered for 1 s" in ending.log


def test_the_command_prints_the_log_in_canonical_order_and_each_revision_once(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [_alert(number, revision) for revision in (1, 2) for number in range(20)]
    _publish(any_broker.bootstrap, prefix, alerts)
    _publish(any_broker.bootstrap, prefix, alerts[-5:])
    _produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(None, b"garbage")])
    assert main(_command(any_broker, prefix, "--format", "json")) == 0
    output = capfdbinary.readouterr()
    assert output.out.splitlines() == [_bytes(alert) for alert in alerts]
    assert b"is no alert" in output.err


def test_the_command_prints_the_latest_of_every_alert(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [_alert(number, revision) for revision in (1, 2, 3) for number in range(4)]
    _publish(any_broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
    assert main(_command(any_broker, prefix, "--current", "--format", "json")) == 0
    assert capfdbinary.readouterr().out.splitlines() == [_bytes(alert) for alert in alerts[-4:]]


def test_the_command_leaves_out_what_is_less_severe(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    severities: tuple[Severity, ...] = ("info", "warning", "critical")
    alerts = [_alert(number, severity=severity) for number, severity in enumerate(severities)]
    _publish(any_broker.bootstrap, prefix, alerts)
    assert main(_command(any_broker, prefix, "--severity", "warning")) == 0
    assert capsys.readouterr().out.splitlines() == [line_of(alert) for alert in alerts[1:]]


def test_the_command_follows_until_an_interrupt(any_broker: AvailableBroker, prefix: str) -> None:
    _publish(any_broker.bootstrap, prefix, [_alert(1)])
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from streams.cli.main import main; sys.exit(main())",
            *_command(any_broker, prefix, "--follow"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert "Sentence 1." in process.stdout.readline()
        _publish(any_broker.bootstrap, prefix, [_alert(2)])
        assert "Sentence 2." in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_a_line_names_all_that_matters() -> None:
    assert line_of(_alert(7)).split() == [
        "2025-03-01", "12:00", "warning", "agent", "agent-7", "quick_cancellation", "open",
        "Sentence", "7.",
    ]  # fmt: skip


def test_an_identifier_cannot_command_the_terminal() -> None:
    hostile = msgspec.structs.replace(_alert(1), subject=Subject(type="agent", id="x\x1b[2J\ny"))
    assert line_of(hostile).isprintable()
