"""The progress bar: for somebody who looks, and only when there is something to wait for."""

import sys
from io import StringIO

import pytest

from streams.cli import progress_bar as progress
from streams.cli.progress_bar import ByteProgress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_it_shows_how_far_long_work_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "APPEARS_AFTER", 0.0)
    done = iter([250, 500, 1_000])
    with ByteProgress("Reading events", 1_000, lambda: next(done)) as bar:
        for _ in range(3):
            bar.update()
    assert "Reading events" in terminal.getvalue()


def test_it_stays_away_from_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ByteProgress("Reading events", 1_000, lambda: 500) as bar:
        bar.update()
    assert terminal.getvalue() == ""


def test_nobody_looks_at_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "APPEARS_AFTER", 0.0)
    with ByteProgress("Reading events", None, lambda: 500) as bar:
        bar.update()
    assert capsys.readouterr().err == ""
