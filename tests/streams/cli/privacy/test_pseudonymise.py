"""`aboveboard pseudonymise` and `aboveboard reveal`: ids go in, and come back under the key."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from streams.cli.main import main
from tests.streams.hostile_corpus import sale

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
