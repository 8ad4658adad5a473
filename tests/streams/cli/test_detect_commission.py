"""`aboveboard detect --commission`: what becomes of commissions, in a file."""

from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec import structs

from detectors.commission.action import CommissionAction
from tests.streams.small_centre import fewer_lines, run, write_lines

SETTINGS: Final = '[commission]\nwindow = "12d"\n'


def test_what_becomes_of_each_sale_stands_in_a_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, told = tmp_path / "settings.toml", tmp_path / "commission.jsonl"
    config.write_text(SETTINGS, encoding="utf-8")
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    out = tmp_path / "alerts.jsonl"
    assert run("detect", path, "--config", config, "--commission", told, "--out", out) == 0
    actions = [
        msgspec.json.decode(line, type=CommissionAction) for line in told.read_bytes().splitlines()
    ]
    assert {one.action for one in actions} >= {"release", "claw_back"}
    assert [one.decided_at for one in actions] == sorted(one.decided_at for one in actions)
    assert all(one.reason.endswith(".") and one.window == "12d" for one in actions)
    back = next(one for one in actions if one.action == "claw_back")
    capsys.readouterr()
    assert run("explain", back.commission_id, path, "--config", config) == 0
    shown = capsys.readouterr().out
    assert "clawed back. The product came back within its window" in shown
    assert shown.endswith("AGREE: the events give what was told of the commission.\n")
    line = msgspec.json.encode(structs.replace(back, amount=9.5)).decode()
    assert run("explain", line, path, "--config", config) == 1
    shown = capsys.readouterr().out
    assert f"The record given is not revision {back.revision}. NO: amount\n" in shown
    assert shown.endswith("DISAGREE: the events do not give what was told of the commission.\n")
    figure = tmp_path / "figure.svg"
    assert run("explain", back.commission_id, path, "--config", config, "--plot", figure) == 2
    assert "a commission has no running evidence to draw" in capsys.readouterr().err


def test_without_a_window_it_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "commission.jsonl"
    path = write_lines(tmp_path / "events.jsonl", fewer_lines())
    assert run("detect", path, "--commission", told) == 2
    assert "without `commission.window`" in capsys.readouterr().err
    assert not told.exists()
