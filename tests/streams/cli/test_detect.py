"""`aboveboard detect`, as it is used: files in, alerts out."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from detectors.alerts.alert import evidence_of
from detectors.alerts.evidence import AgainstPeers, FactEvidence
from tests.limited_process import limited
from tests.streams.hostile_corpus import sale
from tests.streams.small_centre import fewer_lines, read_alerts, run, write_lines

COMMAND: Final = Path(sys.executable).with_name("aboveboard")
START: Final = datetime(2025, 3, 3, tzinfo=UTC)


def test_the_small_centre_has_alerts_of_every_kind(log_in_time_order: bytes) -> None:
    kinds = Counter((a.pattern, a.subject.type) for a in read_alerts(log_in_time_order))
    assert set(kinds) >= {
        ("quick_cancellation", "agent"),
        ("quick_cancellation_early", "agent"),
        ("unused_account", "agent"),
        ("unused_account", "account"),
    }


def test_alerts_about_agents_say_how_honest_agents_differ_and_what_chance_does(
    log_in_time_order: bytes,
) -> None:
    alerts = read_alerts(log_in_time_order)
    about_agents = [alert for alert in alerts if alert.subject.type == "agent"]
    said = [evidence_of(alert, AgainstPeers) for alert in about_agents]
    assert any(evidence.null_agent_years for evidence in said)
    for evidence in said:
        assert 0.25 <= evidence.between_agent_sd <= 1.0
        assert 0.5 <= evidence.tempering <= 1.0
        assert evidence.null_alarms is not None
        assert evidence.null_agent_years is not None
    for alert in alerts:
        if alert.subject.type == "account":
            evidence_of(alert, FactEvidence)


def test_sales_to_call_back_are_chosen_by_chance_and_by_nobody_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "requests.jsonl"
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path, "--verifications", out) == 2
    assert "`verification.rate` is 0" in capsys.readouterr().err
    assert not out.exists()
    key = "0123456789abcdef"
    config.write_text(f'[verification]\nrate = 0.1\nkey = "{key}"\n', encoding="utf-8")
    assert run("detect", path, "--verifications", out, "--config", config) == 0
    asked = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    sold = [one for one in map(json.loads, fewer_lines()) if one["type"] == "sale"]
    sellers = {one["sale_id"]: one["agent_id"] for one in sold}
    assert 0.05 < len(asked) / sum(one is not None for one in sellers.values()) < 0.2
    assert len({one["sale_id"] for one in asked}) == len(asked)
    for one in asked:
        assert one["not_by"]["agent_id"] == one["agent_id"] == sellers[one["sale_id"]]
        assert one["probability"] in {0.1, 0.2}
    assert key not in out.read_text(encoding="utf-8") + capsys.readouterr().err


def test_what_lies_beyond_a_limit_is_said_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(
        "[limits]\nmost_agents = 4\nmost_groups = 1\nlargest_review = 10000\n", encoding="utf-8"
    )
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path, "--config", config) == 0
    said = capsys.readouterr().err
    assert " outcomes not judged: there are more agents than limits.most_agents; raise it" in said
    assert " outcomes not judged for their team: there are more than limits.most_groups;" in said
    assert "  rare cells were judged by those around them: limits.largest_review is half" in said


def test_without_a_shadow_null_nothing_is_said_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "alerts.jsonl"
    off = "[shadow_null]\nenabled = false\n[groups]\nfewest_others = 3\n"
    config.write_text(off, encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path, "--config", config, "--out", out) == 0
    said = capsys.readouterr().err
    assert "Shadow null" not in said
    assert "  2 sites were not judged: there are fewer than 3 others each" in said
    assert "  2 teams were not judged: there are fewer than 3 others each" in said
    alerts = read_alerts(out.read_bytes())
    figures = [
        evidence_of(alert, AgainstPeers) for alert in alerts if alert.subject.type == "agent"
    ]
    assert {evidence.null_alarms for evidence in figures} == {None}
    assert {evidence.null_agent_years for evidence in figures} == {None}
    assert [(alert.alert_id, alert.revision, alert.summary) for alert in alerts] == [
        (alert.alert_id, alert.revision, alert.summary) for alert in read_alerts(log_in_time_order)
    ]


def test_settings_are_obeyed(tmp_path: Path, log_in_time_order: bytes) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "alerts.jsonl"
    config.write_text("[patterns.unused_account]\nenabled = false\n", encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path, "--config", config, "--out", out) == 0
    assert {alert.pattern for alert in read_alerts(out.read_bytes())} == {
        "quick_cancellation",
        "quick_cancellation_early",
    }
    assert read_alerts(log_in_time_order)[0].config_hash not in out.read_text(encoding="utf-8")


def test_a_log_shorter_than_a_block_is_judged_from_its_first_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One agent in six has every sale cancelled on the next day, and does so from the start."""
    lines = []
    for day in range(45):
        for number in range(18):
            at, sale_id = START + timedelta(days=day, hours=8, minutes=number), f"{day}-{number}"
            lines.append((at, sold(sale_id, f"agent-{number % 6}", at)))
            if number % 6 == 0 or (day + number) % 20 == 0:
                lines.append((at + timedelta(days=1), cancelled(sale_id, at + timedelta(days=1))))
    path = write_lines(tmp_path / "short.jsonl", (line for _, line in sorted(lines)))
    assert run("detect", path, "--format", "json") == 0
    alerts = read_alerts(capsys.readouterr().out.encode())
    accused = [alert for alert in alerts if alert.subject.type == "agent"]
    assert {alert.subject.id for alert in accused} == {"agent-0"}
    assert accused[0].opened_at < START + timedelta(days=20)


