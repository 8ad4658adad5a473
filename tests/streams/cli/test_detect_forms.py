"""Every form in which a file may come: read, or refused with the true reason and its exit code."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import zstandard

from tests.streams.hostile_corpus import sale
from tests.streams.small_centre import event_lines, read_alerts, run, write_lines

LINES: Final = event_lines()[:400]
BODY: Final = b"\n".join(LINES) + b"\n"
MARK: Final = b"\xef\xbb\xbf"
HALVES: Final = (b"\n".join(LINES[:200]) + b"\n", b"\n".join(LINES[200:]) + b"\n")


def as_csv(separator: str) -> bytes:
    file = io.StringIO()
    events = [json.loads(line) for line in LINES]
    columns = sorted({name for event in events for name in event})
    writer = csv.DictWriter(file, columns, delimiter=separator)
    writer.writeheader()
    writer.writerows(events)
    return file.getvalue().encode()


READ: Final = {
    "plain.jsonl": BODY,
    "without a last line end.jsonl": BODY.rstrip(),
    "marked.jsonl": MARK + BODY,
    "marked halves.jsonl": MARK + HALVES[0] + MARK + HALVES[1],
    "crlf.jsonl": BODY.replace(b"\n", b"\r\n"),
    "cr.jsonl": BODY.replace(b"\n", b"\r"),
    "marked, crlf.jsonl": (MARK + HALVES[0] + MARK + HALVES[1]).replace(b"\n", b"\r\n"),
    "members.jsonl.gz": gzip.compress(HALVES[0]) + gzip.compress(HALVES[1]),
    "padded.jsonl.gz": gzip.compress(HALVES[0]) + bytes(512) + gzip.compress(HALVES[1]),
    "gzip.jsonl": gzip.compress(BODY),
    "plain.jsonl.gz": BODY,
    "CAPITALS.JSONL.GZ": gzip.compress(BODY),
    "frames.jsonl.zst": zstandard.compress(HALVES[0]) + zstandard.compress(HALVES[1]),
    "zstd.gz": zstandard.compress(BODY),
    "marked.jsonl.zst": zstandard.compress(MARK + BODY),
}


@pytest.mark.parametrize("name", READ)
def test_a_form_is_read_whatever_its_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(READ[name])
    assert run("detect", tmp_path / name) == 0
    said = capsys.readouterr().err
    assert said.startswith("400 records")
    assert "rejected" not in said


@pytest.mark.parametrize("name", ["gzip.jsonl", "frames.jsonl.zst", "marked.jsonl"])
def test_stdin_is_read_as_a_file_is(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "input").write_bytes(READ[name])
    with (tmp_path / "input").open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert run("detect", "-") == 0
    said = capsys.readouterr().err
    assert said.startswith("400 records")
    assert "rejected" not in said


REFUSED: Final = {
    "sales.csv": (as_csv(","), "looks like CSV (columns parted by commas)"),
    "sales_de.csv": (as_csv(";"), "looks like CSV (columns parted by semicolons)"),
    "array.json": (b"[" + b",".join(LINES) + b"]", "looks like a JSON array"),
    "pretty.json": (
        json.dumps([json.loads(line) for line in LINES], indent=1).encode(),
        "looks like a JSON array",
    ),
    "pretty.jsonl": (
        b"\n".join(json.dumps(json.loads(line), indent=1).encode() for line in LINES),
        "looks like JSON over several lines",
    ),
    "utf16.jsonl": (BODY.decode().encode("utf-16"), "looks like UTF-16"),
    "plain.jsonl.bz2": (bz2.compress(BODY), "looks like bzip2"),
    "plain.jsonl.xz": (lzma.compress(BODY), "looks like xz"),
    "twice.gz": (gzip.compress(gzip.compress(BODY)), "looks like gzip (packed twice)"),
    "framed": (b"\n".join(b"\0\0\0\0\x07" + line for line in LINES), "schema id 7"),
    "empty.jsonl": (b"", "empty.jsonl is empty"),
    "empty.jsonl.gz": (gzip.compress(b""), "empty.jsonl.gz is empty"),
    "blank.jsonl": (b"\n\n  \n", "blank.jsonl is empty"),
    "no events.jsonl": (b'{"a":1}\n' * 3, "all of them as invalid_field, first"),
    "cut.jsonl.gz": (gzip.compress(BODY)[:12], "its gzip data end before their ending"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_form_of_no_use_ends_with_two_the_true_reason_and_the_last_log(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, reason = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "alerts.jsonl"
    out.write_bytes(b"the last log\n")
    assert run("detect", tmp_path / name, "--out", out) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("aboveboard detect: ")
    assert reason in last
    assert name in last
    assert out.read_bytes() == b"the last log\n"


def test_events_that_are_all_after_until_are_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "events.jsonl", LINES)
    assert run("detect", path, "--until", "2024-01-01T00:00:00Z") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "aboveboard detect: no record was applied: all 400 are after --until 2024-01-01T00:00:00Z"
    )


def test_where_nothing_was_read_the_letters_say_so_all_the_same(tmp_path: Path) -> None:
    path, letters = tmp_path / "sales.csv", tmp_path / "letters.jsonl"
    path.write_bytes(as_csv(","))
    assert run("detect", path, "--dead-letters", letters) == 2
    assert letters.read_bytes().count(b"\n") == 401


def test_nothing_was_judged_is_said_where_it_is_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("detect", write_lines(tmp_path / "one.jsonl", [sale()])) == 0
    assert "Nothing was judged: no two accounts" in capsys.readouterr().err


# ------------------------------------------------------------------------------- not all of it


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_file_without_its_ending_is_read_and_named(
    pack: Callable[[bytes], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "cut", tmp_path / "alerts.jsonl"
    packed = pack(b"\n".join(event_lines()[:15_000]))
    path.write_bytes(packed[: len(packed) * 9 // 10])
    assert run("detect", path, "--out", out) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"{path}: its" in last
    assert "data end before their ending; what stands before was read" in last
    assert read_alerts(out.read_bytes())


def test_more_refused_than_wanted_ends_with_one_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "events.jsonl", tmp_path / "alerts.jsonl"
    write_lines(path, [*LINES[:190], *[b"{"] * 10])
    assert run("detect", path, "--out", out) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(
        "aboveboard detect: 10 of 200 records were refused (5.00%), more than --most-refused 1%: "
    )
    assert f"all of them as not_json, first {path}:191: " in last
    assert out.exists()
    assert run("detect", path, "--most-refused", "5%") == 0
    assert run("detect", path, "--most-refused", "4.9%") == 1


# --------------------------------------------------------------------------- what must not be shown


def test_of_a_file_that_holds_no_objects_nothing_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = [b"root:$6$hash:19000:0:99999:7:::", b"[token]", b"key = 1234"]
    path = write_lines(tmp_path / "shadow", [*secrets, *LINES[:9], b'{"type":"sale","note":"x'])
    assert run("detect", path) == 1
    said = capsys.readouterr().err
    assert "hash" not in said
    assert "token" not in said
    assert "(31 bytes that are no JSON object; --dead-letters FILE keeps them)" in said
    path.write_bytes(b'{"type":"sale","note":"shown"}\n')
    assert run("detect", path) == 2
    assert '{"type":"sale","note":"shown"}' in capsys.readouterr().err


def test_a_path_that_is_no_text_has_its_letters(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/ca\xe9.jsonl"))
    write_lines(path, [sale(), b"{"])
    letters = Path(os.fsdecode(os.fsencode(tmp_path) + b"/l\xe9.jsonl"))
    assert run("detect", path, "--dead-letters", letters, "--most-refused", "100%") == 0
    (letter,) = [json.loads(line) for line in letters.read_bytes().splitlines()]
    assert letter["source"] == f"{tmp_path}/ca\\udce9.jsonl"
    assert run("detect", path, "--out", path) == 2


# ------------------------------------------------------------------------ outputs that are inputs


@pytest.mark.parametrize("option", ["--out", "--dead-letters"])
@pytest.mark.parametrize("read", ["events", "settings"])
def test_what_is_read_is_never_written(
    option: str, read: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = write_lines(tmp_path / "events", LINES)
    config = tmp_path / "settings"
    config.write_text("# nothing\n", encoding="utf-8")
    before = (events.read_bytes(), config.read_bytes())
    (tmp_path / "link").symlink_to(read)
    assert run("detect", events, "--config", config, option, tmp_path / "link") == 2
    assert f"{tmp_path / 'link'} is the same file as {tmp_path / read}" in capsys.readouterr().err
    assert (events.read_bytes(), config.read_bytes()) == before


def test_stdout_that_ends_in_the_input_is_refused(tmp_path: Path) -> None:
    events = write_lines(tmp_path / "events", LINES)
    code = "import sys; from streams.cli.main import main; sys.exit(main(sys.argv[1:]))"
    with events.open("ab") as file:
        ended = subprocess.run(
            [sys.executable, "-c", code, "detect", events],
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.returncode == 2
    assert b"stdout is the same file as" in ended.stderr
    assert events.read_bytes() == BODY


def test_a_log_of_alerts_is_its_owners(tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    assert run("detect", write_lines(tmp_path / "events", LINES), "--out", out) == 0
    assert out.stat().st_mode & 0o777 == 0o600
