import signal
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from detectors.alerts.alert import Severity, Subject
from streams.broker.admin import create_topics
from streams.broker.alerts import PublishedAlert, published_alerts
from streams.cli.alerts import MOST_TOLD, line_of
from streams.cli.main import main
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.limited_process import limited
from tests.streams.broker.published_alerts import alert_of, bytes_of, produce, publish

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"alerts-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix)
    return prefix


def _command(broker: AvailableBroker, prefix: str, *words: str) -> list[str]:
    return ["alerts", "--broker", broker.bootstrap, "--topic-prefix", prefix, *words]


def test_the_command_prints_the_log_in_canonical_order_and_each_revision_once(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [alert_of(number, revision) for revision in (1, 2) for number in range(20)]
    publish(any_broker.bootstrap, prefix, alerts)
    publish(any_broker.bootstrap, prefix, alerts[-5:])
    produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(None, b"garbage")])
    assert main(_command(any_broker, prefix, "--format", "json")) == 0
    output = capfdbinary.readouterr()
    assert output.out.splitlines() == [bytes_of(alert) for alert in alerts]
    assert b"is no alert" in output.err


def test_the_command_prints_the_latest_of_every_alert(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [alert_of(number, revision) for revision in (1, 2, 3) for number in range(4)]
    publish(any_broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
    assert main(_command(any_broker, prefix, "--current", "--format", "json")) == 0
    assert capfdbinary.readouterr().out.splitlines() == [bytes_of(alert) for alert in alerts[-4:]]


def test_what_another_program_wrote_is_told_counted_and_left_out(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [alert_of(number) for number in range(3)]
    strange = [
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"alert_id":' + b"[" * 50_000,
        b'{"alert_id": "\xff"}',
    ]
    for topic in (Topic.ALERTS, Topic.ALERTS_CURRENT):
        name = topic_name(prefix, topic)
        publish(any_broker.bootstrap, prefix, alerts, topic)
        produce(any_broker.bootstrap, name, [(b"id0001", value) for value in strange])
        produce(any_broker.bootstrap, name, [(b"k%d" % n, bytes_of(alerts[0])) for n in range(9)])
    for words in ([], ["--current"]):
        assert main(_command(any_broker, prefix, "--format", "json", *words)) == 0
        output = capfdbinary.readouterr()
        assert output.out.splitlines() == [bytes_of(alert) for alert in alerts]
        assert output.err.count(b"is no alert") == MOST_TOLD
        assert output.err.splitlines()[-1].endswith(b"left out 14 records that are no alerts")


def test_a_deleted_alert_is_no_current_one(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [alert_of(number, revision) for number in range(4) for revision in (1, 2)]
    publish(any_broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
    name = topic_name(prefix, Topic.ALERTS_CURRENT)
    produce(any_broker.bootstrap, name, [(b"id0001", None), (b"id0002", None), (b"other", None)])
    publish(any_broker.bootstrap, prefix, [alert_of(2, 1)], Topic.ALERTS_CURRENT)
    # A worker that was frozen may say an older revision once more.
    publish(any_broker.bootstrap, prefix, [alert_of(3, 1)], Topic.ALERTS_CURRENT)
    assert main(_command(any_broker, prefix, "--current", "--format", "json")) == 0
    told = capfdbinary.readouterr().out.splitlines()
    assert sorted(told) == sorted(map(bytes_of, [alert_of(0, 2), alert_of(2, 1), alert_of(3, 2)]))


def test_the_command_leaves_out_what_is_less_severe(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    severities: tuple[Severity, ...] = ("info", "warning", "critical")
    alerts = [alert_of(number, severity=severity) for number, severity in enumerate(severities)]
    publish(any_broker.bootstrap, prefix, alerts)
    assert main(_command(any_broker, prefix, "--severity", "warning")) == 0
    assert capsys.readouterr().out.splitlines() == [line_of(alert) for alert in alerts[1:]]


def test_the_command_follows_until_an_interrupt(any_broker: AvailableBroker, prefix: str) -> None:
    publish(any_broker.bootstrap, prefix, [alert_of(1)])
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
    with limited(process):
        assert process.stdout is not None
        assert "Sentence 1." in process.stdout.readline()
        publish(any_broker.bootstrap, prefix, [alert_of(2)])
        assert "Sentence 2." in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_only_what_was_stored_since_is_printed(
    any_broker: AvailableBroker, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the broker's clock, and though a record of before is written again."""
    publish(any_broker.bootstrap, prefix, [alert_of(1)])
    while True:  # until the next record has a later time
        before = datetime.now(UTC)
        publish(any_broker.bootstrap, prefix, [alert_of(1), alert_of(2)])
        if stored(any_broker, prefix)[0] < 1_000 * before.timestamp():
            break
    assert main(_command(any_broker, prefix, "--since", before.isoformat())) == 0
    assert capsys.readouterr().out.splitlines() == [line_of(alert_of(2))]
    assert main(_command(any_broker, prefix, "--since", "1h")) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def stored(broker: AvailableBroker, prefix: str) -> list[int]:
    """Return when the records of the log were stored, in their order."""
    found = published_alerts(broker.bootstrap, topic_name(prefix, Topic.ALERTS))
    return sorted(one.stored_at for one in found if isinstance(one, PublishedAlert))


@pytest.mark.parametrize("text", ["yesterday", "2025-06-30", "2025-06-30T00:00:00", "2w"])
def test_what_is_no_time_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "--since", text]) == 2
    assert "such as 2h" in capsys.readouterr().err


def test_a_line_names_all_that_matters() -> None:
    assert line_of(alert_of(7)).split() == [
        "2025-03-01", "12:00", "warning", "agent", "agent-7", "quick_cancellation", "open",
        "Sentence", "7.",
    ]  # fmt: skip


def test_a_line_ends_with_what_the_alert_lacks() -> None:
    lacking = msgspec.structs.replace(alert_of(7), data_quality=("sales lacks 5 records",))
    assert line_of(lacking) == line_of(alert_of(7)) + "  [sales lacks 5 records]"


def test_an_identifier_cannot_command_the_terminal() -> None:
    hostile = msgspec.structs.replace(alert_of(1), subject=Subject(type="agent", id="x\x1b[2J\ny"))
    assert line_of(hostile).isprintable()
