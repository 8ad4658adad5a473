"""The command writes whole files, the same ones for the same arguments."""

import gzip
import json
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings


def simulate_command(*arguments: str) -> int:
    return main(["simulate", "--agents=50", "--days=30", "--seed=7", *arguments])


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


@pytest.mark.parametrize("name", ["events.jsonl", "truth.json"])
def test_a_file_that_no_simulation_wrote_is_kept(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(b'{"seed":"of a plant"}')
    assert simulate_command("--out", str(tmp_path)) == 2
    assert f"{tmp_path / name} is there, and no simulation wrote it" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b'{"seed":"of a plant"}'
    assert simulate_command("--out", str(tmp_path), "--force") == 0
    assert simulate_command("--out", str(tmp_path)) == 0


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").symlink_to("events.jsonl")
    assert simulate_command("--out", str(tmp_path), "--force") == 2
    assert not (tmp_path / "events.jsonl").exists()


def test_the_files_are_their_owners(tmp_path: Path) -> None:
    assert simulate_command("--out", str(tmp_path)) == 0
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
