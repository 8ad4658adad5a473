"""`aboveboard detect` and what it cannot take in: hostile records, damaged files, bad usage."""

import gzip
import json
from base64 import b64decode
from pathlib import Path

import pytest

from tests.streams.hostile_corpus import APPLIED, CORPUS, sale
from tests.streams.small_centre import fewer_lines, run, write_lines


def test_every_hostile_record_is_applied_or_in_the_dead_letters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = tmp_path / "dead-letters.jsonl"
    path = write_lines(tmp_path / "hostile.jsonl", (hostile.record for hostile in CORPUS))
    assert run("detect", path, "--dead-letters", letters, "--until", "2025-06-01T00:00:00Z") == 1
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
    for place, line in enumerate(fewer_lines()):
        lines.append(line)
        if place % 250 == 0:
            lines.append(hostile[place // 250 % len(hostile)])
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
    assert run("detect", path) == 2
    captured = capsys.readouterr()
    assert "rejected: 3 not_json" in captured.err
    assert "rejected: 1 invalid_field" in captured.err
    assert f"{path}:4" in captured.err
    assert f"{path}:5" not in captured.err
    assert "\x1b" not in captured.err


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


def test_a_damaged_gzip_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = gzip.compress(b"\n".join(fewer_lines()[:5_000]))
    middle = len(whole) // 2
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    assert run("detect", path) == 2
    err = capsys.readouterr().err
    assert f"{path}: its gzip data are damaged" in err
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
        (("--most-refused", "1"), "write it as 1% or 0.5%"),
        (("--most-refused", "101%"), "write it as 1% or 0.5%"),
        (("--most-refused", "nan%"), "write it as 1% or 0.5%"),
        (("--dead-letters", "-"), "give --dead-letters a file"),
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
