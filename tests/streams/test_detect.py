"""`aboveboard detect`, as it is used: files in, alerts out."""

import gzip
import json
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from streams.simulation.disturbance import duplicate, shuffle_within, timed
from tests.streams.hostile_corpus import APPLIED, CORPUS, sale
from tests.streams.small_centre import event_lines, read_alerts, run, write_lines

COMMAND: Final = Path(sys.executable).with_name("aboveboard")
LATENESS: Final = timedelta(hours=1)
START: Final = datetime(2025, 3, 3, tzinfo=UTC)

Layout = Callable[[Path], list[Path]]


@pytest.fixture(scope="module")
def log_in_time_order(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("in-time-order")
    out = folder / "alerts.jsonl"
    assert run("detect", write_lines(folder / "events.jsonl", event_lines()), "--out", out) == 0
    return out.read_bytes()


def test_the_small_centre_has_alerts_of_every_kind(log_in_time_order: bytes) -> None:
    kinds = Counter((a.pattern, a.subject.type) for a in read_alerts(log_in_time_order))
    assert set(kinds) == {
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
    assert any(alert.evidence.null_agent_years for alert in about_agents)
    for alert in about_agents:
        evidence = alert.evidence
        assert evidence.between_agent_sd is not None
        assert evidence.tempering is not None
        assert 0.25 <= evidence.between_agent_sd <= 1.0
        assert 0.5 <= evidence.tempering <= 1.0
        assert evidence.null_alarms is not None
        assert evidence.null_agent_years is not None
    for alert in alerts:
        if alert.subject.type == "account":
            assert alert.evidence.between_agent_sd is alert.evidence.null_alarms is None


def test_without_a_shadow_null_nothing_is_said_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "alerts.jsonl"
    config.write_text("[shadow_null]\nenabled = false\n", encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", event_lines())
    assert run("detect", path, "--config", config, "--out", out) == 0
    assert "Shadow null" not in capsys.readouterr().err
    alerts = read_alerts(out.read_bytes())
    assert {alert.evidence.null_alarms for alert in alerts} == {None}
    assert {alert.evidence.null_agent_years for alert in alerts} == {None}
    assert [(alert.alert_id, alert.revision, alert.summary) for alert in alerts] == [
        (alert.alert_id, alert.revision, alert.summary) for alert in read_alerts(log_in_time_order)
    ]


# ------------------------------------------------------------------ the same events, told otherwise


def shuffled(folder: Path) -> list[Path]:
    lines = shuffle_within(timed(event_lines()), LATENESS, seed=1)
    return [write_lines(folder / "shuffled.jsonl", lines)]


def repeated(folder: Path) -> list[Path]:
    lines = duplicate(event_lines(), 0.05, seed=2)
    return [write_lines(folder / "repeated.jsonl", lines)]


def shuffled_and_repeated(folder: Path) -> list[Path]:
    lines = shuffle_within(duplicate(timed(event_lines()), 0.05, seed=3), LATENESS, seed=4)
    return [write_lines(folder / "both.jsonl", lines)]


def by_type(folder: Path) -> list[Path]:
    kinds = ("sale", "cancellation", "account_activity")
    return [
        write_lines(
            folder / f"{kind}.jsonl",
            (line for line in event_lines() if line.startswith(f'{{"type":"{kind}"'.encode())),
        )
        for kind in kinds
    ]


def by_period(folder: Path) -> list[Path]:
    lines = event_lines()
    third = len(lines) // 3
    pieces = {"c": lines[:third], "a": lines[third : 2 * third], "b": lines[2 * third :]}
    return [write_lines(folder / f"{name}.jsonl", pieces[name]) for name in sorted(pieces)]


def in_turns(folder: Path) -> list[Path]:
    return [write_lines(folder / f"{n}.jsonl", event_lines()[n::7]) for n in range(7)]


def by_site_of_account(folder: Path) -> list[Path]:
    files: dict[int, list[bytes]] = {}
    for line in event_lines():
        files.setdefault(int(json.loads(line)["account_id"][-1]), []).append(line)
    return [write_lines(folder / f"{digit}.jsonl", lines) for digit, lines in files.items()]


def split_shuffled_and_repeated(folder: Path) -> list[Path]:
    lines = shuffle_within(duplicate(timed(event_lines()), 0.05, seed=5), LATENESS / 2, seed=6)
    disturbed = list(lines)
    return [write_lines(folder / f"{n}.jsonl", disturbed[n::3]) for n in range(3)]


def packed(folder: Path) -> list[Path]:
    (folder / "events.jsonl.gz").write_bytes(gzip.compress(b"\n".join(event_lines()), 1))
    return [folder / "events.jsonl.gz"]


def with_blank_lines(folder: Path) -> list[Path]:
    return [write_lines(folder / "blank.jsonl", (line + b"\r\n \n" for line in event_lines()))]


@pytest.mark.parametrize(
    "layout",
    [
        shuffled,
        repeated,
        shuffled_and_repeated,
        by_type,
        by_period,
        in_turns,
        by_site_of_account,
        split_shuffled_and_repeated,
        packed,
        with_blank_lines,
    ],
    ids=lambda layout: layout.__name__,
)
def test_the_log_of_alerts_is_the_same_byte_for_byte(
    layout: Layout, tmp_path: Path, log_in_time_order: bytes
) -> None:
    out = tmp_path / "alerts.jsonl"
    assert run("detect", *layout(tmp_path), "--out", out) == 0
    assert out.read_bytes() == log_in_time_order


def test_the_log_is_the_same_from_stdin_to_stdout(log_in_time_order: bytes) -> None:
    done = subprocess.run(
        [COMMAND, "detect", "-", "--out", "-"],
        input=b"\n".join(event_lines()),
        capture_output=True,
        check=True,
    )
    assert done.stdout == log_in_time_order


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
    whole = write_lines(tmp_path / "whole.jsonl", event_lines())
    early = write_lines(
        tmp_path / "early.jsonl",
        (line for line in event_lines() if json.loads(line)["occurred_at"] <= until),
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


# ---------------------------------------------------------------------------------- hostile records


def test_every_hostile_record_is_applied_or_in_the_dead_letters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = tmp_path / "dead-letters.jsonl"
    path = write_lines(tmp_path / "hostile.jsonl", (hostile.record for hostile in CORPUS))
    assert run("detect", path, "--dead-letters", letters, "--until", "2025-06-01T00:00:00Z") == 0
    found = [json.loads(line) for line in letters.read_bytes().splitlines()]
    lines = dict(enumerate(CORPUS, start=1))
    assert {letter["line"]: letter["reason"] for letter in found} == {
        line: hostile.fate for line, hostile in lines.items() if hostile.fate != APPLIED
    }
    for letter in found:
        record = (
            letter["record"].encode()
            if "record" in letter
            else b64decode(letter["record_base64"], validate=True)
        )
        assert record == lines[letter["line"]].record
        assert letter["source"] == str(path)
        assert letter["detail"]
    assert f"{len(CORPUS):,} records" in capsys.readouterr().err


def test_hostile_records_among_others_change_no_alert(
    tmp_path: Path, log_in_time_order: bytes
) -> None:
    hostile = [record.record for record in CORPUS if record.fate != APPLIED]
    lines: list[bytes] = []
    for place, line in enumerate(event_lines()):
        lines.append(line)
        if place % 1_000 == 0:
            lines.append(hostile[place // 1_000 % len(hostile)])
    whole = write_lines(tmp_path / "whole.jsonl", lines)
    halves = [write_lines(tmp_path / f"{n}.jsonl", lines[n::2]) for n in range(2)]
    for paths in ([whole], halves):
        out = tmp_path / "alerts.jsonl"
        assert run("detect", *paths, "--out", out) == 0
        assert out.read_bytes() == log_in_time_order


def test_without_a_file_for_them_the_first_dead_letters_are_shown_safely(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "bad.jsonl", [b"{\x1b[2J", b"", b"[]", b"{", b"}"])
    assert run("detect", path) == 0
    captured = capsys.readouterr()
    assert "rejected: 3 not_json" in captured.err
    assert "rejected: 1 invalid_field" in captured.err
    assert f"{path}:4" in captured.err
    assert f"{path}:5" not in captured.err
    assert "\x1b" not in captured.err


# ------------------------------------------------------------------------------------------- output


def test_the_table_lists_the_open_alerts_about_agents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_in_time_order: bytes
) -> None:
    path = write_lines(tmp_path / "events.jsonl", event_lines())
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
    assert "Judged up to 2025-07-19T" in captured.err


def test_a_log_in_a_file_leaves_stdout_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "one.jsonl", [sale()])
    assert run("detect", path, "--out", tmp_path / "alerts.jsonl") == 0
    assert capsys.readouterr().out == ""
    assert run("detect", path, "--out", tmp_path / "alerts.jsonl", "--format", "table") == 0
    assert "No open alerts about agents." in capsys.readouterr().out


def test_nothing_at_all_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("detect", write_lines(tmp_path / "empty.jsonl", [])) == 0
    assert "Nothing was judged" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "events.jsonl", event_lines())
    with subprocess.Popen(
        [COMMAND, "detect", path, "--out", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


# ---------------------------------------------------------------------------- what cannot be obeyed


def test_a_missing_path_is_named_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = write_lines(tmp_path / "there.jsonl", [sale()])
    missing, out = tmp_path / "missing.jsonl", tmp_path / "alerts.jsonl"
    assert run("detect", there, missing, "--out", out) == 2
    assert capsys.readouterr().err == (f"aboveboard detect: {missing}: No such file or directory\n")
    assert not out.exists()


def test_a_folder_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("detect", tmp_path) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["truncated", "garbled", "not packed"])
def test_a_damaged_gzip_file_is_named(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = gzip.compress(b"\n".join(event_lines()[:5_000]))
    middle = len(whole) // 2
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(
        {
            "truncated": whole[:middle],
            "garbled": whole[:middle] + bytes(64) + whole[middle + 64 :],
            "not packed": sale(),
        }[damage]
    )
    assert run("detect", path) == 2
    err = capsys.readouterr().err
    assert f"{path}: not a whole gzip file" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--until", "yesterday"), "write it as 2025-06-30T00:00:00Z"),
        (("--until", "2025-06-30T00:00:00"), "write it as 2025-06-30T00:00:00Z"),
        (("--until", "9999-01-01T00:00:00Z"), "outside limits.earliest_event"),
        (("--out", "-", "--format", "table"), "give --out a file"),
        (("--config", "no-such-settings.toml"), "no-such-settings.toml: No such file"),
        (("--format", "xml"), "invalid choice: 'xml'"),
        (("-", "-"), "stdin can be read only once"),
    ],
)
def test_bad_usage_is_explained(
    words: tuple[str, ...],
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("detect", write_lines(tmp_path / "one.jsonl", [sale()]), *words) == 2
    assert complaint in capsys.readouterr().err


def test_settings_are_obeyed(tmp_path: Path, log_in_time_order: bytes) -> None:
    config, out = tmp_path / "settings.toml", tmp_path / "alerts.jsonl"
    config.write_text("[patterns.unused_account]\nenabled = false\n", encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", event_lines())
    assert run("detect", path, "--config", config, "--out", out) == 0
    assert {alert.pattern for alert in read_alerts(out.read_bytes())} == {
        "quick_cancellation",
        "quick_cancellation_early",
    }
    assert read_alerts(log_in_time_order)[0].config_hash not in out.read_text(encoding="utf-8")
