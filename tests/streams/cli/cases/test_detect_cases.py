"""`aboveboard detect --cases`: what people decided stands among the events, or in a file beside."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from detectors.alerts.alert import Alert
from detectors.cases.case import Case, case_id_of
from detectors.events.decision import Decision
from tests.streams.small_centre import fewer_lines, read_alerts, run, write_lines


def last_about_an_agent(log: bytes) -> list[Alert]:
    """Return the newest revisions of all alerts about one agent, the last one first."""
    newest = {alert.alert_id: alert for alert in read_alerts(log)}.values()
    about_agents = [alert for alert in newest if alert.subject.type == "agent"]
    last = max(about_agents, key=lambda alert: alert.updated_at)
    return [last, *(a for a in about_agents if a.subject == last.subject and a is not last)]


def closing_of(alerts: Sequence[Alert]) -> list[Decision]:
    """Return how two people close the case of these alerts an hour after the first of them."""
    about = {
        "case_id": case_id_of(alerts[0].subject),
        "seen": {alert.alert_id: alert.revision for alert in alerts},
        "occurred_at": alerts[0].updated_at + timedelta(hours=1),
        "role": "approver",
    }
    proposal = {"outcome": "confirmed", "words": "Three deny it."}
    steps: list[dict[str, object]] = [
        {"kind": "note", "decision_id": "n", "who": "ann", "words": "I called them."},
        {"kind": "propose", "decision_id": "p", "who": "ann", **proposal},
        {"kind": "approve", "decision_id": "a", "who": "Ann@bank.example", "proposal": "p"},
        {"kind": "approve", "decision_id": "b", "who": "bob", "proposal": "p"},
    ]
    return msgspec.convert([about | step for step in steps], list[Decision])


def lines_of(decisions: Sequence[Decision]) -> list[bytes]:
    return [msgspec.json.encode(decision) for decision in decisions]


def read_cases(path: Path) -> list[Case]:
    return [msgspec.json.decode(line, type=Case) for line in path.read_bytes().splitlines()]


def test_decisions_make_cases_and_change_no_alert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    events = write_lines(tmp_path / "events.jsonl", fewer_lines())
    about = last_about_an_agent(log_in_time_order)
    beside = write_lines(tmp_path / "decisions.jsonl", lines_of(closing_of(about)))
    out, cases = tmp_path / "alerts.jsonl", tmp_path / "cases.jsonl"
    capsys.readouterr()
    assert run("detect", events, beside, "--out", out, "--cases", cases) == 0
    assert out.read_bytes() == log_in_time_order
    told = read_cases(cases)
    assert len(told) == len({alert.subject for alert in read_alerts(log_in_time_order)})
    assert [case.case_id for case in told] == sorted(case.case_id for case in told)
    (closed,) = (case for case in told if case.closing is not None)
    assert closed.subject == about[0].subject
    assert closed.closing is not None
    assert (closed.closing.proposed_by, closed.closing.approved_by) == ("ann", "bob")
    said = capsys.readouterr().err
    assert "4 decisions of people" in said
    assert "1 refused: same_person" in said
    assert "1 confirmed, 0 honest, 0 unclear, precision 100%" in said

    among = write_lines(tmp_path / "all.jsonl", [*fewer_lines(), *beside.read_bytes().splitlines()])
    again = tmp_path / "again.jsonl"
    assert run("detect", among, "--cases", again) == 0
    assert again.read_bytes() == cases.read_bytes()


def test_a_decision_that_cannot_be_read_is_a_dead_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*fewer_lines()[:50], b'{"type":"decision","kind":"close"}']
    letters = tmp_path / "letters.jsonl"
    events = write_lines(tmp_path / "events.jsonl", lines)
    assert run("detect", events, "--dead-letters", letters, "--most-refused", "50%") == 0
    (letter,) = letters.read_bytes().splitlines()
    assert b"invalid_field" in letter
    assert b"kind" in letter
    assert "decisions of people" not in capsys.readouterr().err


def test_what_is_decided_after_until_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    about = last_about_an_agent(log_in_time_order)
    events = write_lines(tmp_path / "events.jsonl", [*fewer_lines(), *lines_of(closing_of(about))])
    cases = tmp_path / "cases.jsonl"
    until = about[0].updated_at.isoformat()
    assert run("detect", events, "--until", until, "--cases", cases) == 0
    assert all(len(case.history) == case.version for case in read_cases(cases))
    assert not any(entry.who for case in read_cases(cases) for entry in case.history)
    assert "4 decisions after --until" in capsys.readouterr().err
