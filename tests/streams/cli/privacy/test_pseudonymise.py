"""`aboveboard pseudonymise` and `aboveboard reveal`: ids go in, and come back under the key."""

import gzip
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.cli.privacy.reveal import revealed_line
from streams.pseudonyms.cipher import Pseudonyms
from streams.pseudonyms.events import EventHider
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from tests.streams.hostile_corpus import sale
from tests.streams.small_centre import read_alerts, run, write_lines

CENTRE = SimulationSettings(agents=16, days=40, seed=1, planted_share=0.25)
"""About 3,000 events, with alerts about accounts and agents."""

VARIABLE = "ABOVEBOARD_PSEUDONYM_KEY_FILE"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "key"
    path.write_text("07" * 64 + "\n")
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def given(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_what_is_hidden_comes_back(
    key: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    events = [sale(account_id=f'"acc-{n}"', event_id=f'"e-{n}"') for n in range(20)]
    packed = tmp_path / "events.jsonl.gz"
    packed.write_bytes(gzip.compress(b"\n".join(events[:10]) + b"\n"))
    given(monkeypatch, b"\r\n".join(events[10:]))
    assert main(["pseudonymise", str(packed), "-"]) == 0
    hidden = capfdbinary.readouterr().out
    assert b"acc-" not in hidden
    assert len({json.loads(line)["account_id"] for line in hidden.splitlines()}) == 20

    given(monkeypatch, hidden)
    assert main(["reveal"]) == 0
    shown = capfdbinary.readouterr().out
    assert [json.loads(line) for line in shown.splitlines()] == list(map(json.loads, events))

    key.write_text("08" * 64)
    given(monkeypatch, hidden)
    assert main(["reveal"]) == 0
    assert capfdbinary.readouterr().out == hidden


@pytest.mark.usefixtures("key")
def test_a_line_that_may_hold_an_id_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    given(monkeypatch, sale() + b"\nsale;acc-1\n\n" + sale(agent_id='"acc-2"'))
    assert main(["pseudonymise", "-", "--also", "agent_id"]) == 1
    captured = capfdbinary.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert b"acc-" not in captured.out
    assert b"-:2: left out" in captured.err


@pytest.mark.parametrize("command", [["pseudonymise", "-"], ["reveal"]])
@pytest.mark.parametrize("content", [None, "07" * 32, "no key", ""])
def test_without_a_key_nothing_is_read(
    command: list[str],
    content: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
        monkeypatch.setenv(VARIABLE, str(path))
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "openssl rand -hex 64" in said
    assert not content or content not in said


def test_alerts_are_the_same_but_for_their_ids(tmp_path: Path) -> None:
    pseudonyms, lines = Pseudonyms(bytes(64)), list(simulate(CENTRE, EventCounts()))
    hider = EventHider(pseudonyms)
    bare = alerts_in(tmp_path / "bare", lines)
    hidden = alerts_in(tmp_path / "hidden", map(hider.hidden, lines))
    assert b"pn1.account." in hidden
    shown = b"\n".join(revealed_line(pseudonyms, line) for line in hidden.splitlines())
    assert told(shown) == told(bare)
    assert {about for about, *_ in told(bare)} == {"account", "agent"}


def alerts_in(folder: Path, lines: Iterable[bytes]) -> bytes:
    folder.mkdir()
    out = folder / "alerts.jsonl"
    assert run("detect", write_lines(folder / "events.jsonl", lines), "--out", out) == 0
    return out.read_bytes()


def told(log: bytes) -> list[tuple[object, ...]]:
    """Return what people are told, in an order that no id decides."""
    alerts = read_alerts(log)
    return sorted(
        (one.subject.type, one.subject.id, one.pattern, one.revision, one.status, one.summary)
        for one in alerts
    )
