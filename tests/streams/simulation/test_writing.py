"""The command writes whole files, the same ones for the same arguments."""

import argparse
import gzip
import json
from pathlib import Path

import pytest

from streams.cli.simulate import add_arguments, run
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings


def simulate_command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(["--agents=50", "--days=30", "--seed=7", *arguments]))


def test_the_files_hold_the_events_and_the_truth(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert simulate_command("--out", str(folder)) == 0
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    assert lines == list(simulate(SimulationSettings(agents=50, days=30, seed=7)))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == 7
    assert truth["parameters"]["start"] == "2025-01-01"
    assert sum(truth["events"].values()) == len(lines)
    assert truth["honest_agents"] == 46
    assert {one["pattern"] for one in truth["planted"]} == {"quick_cancellation", "unused_account"}
    assert all(one["from"].endswith("T00:00:00Z") for one in truth["planted"])


def test_compressed_files_hold_the_same_and_are_the_same_twice(tmp_path: Path) -> None:
    assert simulate_command("--out", str(tmp_path / "plain")) == 0
    for name in ("one", "other"):
        assert simulate_command("--gzip", "--out", str(tmp_path / name)) == 0
    packed = (tmp_path / "one" / "events.jsonl.gz").read_bytes()
    assert packed == (tmp_path / "other" / "events.jsonl.gz").read_bytes()
    plain = (tmp_path / "plain" / "events.jsonl").read_bytes()
    assert gzip.decompress(packed) == plain


def test_the_options_reach_the_simulation(tmp_path: Path) -> None:
    options = ("--start=2024-02-29", "--sales-per-day=1.5", "--planted-share=0")
    assert simulate_command("--out", str(tmp_path), *options) == 0
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["planted"] == []
    assert truth["parameters"]["sales_per_day"] == 1.5
    assert (tmp_path / "events.jsonl").read_text(encoding="utf-8").count("2024-02-29T") > 10


@pytest.mark.parametrize("option", ["--agents=0", "--days=0", "--sales-per-day=nan"])
def test_useless_arguments_are_named_and_end_with_two(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate_command("--out", str(tmp_path), option) == 2
    name = option[2:].partition("=")[0].replace("-", "_")
    assert name in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert simulate_command("--out", str(tmp_path / "file")) == 2
    assert "file" in capsys.readouterr().err
