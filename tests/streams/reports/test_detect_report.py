"""`aboveboard detect --report`: a page or a text, whole or not at all."""

from pathlib import Path
from re import sub
from typing import Final

import pytest

from tests.streams.reports.read_page import ReadPage
from tests.streams.small_centre import fewer_lines, read_alerts, run, write_lines

FEW: Final = 1_000


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the first days of the small centre."""
    return write_lines(tmp_path_factory.mktemp("events") / "events.jsonl", fewer_lines()[:FEW])


def test_the_page_tells_every_agent_of_the_log_and_the_log_stays_as_it_was(
    tmp_path: Path, log_in_time_order: bytes
) -> None:
    events = write_lines(tmp_path / "events.jsonl", fewer_lines())
    out, report = tmp_path / "alerts.jsonl", tmp_path / "report.html"
    assert run("detect", events, "--out", out, "--report", report) == 0
    assert out.read_bytes() == log_in_time_order
    written = report.read_text(encoding="utf-8")
    page = ReadPage(written)
    assert page.dangers() == []
    newest = {alert.alert_id: alert for alert in read_alerts(log_in_time_order)}
    accused = {
        alert.subject.id
        for alert in newest.values()
        if alert.status == "open" and alert.severity != "info"
    }
    assert accused
    assert accused <= set(page.texts)
    assert written.count("<article") == len(accused)


def test_the_same_events_give_the_same_page(tmp_path: Path, events: Path) -> None:
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    for report in (first, second):
        assert run("detect", events, "--report", report) == 0
    assert first.read_bytes() == second.read_bytes()


def test_a_name_that_ends_in_txt_asks_for_text_and_since_for_what_is_new(
    tmp_path: Path, events: Path
) -> None:
    report = tmp_path / "report.TXT"
    assert run("detect", events, "--report", report, "--report-since", "30d") == 0
    text = report.read_text(encoding="utf-8")
    assert text.startswith("Aboveboard report: ")
    assert "New is what came since" in text.replace("\n", " ")
    assert "What was not seen" in text


def test_text_goes_to_stdout(events: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run("detect", events, "--report", "-", "--out", "/dev/null") == 0
    assert capfdbinary.readouterr().out.startswith(b"Aboveboard report: ")


def test_a_source_that_was_not_there_stands_before_everything(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    lines = [line for line in fewer_lines()[:FEW] if b'"type":"cancellation"' not in line]
    path = write_lines(tmp_path / "events.jsonl", [*lines, b"{", b'{"type":"sale"}'])
    assert run("detect", path, "--report", report) == 0
    first, _, rest = report.read_text(encoding="utf-8").partition("What was read")
    assert "1 source not seen" in first.splitlines()[0]
    assert "No cancellations were read" in first
    assert "did not count: no JSON object" in first.replace("\n  ", " ")
    assert "Critical" in rest


def test_who_is_not_judged_is_named_in_the_report_and_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [sub(rb'"agent_id":"[^"]*"', b'"agent_id":"lone"', line) for line in fewer_lines()]
    path = write_lines(tmp_path / "events.jsonl", lines[:FEW])
    report = tmp_path / "report.txt"
    assert run("detect", path, "--report", report) == 0
    told = '"lone": nobody else has an outcome to compare with'
    summary = capsys.readouterr().err
    assert "1 agent is not judged" in summary
    assert told in summary
    unseen, _, _ = report.read_text(encoding="utf-8").partition("What was read")
    assert told in " ".join(unseen.split())


def test_where_nothing_could_be_used_the_report_says_so_and_the_exit_code_too(
    tmp_path: Path,
) -> None:
    out, report = tmp_path / "alerts.jsonl", tmp_path / "report.html"
    out.write_bytes(b"the last log")
    path = write_lines(tmp_path / "events.jsonl", [b"no event"] * 3)
    assert run("detect", path, "--out", out, "--report", report) == 2
    assert out.read_bytes() == b"the last log"
    written = report.read_text(encoding="utf-8")
    for sentence in (
        "3 records of 3 did not count: no JSON object",
        "No sales were read",
        "Nothing was judged",
    ):
        assert sentence in written


def test_what_cannot_be_obeyed_is_refused_before_anything_is_read(
    tmp_path: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    assert run("detect", events, "--report", events) == 2
    assert "is the same file as" in capsys.readouterr().err
    assert run("detect", events, "--report", report, "--out", report) == 2
    assert "give each a file of its own" in capsys.readouterr().err
    assert run("detect", events, "--report", report, "--report-since", "yesterday") == 2
    assert "--report-since yesterday: neither" in capsys.readouterr().err
    assert run("detect", events, "--report-since", "7d") == 2
    assert "--report-since goes with --report" in capsys.readouterr().err
    assert not report.exists()
