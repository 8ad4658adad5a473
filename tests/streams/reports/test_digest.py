"""`aboveboard digest`: what stands in Kafka as a report, in a file or by mail."""

from pathlib import Path
from uuid import uuid4

import pytest

from streams.broker.admin import create_topics
from streams.cli.main import main
from streams.wire.case_record import case_record
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.published_alerts import bytes_of, produce
from tests.streams.reports.mail_server import mail_server
from tests.streams.reports.reported import about_account, about_agent, case_about, growing

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    """Return the prefix of an installation with alerts, a deleted one, and a stranger's record."""
    prefix = f"digest-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix)
    first = growing(about_agent("agent-1", severity="critical"), 200_000.0, 2_000_000.0)
    gone = about_agent("agent-2")
    others = [about_account(f"account-{number}", "agent-3") for number in range(3)]
    alerts = [*first, gone, *others, about_agent("agent-4", status="withdrawn")]
    records = [(alert.alert_id.encode(), bytes_of(alert)) for alert in alerts]
    name = topic_name(prefix, Topic.ALERTS_CURRENT)
    produce(any_broker.bootstrap, name, [*records, (b"other", b"no alert")])
    produce(any_broker.bootstrap, name, [(gone.alert_id.encode(), None)])
    waiting = case_record(case_about("agent-1", "proposed", proposed_by="ann", severity="critical"))
    produce(
        any_broker.bootstrap,
        topic_name(prefix, Topic.CASES_CURRENT),
        [(waiting.key, waiting.value), (b"other", b"no case")],
    )
    return prefix


def digest(broker: AvailableBroker, prefix: str, *words: str | Path) -> int:
    options = ["--broker", broker.bootstrap, "--topic-prefix", prefix]
    return main(["digest", *options, *map(str, words)])


def test_the_report_goes_to_a_file_or_to_stdout(
    any_broker: AvailableBroker,
    prefix: str,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    out = tmp_path / "digest.html"
    assert digest(any_broker, prefix, "--out", out, "--since", "1h") == 0
    written = out.read_text(encoding="utf-8")
    assert written.count("<article") == 1
    assert "agent-2" not in written  # deleted
    assert written.count("<circle") == 2  # both revisions, which no cleaner has taken yet
    assert ">new<" in written
    assert digest(any_broker, prefix) == 0
    told = capfdbinary.readouterr().out.decode()
    assert told.startswith("Aboveboard report: 1 critical, 1 gap in what was read")
    assert "1 record of the topic is no alert of ours" in told
    assert "withdrawn: agent agent-4" in told
    assert "agent agent-3: 3 accounts" in told
    assert "waits for another person than ann to approve or reject" in told


def test_the_report_goes_by_mail_and_a_server_that_is_gone_is_told(
    any_broker: AvailableBroker,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with mail_server(tmp_path) as server:
        for name, value in server.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        assert digest(any_broker, prefix, "--mail") == 0
        (received,) = server.inbox.letters
        assert received["Subject"] == "Aboveboard: 1 critical, 1 gap in what was read"
    assert capfd.readouterr().out == ""
    out = tmp_path / "digest.txt"
    assert digest(any_broker, prefix, "--mail", "--out", out) == 1
    assert "nothing was sent" in capfd.readouterr().err
    assert "agent-1" in out.read_text(encoding="utf-8")


def test_mail_without_settings_is_refused_before_the_broker_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ABOVEBOARD_MAIL_HOST", raising=False)
    assert main(["digest", "--mail", "--broker", "127.0.0.1:1"]) == 2
    assert "ABOVEBOARD_MAIL_HOST is not set" in capsys.readouterr().err
