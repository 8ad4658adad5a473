"""`aboveboard detect` of the same events, told otherwise: the log of alerts is the same."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed
from tests.streams.small_centre import fewer_lines, run, write_lines

COMMAND: Final = Path(sys.executable).with_name("aboveboard")
LATENESS: Final = timedelta(hours=1)

Layout = Callable[[Path], list[Path]]


def shuffled(folder: Path) -> list[Path]:
    lines = shuffle_within(timed(fewer_lines()), LATENESS, seed=1)
    return [write_lines(folder / "shuffled.jsonl", lines)]


def repeated(folder: Path) -> list[Path]:
    lines = duplicate(fewer_lines(), 0.05, seed=2)
    return [write_lines(folder / "repeated.jsonl", lines)]


def shuffled_and_repeated(folder: Path) -> list[Path]:
    lines = shuffle_within(duplicate(timed(fewer_lines()), 0.05, seed=3), LATENESS, seed=4)
    return [write_lines(folder / "both.jsonl", lines)]


def by_type(folder: Path) -> list[Path]:
    kinds = ("sale", "cancellation", "account_activity")
    return [
        write_lines(
            folder / f"{kind}.jsonl",
            (line for line in fewer_lines() if line.startswith(f'{{"type":"{kind}"'.encode())),
        )
        for kind in kinds
    ]


def by_period(folder: Path) -> list[Path]:
    lines = fewer_lines()
    third = len(lines) // 3
    pieces = {"c": lines[:third], "a": lines[third : 2 * third], "b": lines[2 * third :]}
    return [write_lines(folder / f"{name}.jsonl", pieces[name]) for name in sorted(pieces)]


def in_turns(folder: Path) -> list[Path]:
    return [write_lines(folder / f"{n}.jsonl", fewer_lines()[n::7]) for n in range(7)]


def by_site_of_account(folder: Path) -> list[Path]:
    files: dict[int, list[bytes]] = {}
    for line in fewer_lines():
        files.setdefault(int(json.loads(line)["account_id"][-1]), []).append(line)
    return [write_lines(folder / f"{digit}.jsonl", lines) for digit, lines in files.items()]


def split_shuffled_and_repeated(folder: Path) -> list[Path]:
    lines = shuffle_within(duplicate(timed(fewer_lines()), 0.05, seed=5), LATENESS / 2, seed=6)
    disturbed = list(lines)
    return [write_lines(folder / f"{n}.jsonl", disturbed[n::3]) for n in range(3)]


def packed(folder: Path) -> list[Path]:
    (folder / "events.jsonl.gz").write_bytes(gzip.compress(b"\n".join(fewer_lines()), 1))
    return [folder / "events.jsonl.gz"]


def with_blank_lines(folder: Path) -> list[Path]:
    return [write_lines(folder / "blank.jsonl", (line + b"\r\n \n" for line in fewer_lines()))]


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
        input=b"\n".join(fewer_lines()),
        capture_output=True,
        check=True,
    )
    assert done.stdout == log_in_time_order