def sold(sale_id: str, agent_id: str, at: datetime) -> bytes:
    return sale(
        event_id=f'"sale-{sale_id}"',
        account_id=f'"account-{sale_id}"',
        sale_id=f'"{sale_id}"',
        agent_id=f'"{agent_id}"',
        occurred_at=f'"{at.isoformat()}"',
    )


def cancelled(sale_id: str, at: datetime) -> bytes:
    return (
        f'{{"type":"cancellation","event_id":"cancellation-{sale_id}","sale_id":"{sale_id}",'
        f'"account_id":"account-{sale_id}","occurred_at":"{at.isoformat()}",'
        '"reason":"customer_request","initiated_by":"customer"}'
    ).encode()


# -------------------------------------------------------------------------------------------- until


def test_events_after_until_are_left_out_and_days_up_to_it_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = "2025-05-01T00:00:00Z"
    whole = write_lines(tmp_path / "whole.jsonl", fewer_lines())
    early = write_lines(
        tmp_path / "early.jsonl",
        (line for line in fewer_lines() if json.loads(line)["occurred_at"] <= until),
    )
    logs = []
    for path in (whole, early):
        out = tmp_path / "alerts.jsonl"
        assert run("detect", path, "--until", until, "--out", out) == 0
        logs.append(out.read_bytes())
    assert logs[0] == logs[1] != b""
    assert "after --until" in capsys.readouterr().err


def test_until_reaches_beyond_the_last_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "one.jsonl", [sale()])
    assert run("detect", path, "--format", "json") == 0
    assert capsys.readouterr().out == ""
    assert run("detect", path, "--format", "json", "--until", "2025-04-01T00:00:00Z") == 0
    (alert,) = read_alerts(capsys.readouterr().out.encode())
    assert alert.subject.id == "a-1"


# ------------------------------------------------------------------------------------------- output


def test_the_table_lists_the_open_alerts_about_agents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path) == 0
    captured = capsys.readouterr()
    latest = {alert.alert_id: alert for alert in read_alerts(log_in_time_order)}
    agents = [a for a in latest.values() if a.subject.type == "agent" and a.status == "open"]
    accounts = [a for a in latest.values() if a.subject.type == "account" and a.status == "open"]
    assert agents
    for alert in agents:
        assert alert.alert_id in captured.out
        assert alert.subject.id in captured.out
    assert f"Open alerts about accounts: {len(accounts):,}" in captured.out
    assert "Judged up to 2025-05-10T" in captured.err


def test_a_log_in_a_file_leaves_stdout_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "one.jsonl", [sale()])
    assert run("detect", path, "--out", tmp_path / "alerts.jsonl") == 0
    assert capsys.readouterr().out == ""
    assert run("detect", path, "--out", tmp_path / "alerts.jsonl", "--format", "table") == 0
    assert "No open alerts about agents." in capsys.readouterr().out


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    command = [str(COMMAND), "detect", str(path), "--out", "-"]
    with limited(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141
