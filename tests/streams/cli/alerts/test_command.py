import csv
import io
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest
from kafka.consumer.fetcher import ConsumerRecord

from detectors.alerts.alert import Alert, Severity, Status
from detectors.cases.case import case_id_of
from detectors.events.decision import Decision
from streams.broker.admin import create_topics
from streams.broker.alerts import PublishedAlert, published_alerts
from streams.broker.reader import read_topic
from streams.cli.alerts.lines import line_of
from streams.cli.alerts.strangers import MOST_TOLD
from streams.cli.main import main
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.limited_process import limited
from tests.streams.broker.published_alerts import alert_of, bytes_of, produce, publish
from tests.streams.cli.alerts.cases_at_hand import case_of, proposed

pytestmark = pytest.mark.integration

HOSTILE = "=cmd|' /C calc'!A0\x1b[2J\u202e\n,\u009b;=1+1"

Run = Callable[..., int]


@pytest.fixture(scope="module")
def installation(broker: AvailableBroker) -> str:
    """Make topics once; every test has alerts of its own in them."""
    prefix = f"alerts-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, 2)
    return prefix


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"alerts-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix)
    return prefix


def command(broker: AvailableBroker, prefix: str, *words: str) -> list[str]:
    return ["alerts", "--broker", broker.bootstrap, "--topic-prefix", prefix, *words]


def with_status(alert: Alert, status: Status) -> Alert:
    return msgspec.structs.replace(alert, status=status)


def stored_decisions(broker: AvailableBroker, prefix: str) -> list[ConsumerRecord]:
    return list(read_topic(broker.bootstrap, topic_name(prefix, Topic.DECISIONS)))


def newest_decision(broker: AvailableBroker, prefix: str) -> Decision:
    record = stored_decisions(broker, prefix)[-1]
    decision: Decision = msgspec.json.decode(record.value, type=Decision)
    assert record.key == decision.case_id.encode()
    assert dict(record.headers)["ce_id"] == decision.decision_id.encode()
    return decision


def test_all_revisions_or_the_newest_come_in_canonical_order_each_once(
    any_broker: AvailableBroker, prefix: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alerts = [alert_of(number, revision) for revision in (1, 2) for number in range(20)]
    publish(any_broker.bootstrap, prefix, alerts)
    publish(any_broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
    publish(any_broker.bootstrap, prefix, alerts[-5:])
    produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(None, b"garbage")])
    words = ["list", "--all-revisions", "--format", "json"]
    assert main(command(any_broker, prefix, *words)) == 0
    output = capfdbinary.readouterr()
    assert output.out.splitlines() == [bytes_of(alert) for alert in alerts]
    assert b"is no alert" in output.err
    # Where nothing is said, the newest of each are listed.
    assert main(command(any_broker, prefix)) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines == [line_of(alert) for alert in alerts[-20:]]


