"""What people decided changes later alerts of `detect`, and `explain` follows it."""

import json
from pathlib import Path

import msgspec
import pytest

from detectors.alerts.alert import Alert
from tests.detectors.cases.people import closings_of
from tests.streams.small_centre import fewer_lines, read_alerts, run, write_lines


def detected(events: Path, *more: Path) -> list[Alert]:
    out = events.with_name(f"alerts-{len(more)}.jsonl")
    assert run("detect", events, *more, "--out", out) == 0
    return read_alerts(out.read_bytes())


def test_a_file_of_decisions_ends_evidence_and_every_alert_still_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = write_lines(tmp_path / "events.jsonl", fewer_lines())
    undecided = detected(events)
    decisions = closings_of(undecided)
    lines = [json.dumps(msgspec.to_builtins(decision)).encode() for decision in decisions]
    decided_in = write_lines(tmp_path / "decisions.jsonl", lines)
    decided = detected(events, decided_in)
    assert decided != undecided
    honest = decisions[0].case_id
    (ended,) = [
        alert
        for alert in decided
        if alert.status == "resolved"
        and alert.alert_id in decisions[0].seen
        and (alert.updated_at - decisions[0].occurred_at).days < 1
    ]
    assert honest == closings_of([ended, *decided])[0].case_id
    capsys.readouterr()
    latest = {alert.alert_id: alert for alert in decided if alert.subject == ended.subject}
    for alert_id in latest:
        assert run("explain", alert_id, events, decided_in) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert "AGREE: the events give what the alert says." in said
        if alert_id == ended.alert_id:
            assert "two people found an honest explanation" in said
