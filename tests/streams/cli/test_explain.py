"""`aboveboard explain`: alerts hold up when their evidence is computed anew from the events."""

import heapq
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers, ShiftEvidence
from streams.explain.figure_theme import THEMES
from tests.detectors.third_party.installed import FAR_OFF, installed
from tests.streams.hostile_corpus import sale
from tests.streams.small_centre import event_lines, fewer_lines, read_alerts, run, write_lines

COMMAND: Final = Path(sys.executable).with_name("aboveboard")


def detected(path: Path, *words: str | Path) -> list[Alert]:
    out = path.with_suffix(".alerts")
    assert run("detect", path, "--out", out, *words) == 0
    return read_alerts(out.read_bytes())


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("explain") / "events.jsonl", fewer_lines())


@pytest.fixture(scope="module")
def alerts(events: Path) -> list[Alert]:
    return detected(events)


def test_every_kind_of_alert_about_an_agent_agrees(
    events: Path, alerts: list[Alert], capsys: pytest.CaptureFixture[str]
) -> None:
    latest = {alert.alert_id: alert for alert in alerts if alert.subject.type == "agent"}
    patterns = {alert.pattern for alert in latest.values() if alert.status == "open"}
    assert patterns == {"quick_cancellation", "quick_cancellation_early", "unused_account"}
    one_of_each = {(alert.pattern, alert.status): alert for alert in latest.values()}
    for alert in one_of_each.values():
        assert run("explain", alert.alert_id, events) == 0
        said = capsys.readouterr().out
        joined = " ".join(said.split())
        assert alert.summary in joined
        assert "AGREE: the events give what the alert says." in joined
        told = evidence_of(alert, AgainstPeers)
        assert f"{told.value:.6g}" in said
        good = "days in a row" if alert.pattern.endswith("_early") else "good outcomes in a row"
        assert (f"further {good}" in joined) == (alert.status == "open")
        assert "the alert is resolved" in joined or "The alert is resolved" in joined
        assert f"S most likely start {told.likely_start}" in joined
        assert "By peer cell since" in joined
        assert said.count("yes") == alert.revision