def test_what_another_program_wrote_is_told_counted_and_left_out(
    broker: AvailableBroker, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    prefix = f"alerts-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, 1)
    alerts = [alert_of(number) for number in range(3)]
    strange = [
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"alert_id":' + b"[" * 50_000,
        b'{"alert_id": "\xff"}',
        bytes_of(alerts[1]).replace(b"12:00:00Z", b"12:00:00"),
    ]
    for topic in (Topic.ALERTS, Topic.ALERTS_CURRENT, Topic.CASES_CURRENT):
        name = topic_name(prefix, topic)
        publish(broker.bootstrap, prefix, alerts, topic)
        produce(broker.bootstrap, name, [(b"id0001", value) for value in strange])
        produce(broker.bootstrap, name, [(b"k%d" % n, bytes_of(alerts[0])) for n in range(9)])
    for words in ([], ["--all-revisions"]):
        assert main(command(broker, prefix, "list", "--format", "json", *words)) == 0
        output = capfdbinary.readouterr()
        assert output.out.splitlines() == [bytes_of(alert) for alert in alerts]
        assert output.err.count(b"is no alert") == MOST_TOLD
        assert output.err.splitlines()[-1].endswith(b"left out 15 records that are no alerts")
    assert main(command(broker, prefix, "show", "id0001")) == 0
    case_id = case_id_of(alerts[1].subject).encode()
    produce(
        broker.bootstrap, topic_name(prefix, Topic.CASES_CURRENT), [(case_id, v) for v in strange]
    )
    assert main(command(broker, prefix, "show", "id0001")) == 0
    assert b"nobody has decided" in capfdbinary.readouterr().out


def test_a_deleted_alert_is_not_shown(
    broker: AvailableBroker, installation: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    prefix = installation
    numbers = range(100, 104)
    alerts = [alert_of(number, revision) for number in numbers for revision in (1, 2)]
    for topic in (Topic.ALERTS, Topic.ALERTS_CURRENT):
        publish(broker.bootstrap, prefix, alerts, topic)
    name = topic_name(prefix, Topic.ALERTS_CURRENT)
    produce(broker.bootstrap, name, [(b"id0101", None), (b"id0102", None), (b"other", None)])
    produce(broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(b"id0100", None)])
    publish(broker.bootstrap, prefix, [alert_of(102, 1)], Topic.ALERTS_CURRENT)
    # A worker that was frozen may say an older revision once more.
    publish(broker.bootstrap, prefix, [alert_of(103, 1)], Topic.ALERTS_CURRENT)
    chosen = [word for number in numbers for word in ("--agent", f"agent-{number}")]
    assert main(command(broker, prefix, "list", "--format", "json", *chosen)) == 0
    told = capfdbinary.readouterr().out.splitlines()
    assert sorted(told) == sorted(
        map(bytes_of, [alert_of(100, 2), alert_of(102, 1), alert_of(103, 2)])
    )
    words = ["list", "--all-revisions", "--format", "json", *chosen]
    assert main(command(broker, prefix, *words)) == 0
    told = capfdbinary.readouterr().out.splitlines()
    assert sorted(told) == sorted(bytes_of(alert_of(n, r)) for n in (102, 103) for r in (1, 2))
    for words in (["show", "id0101"], ["decide", "id0101", "note", "who is it?"]):
        assert main(command(broker, prefix, *words)) == 2
        assert b"no alert and no case id0101" in capfdbinary.readouterr().err


def test_a_list_holds_what_was_asked_for(
    broker: AvailableBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    """By severity, status, pattern, agent, subject, and by the broker's clock."""
    prefix = f"alerts-{uuid4()}-"
    create_topics(broker.bootstrap, prefix, 1)
    severities: tuple[Severity, ...] = ("info", "warning", "critical")
    alerts = [alert_of(number, severity=severity) for number, severity in enumerate(severities)]
    alerts[0] = with_status(alerts[0], "resolved")
    publish(broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
    while True:  # until the next record has a later time
        before = datetime.now(UTC)
        publish(broker.bootstrap, prefix, [alert_of(3)], Topic.ALERTS_CURRENT)
        if stored(broker, prefix)[0] < 1_000 * before.timestamp():
            break
    alerts.append(alert_of(3))
    for words, found in {
        ("--severity", "warning"): [1, 2, 3],
        ("--status", "resolved"): [0],
        ("--status", "resolved", "--status", "open"): [0, 1, 2, 3],
        ("--pattern", "burst"): [],
        ("--agent", "agent-2", "--pattern", "quick_cancellation"): [2],
        ("--subject", "agent-1", "--subject", "agent-2"): [1, 2],
        ("--since", before.isoformat()): [3],
        ("--since", "1h"): [0, 1, 2, 3],
    }.items():
        assert main(command(broker, prefix, "list", *words)) == 0
        output = capsys.readouterr()
        assert output.out.splitlines() == [line_of(alerts[number]) for number in found], words
        assert ("no alert of this kind" in output.err) == (not found)


def stored(broker: AvailableBroker, prefix: str) -> list[int]:
    """Return when the records were stored, in their order."""
    found = published_alerts(broker.bootstrap, topic_name(prefix, Topic.ALERTS_CURRENT))
    return sorted(one.stored_at for one in found if isinstance(one, PublishedAlert))


def hostile_alert(number: int) -> Alert:
    alert = alert_of(number)
    subject = msgspec.structs.replace(alert.subject, id=HOSTILE)
    return msgspec.structs.replace(
        alert, subject=subject, summary=f"@{HOSTILE}", event_ids=(HOSTILE,)
    )


def test_hostile_texts_arrive_as_plain_text_in_every_form(
    broker: AvailableBroker, installation: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    alert = hostile_alert(200)
    for topic in (Topic.ALERTS, Topic.ALERTS_CURRENT):
        publish(broker.bootstrap, installation, [alert], topic)
    words = ("--subject", HOSTILE)
    printed = {}
    for name, action in {
        "table": ("list", *words),
        "json": ("list", "--format", "json", *words),
        "csv": ("list", "--format", "csv", *words),
        "show": ("show", "id0200"),
    }.items():
        assert main(command(broker, installation, *action)) == 0
        output = capfdbinary.readouterr()
        assert output.err == b""
        printed[name] = output.out.decode()
        assert printed[name].replace("\r\n", "").replace("\n", "").isprintable(), name
    assert len(printed["table"].splitlines()) == 1
    assert msgspec.json.decode(printed["json"], type=Alert) == alert
    heading, row = csv.reader(io.StringIO(printed["csv"], newline=""))
    assert len(heading) == len(row)
    assert [cell for cell in row if cell[:1] in "=+-@" and cell] == []
    assert dict(zip(heading, row, strict=True))["subject_id"].startswith("'=cmd")


def test_the_follower_tells_what_comes_until_an_interrupt(
    any_broker: AvailableBroker, prefix: str
) -> None:
    publish(any_broker.bootstrap, prefix, [alert_of(1)], Topic.ALERTS_CURRENT)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from streams.cli.main import main; sys.exit(main())",
            *command(any_broker, prefix, "follow", "--since", "1h", "--severity", "warning"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    topic = topic_name(prefix, Topic.ALERTS_CURRENT)
    with limited(process):
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Sentence 1." in process.stdout.readline()
        # What is said again, or is not asked for, is no news.
        alerts = [alert_of(1), alert_of(1, 3), alert_of(1, 2), alert_of(2, severity="info")]
        publish(any_broker.bootstrap, prefix, alerts, Topic.ALERTS_CURRENT)
        assert "2025-03-01" in process.stdout.readline()
        produce(any_broker.bootstrap, topic, [(b"id0002", None), (b"id0001", None)])
        assert process.stderr.readline() == "aboveboard alerts: id0001 was deleted\n"
        produce(any_broker.bootstrap, topic, [(b"\x1b[2J", None)])
        assert process.stderr.readline() == "aboveboard alerts: \ufffd[2J was deleted\n"
        publish(any_broker.bootstrap, prefix, [alert_of(3)], Topic.ALERTS_CURRENT)
        assert "Sentence 3." in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_an_alert_is_shown_with_its_revisions_and_its_case(
    broker: AvailableBroker, installation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    revisions = [alert_of(300, 1), alert_of(300, 2, severity="critical")]
    publish(broker.bootstrap, installation, [*revisions, revisions[0]])
    publish(broker.bootstrap, installation, revisions, Topic.ALERTS_CURRENT)
    case_id = case_id_of(revisions[0].subject)
    cases = topic_name(installation, Topic.CASES_CURRENT)
    states = [case_of(revisions[1], version=version) for version in (1, 3, 2)]
    produce(
        broker.bootstrap, cases, [(case_id.encode(), msgspec.json.encode(case)) for case in states]
    )
    assert main(command(broker, installation, "show", "id0300")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Sentence 300."
    assert sum("  Sentence 300." in line for line in lines) == 2  # a revision each
    assert any("version 3" in line for line in lines)  # what was said of the case last
    assert main(command(broker, installation, "show", case_id)) == 2
    assert "Show one of its alerts: id0300" in capsys.readouterr().err
    produce(broker.bootstrap, cases, [(case_id.encode(), None)])
    assert main(command(broker, installation, "show", "id0300")) == 0
    assert "nobody has decided" in capsys.readouterr().out


def test_a_decision_is_written_with_what_was_seen(
    broker: AvailableBroker, installation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = alert_of(400)
    others = [
        msgspec.structs.replace(alert, alert_id="id0401", pattern="burst", revision=3),
        msgspec.structs.replace(alert, alert_id="id0402", pattern="early", status="resolved"),
    ]
    topic = Topic.ALERTS_CURRENT
    publish(broker.bootstrap, installation, [alert, *others, alert_of(403)], topic)
    case_id = case_id_of(alert.subject)
    for any_id in ("id0400", case_id):
        words = ["decide", any_id, "snooze", "--until", "2d", "--reason", "a returns desk"]
        assert main(command(broker, installation, *words, "--who", "anna")) == 0
        decision = newest_decision(broker, installation)
        said = capsys.readouterr().out
        assert decision.seen == {"id0400": 1, "id0401": 3}
        assert (decision.case_id, decision.who, decision.role) == (case_id, "anna", "reviewer")
        assert decision.decision_id in said
        assert "aboveboard alerts show id040" in said
    before = len(stored_decisions(broker, installation))
    for words, remedy in (
        (["id9999", "note", "x"], "aboveboard alerts list"),
        (["id0400", "approve"], "--proposal"),
        (["id0400", "propose", "honest", "--note", "x"], "--explanation"),
        (["id0400", "reopen", "--note", "x", "--seen", "id0400=1"], "alerts show id0401"),
    ):
        assert main(command(broker, installation, "decide", *words)) == 2
        assert remedy in capsys.readouterr().err
    assert len(stored_decisions(broker, installation)) == before


def test_a_proposal_is_approved_by_what_waits(
    broker: AvailableBroker, installation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = alert_of(500)
    publish(broker.bootstrap, installation, [alert], Topic.ALERTS_CURRENT)
    words = ["propose", "honest", "--explanation", "returns_desk", "--note", "they take returns"]
    assert main(command(broker, installation, "decide", "id0500", *words)) == 0
    proposal = newest_decision(broker, installation)
    assert f"approve --proposal {proposal.decision_id}" in capsys.readouterr().out
    produce(
        broker.bootstrap,
        topic_name(installation, Topic.CASES_CURRENT),
        [(proposal.case_id.encode(), msgspec.json.encode(proposed(alert, proposal)))],
    )
    assert main(command(broker, installation, "decide", "id0500", "approve", "--who", "b")) == 0
    approval = msgspec.to_builtins(newest_decision(broker, installation))
    assert approval["proposal"] == proposal.decision_id
    assert approval["role"] == "approver"
    assert "proposes honest (returns_desk): they take returns" in capsys.readouterr().out
