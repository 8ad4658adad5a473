"""Whatever ends a run, its outputs are those of the last run or of this one, and never in between.

Each run is a real process in the midst of its work: its input is a FIFO that still has more.
"""

import gzip
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

import pytest

from streams.outputs.whole_files import PREFIX
from tests.streams.cli.forked_commands import ForkedCommands, Request
from tests.streams.small_centre import event_lines

OLD: Final = {"alerts.jsonl": b"the last log\n", "letters.jsonl": b"the last letters\n"}


LINES: Final = 10_000
"""More than a pipe holds, so that no run has read all of it before it is ended."""


class Run(NamedTuple):
    """A run of detect, its folder, and the open end of its input."""

    commands: ForkedCommands
    process_id: int
    folder: Path
    source: int

    def say(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands() -> Iterator[ForkedCommands]:
    with ForkedCommands.loaded() as commands:
        yield commands


def begin(commands: ForkedCommands, folder: Path, **more: object) -> Run:
    """Begin a run, feed it most of a log and some garbage, and return when it waits for more."""
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    fifo = folder / "events"
    os.mkfifo(fifo)
    (folder / "said").touch()
    outputs = ["--out", str(folder / "alerts.jsonl")]
    if "stdout" in more:
        outputs = ["--format", "json"]
    words = ["detect", str(fifo), *outputs, "--dead-letters", str(folder / "letters.jsonl")]
    request = Request(words, stderr=str(folder / "said"))
    for name, value in more.items():
        setattr(request, name, value)
    process_id = commands.begin(request)
    source = os.open(fifo, os.O_WRONLY)
    return Run(commands, process_id, folder, source)


def feed(run: Run, lines: tuple[bytes, ...]) -> None:
    content = memoryview(b"".join(line + b"\n" for line in (b"garbage", *lines)))
    try:
        while content:
            content = content[os.write(run.source, content) :]
    except BrokenPipeError:
        return  # it has ended by itself, as it should


def wait_until_it_writes(folder: Path) -> None:
    while not any(path.name.startswith(PREFIX) for path in folder.iterdir()):
        time.sleep(0.01)


def has_not_ended(process_id: int) -> bool:
    """Return whether a process still runs; one that has ended stays until it is waited for."""
    status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0] != "Z"


def outputs(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in OLD}


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(PREFIX)]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        (signal.SIGTERM, -signal.SIGTERM),
        (signal.SIGHUP, -signal.SIGHUP),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_signal_leaves_the_last_outputs(
    number: signal.Signals, code: int, commands: ForkedCommands, tmp_path: Path
) -> None:
    run = begin(commands, tmp_path)
    feed(run, event_lines()[:LINES])
    wait_until_it_writes(tmp_path)
    while has_not_ended(run.process_id):
        # More than once, as a person does: Ctrl-C raises, and a library may lose what it raises.
        os.kill(run.process_id, number)
        time.sleep(0.2)
    assert commands.code(run.process_id) == code
    os.close(run.source)
    assert outputs(tmp_path) == OLD
    # Nothing can tidy up after SIGKILL; the name says what it was.
    assert bool(parts(tmp_path)) is (number is signal.SIGKILL)


def test_a_full_disk_leaves_the_last_outputs_and_is_named(
    commands: ForkedCommands, tmp_path: Path
) -> None:
    run = begin(commands, tmp_path, largest_file=2_000)
    feed(run, event_lines()[:LINES])
    os.close(run.source)
    assert commands.code(run.process_id) == 2
    assert run.say().endswith(f"detect: {tmp_path / 'alerts.jsonl'}: File too large\n")
    assert outputs(tmp_path) == OLD
    assert parts(tmp_path) == []


def test_a_reader_that_goes_away_leaves_the_last_outputs(
    commands: ForkedCommands, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = Thread(target=lambda: pipe.open("rb").close())
    reader.start()
    run = begin(commands, tmp_path, stdout=str(pipe))
    reader.join()
    feed(run, event_lines()[:LINES])
    os.close(run.source)
    assert commands.code(run.process_id) == 141
    assert outputs(tmp_path) == OLD
    assert parts(tmp_path) == []


def test_a_full_stdout_leaves_the_last_outputs_and_is_named(
    commands: ForkedCommands, tmp_path: Path
) -> None:
    run = begin(commands, tmp_path, stdout="/dev/full")
    feed(run, event_lines()[:LINES])
    os.close(run.source)
    assert commands.code(run.process_id) == 2
    assert run.say() == "aboveboard detect: stdout: No space left on device\n"
    assert outputs(tmp_path) == OLD
    assert parts(tmp_path) == []


def damaged() -> bytes:
    packed = gzip.compress(b"\n".join(event_lines()[:LINES]))
    return packed[: len(packed) // 2] + bytes(64) + packed[len(packed) // 2 + 64 :]


@pytest.mark.parametrize("content", [damaged, lambda: b"PK\x03\x04 and so on"])
def test_an_input_of_no_use_leaves_the_last_outputs(
    content: Callable[[], bytes], commands: ForkedCommands, tmp_path: Path
) -> None:
    run = begin(commands, tmp_path)
    feed_bytes = Thread(target=write_all, args=(run.source, content()))
    feed_bytes.start()
    assert commands.code(run.process_id) == 2
    feed_bytes.join()
    assert outputs(tmp_path) == OLD
    assert parts(tmp_path) == []


def write_all(source: int, content: bytes) -> None:
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(source, left) :]
    except BrokenPipeError:
        return
    finally:
        os.close(source)


def test_a_run_that_ends_well_replaces_both(commands: ForkedCommands, tmp_path: Path) -> None:
    run = begin(commands, tmp_path)
    feed(run, event_lines()[:LINES])
    os.close(run.source)
    assert commands.code(run.process_id) == 0
    found = outputs(tmp_path)
    assert found["alerts.jsonl"].count(b"\n") > 10
    assert found["letters.jsonl"].count(b"\n") == 1
    assert parts(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_simulation_that_is_ended_leaves_the_one_before(
    number: signal.Signals, commands: ForkedCommands, tmp_path: Path
) -> None:
    words = ["simulate", "--agents=100", "--days=200", "--out", str(tmp_path)]
    first = commands.begin(Request([*words[:2], "--days=2", *words[3:], "--seed=1"]))
    assert commands.code(first) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {"events.jsonl", "truth.json"}
    second = commands.begin(Request([*words, "--seed=2"]))
    wait_until_it_writes(tmp_path)
    os.kill(second, number)
    assert commands.code(second) != 0
    for name, content in before.items():
        assert (tmp_path / name).read_bytes() == content