def test_a_shift_is_explained_by_a_fresh_detector(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = write_lines(tmp_path / "shift.jsonl", dearer_sales("agent-0003", "2025-03-15"))
    alert = next(alert for alert in detected(lines) if alert.pattern == "amount_shift")
    capsys.readouterr()
    assert run("explain", alert.alert_id, lines) == 0
    said = " ".join(capsys.readouterr().out.split())
    start = evidence_of(alert, ShiftEvidence).likely_start
    assert f"The change is most likely to have come on {start}" in said
    assert "AGREE: the events give what the alert says." in said
    assert run("explain", alert.alert_id, lines, "--plot", tmp_path / "figure.svg") == 2
    assert "about a profile" in capsys.readouterr().err


def test_what_a_detector_of_somebody_else_found_is_explained_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = write_lines(tmp_path / "events.jsonl", dearer_sales("agent-0003", "2025-03-15"))
    config = tmp_path / "settings.toml"
    config.write_text(
        '[profiles.far_amounts]\nkind = "far_off"\nwatches = "amounts"\nmemory = 0.05\nfar = 2.0\n',
        encoding="utf-8",
    )
    with installed(tmp_path, "far_off_detector", FAR_OFF, {"far_off": "FarOff"}):
        found = [
            alert
            for alert in detected(lines, "--config", config)
            if alert.pattern == "far_amounts" and alert.agent_id == "agent-0003"
        ]
        capsys.readouterr()
        assert found
        for alert_id in {alert.alert_id for alert in found}:
            assert run("explain", alert_id, lines, "--config", config) == 0
            said = " ".join(capsys.readouterr().out.split())
            assert "looked unusual to the detector `far_off`" in said
            assert "The first day found unusual is" in said
            assert "AGREE: the events give what the alert says." in said


def dearer_sales(agent_id: str, since: str) -> Iterator[bytes]:
    """Let an agent sell at 1.6 times the amount."""
    for line in fewer_lines():
        event = json.loads(line)
        theirs = event["type"] == "sale" and event["agent_id"] == agent_id
        if theirs and event["occurred_at"] >= since:
            event["amount"] *= 1.6
            yield json.dumps(event).encode()
        else:
            yield line


def test_a_burst_is_a_matter_of_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["2025-05-08", "2025-05-26", "2025-06-16", "2025-07-01"]
    lines = write_lines(tmp_path / "burst.jsonl", sales_undone_together("agent-0012", days))
    config = tmp_path / "lenient.toml"
    config.write_text("[evidence]\nfalse_alarms_per_1000_agent_years = 1000\n", encoding="utf-8")
    alert = next(a for a in detected(lines, "--config", config) if a.pattern == "burst")
    capsys.readouterr()
    assert run("explain", alert.alert_id, lines, "--config", config) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "What is counted are days on which windows of the agent's sales ended" in said
    assert "identical sales/sales of the day" in said
    assert "further good days in a row (those with sales whose window ends)" in said
    assert "AGREE: the events give what the alert says." in said


def sales_undone_together(agent_id: str, days: list[str]) -> Iterator[bytes]:
    """Let all sales of an agent of the week before some days be cancelled at once on each."""
    sold: list[dict[str, str]] = []
    ahead = iter(days)
    day = next(ahead)
    for line in event_lines():
        event = json.loads(line)
        at = event["occurred_at"]
        if event["type"] == "sale" and event["agent_id"] == agent_id:
            sold.append(event)
        if at >= f"{day}T12":
            week = datetime.fromisoformat(at) - timedelta(days=7)
            for number, its_sale in enumerate(sold):
                if datetime.fromisoformat(its_sale["occurred_at"]) >= week:
                    yield undone(its_sale, f"{day}-{number}", at)
            day = next(ahead, "9999")
        yield line


def undone(its_sale: dict[str, str], event_id: str, at: str) -> bytes:
    cancellation = {
        "type": "cancellation",
        "event_id": event_id,
        "account_id": its_sale["account_id"],
        "sale_id": its_sale["sale_id"],
        "reason": "customer_request",
        "initiated_by": "customer",
        "occurred_at": at,
    }
    return json.dumps(cancellation).encode()


def test_the_evidence_can_be_drawn_into_a_file(
    events: Path, alerts: list[Alert], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = next(alert for alert in alerts if alert.subject.type == "agent")
    for name, beginning in (("figure.png", b"\x89PNG"), ("figure.svg", b"<?xml")):
        assert run("explain", alert.alert_id, events, "--plot", tmp_path / name) == 0
        assert f"The figure is in {tmp_path / name}." in capsys.readouterr().out.replace("\n", "")
        assert (tmp_path / name).read_bytes().startswith(beginning)
    assert run("explain", alert.alert_id, events, "--plot", tmp_path / name, "--theme", "dark") == 0
    assert THEMES["dark"].paper.lower().encode() in (tmp_path / name).read_bytes()


def test_a_figure_that_cannot_be_drawn_is_no_success(
    events: Path, alerts: list[Alert], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {alert.subject.type: alert.alert_id for alert in alerts}
    for alert_id, name, why in (
        (about["agent"], "figure.pdf", "ends in .svg or .png"),
        (about["account"], "figure.svg", "about an account"),
    ):
        assert run("explain", alert_id, events, "--plot", tmp_path / name) == 2
        assert why in capsys.readouterr().err
        assert not (tmp_path / name).exists()


def test_a_narrow_terminal_that_knows_ascii_only_can_show_it(
    events: Path, alerts: list[Alert]
) -> None:
    alert = next(alert for alert in alerts if alert.subject.type == "agent")
    done = subprocess.run(
        [COMMAND, "explain", alert.alert_id, events],
        capture_output=True,
        check=True,
        env={**os.environ, "COLUMNS": "40", "PYTHONIOENCODING": "ascii"},
    )
    assert b"most likely start" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 40


def test_alerts_about_accounts_agree(
    events: Path, alerts: list[Alert], capsys: pytest.CaptureFixture[str]
) -> None:
    alert = next(alert for alert in alerts if alert.subject.type == "account")
    assert run("explain", alert.alert_id, events) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "No use by the customer is among them, and no cancellation by them." in said


def test_an_alert_of_an_earlier_day_needs_the_same_until(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = "2025-04-01T00:00:00Z"
    alert = next(a for a in detected(events, "--until", until) if a.subject.type == "agent")
    assert run("explain", alert.alert_id, events, "--until", until) == 0
    assert "AGREE: the events" in capsys.readouterr().out


def test_resolved_alerts_and_new_periods_are_followed(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "nervous.toml"
    config.write_text(
        "[evidence]\nfalse_alarms_per_1000_agent_years = 20000\nresolve_after = '2d'\n"
        "resolve_below = 0.5\n",
        encoding="utf-8",
    )
    found = [a for a in detected(events, "--config", config) if a.subject.type == "agent"]
    resolved = [alert for alert in found if alert.status == "resolved"]
    episodes = {a.alert_id: (a.pattern, a.subject.id) for a in found}
    assert resolved
    second = next(
        alert_id
        for number, (alert_id, subject) in enumerate(episodes.items())
        if subject in list(episodes.values())[:number]
    )
    for alert_id in (resolved[0].alert_id, second):
        assert run("explain", alert_id, events, "--config", config) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert " AGREE: the events give what the alert says." in said
        if alert_id == resolved[0].alert_id:
            assert "The alert is resolved: the evidence has fallen far below the threshold" in said


def test_late_corrections_are_followed(
    alerts: list[Alert], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accused = {alert.subject.id for alert in alerts if alert.subject.type == "agent"}
    lines = write_lines(tmp_path / "late.jsonl", late_news_about(accused))
    config = tmp_path / "patient.toml"
    config.write_text("[time]\ncorrections_for = '40d'\n", encoding="utf-8")
    found = {alert.alert_id: alert for alert in detected(lines, "--config", config)}
    capsys.readouterr()
    withdrawn = next(alert for alert in found.values() if alert.status == "withdrawn")
    assert run("explain", withdrawn.alert_id, lines, "--config", config) == 0
    assert "The customer used the account within the window." in capsys.readouterr().out
    corrected = 0
    for alert in found.values():
        if alert.subject.type == "agent":
            code = run("explain", alert.alert_id, lines, "--config", config)
            said = capsys.readouterr().out
            assert code == 0, said
            corrected += "Late events corrected" in said
    assert corrected >= 3


def late_news_about(agents: set[str]) -> Iterator[bytes]:
    """Let one in three cancellations and uses of their sales arrive after the windows."""
    accounts: set[str] = set()
    arrivals: list[tuple[datetime, int, bytes]] = []
    for place, line in enumerate(fewer_lines()):
        event = json.loads(line)
        arrives = datetime.fromisoformat(event["occurred_at"])
        if event["type"] == "sale" and event["agent_id"] in agents:
            accounts.add(event["account_id"])
        elif event["account_id"] in accounts and int(event["account_id"][-2:]) % 3 == 0:
            arrives += timedelta(days=31.5)
        heapq.heappush(arrivals, (arrives, place, line))
    while arrivals:
        yield heapq.heappop(arrivals)[2]


def test_an_event_too_late_to_be_applied_is_no_part_of_the_explanation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use = (
        b'{"type":"account_activity","event_id":"e-4","account_id":"a-1","kind":"login",'
        b'"initiated_by":"customer","occurred_at":"2025-03-05T12:00:00Z"}'
    )
    later = '"2025-03-06T12:00:00Z"', '"2025-04-10T12:00:00Z"'
    lines = [
        sale(),
        sale(event_id='"e-2"', account_id='"a-2"', sale_id='"s-2"', occurred_at=later[0]),
        *(
            sale(
                event_id=f'"e-{n}"', account_id=f'"a-{n}"', sale_id=f'"s-{n}"', occurred_at=later[1]
            )
            for n in (3, 5)
        ),
        use,
    ]
    path = write_lines(tmp_path / "five.jsonl", lines)
    # One of five is far more than `detect` lets pass in silence.
    found = detected(path, "--most-refused", "20%")
    alert = next(alert for alert in found if alert.subject.id == "a-1")
    assert "rejected: 1 too_late" in capsys.readouterr().err
    assert run("explain", alert.alert_id, path) == 0
    assert "e-4" not in capsys.readouterr().out


def test_an_unknown_alert_is_no_success(
    events: Path, alerts: list[Alert], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", "0123456789abcdef01234567", events) == 2
    number = len({alert.alert_id for alert in alerts})
    assert f"among the {number:,} that these events give" in capsys.readouterr().err


def test_stdin_cannot_be_read_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "0123456789abcdef01234567", "-") == 2
    assert "write stdin to a file first" in capsys.readouterr().err


def test_it_runs_as_a_command_of_its_own(events: Path, alerts: list[Alert]) -> None:
    done = subprocess.run(
        [COMMAND, "explain", alerts[-1].alert_id, events],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "\nAGREE: " in done.stdout
    assert done.stderr == ""
