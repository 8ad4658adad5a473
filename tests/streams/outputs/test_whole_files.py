"""Files are there whole or not at all, for their owner alone, whatever ends the writer."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from streams.outputs.whole_files import PREFIX, WholeFiles, orderly_ending
from tests.limited_process import limited
from tests.streams.outputs.rewriting import NAMES, SIZE

ROOT = Path(__file__).parents[3]


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(PREFIX)]


def test_until_the_end_the_old_content_stays(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"old")
    with WholeFiles() as files:
        file = files.begin(path)
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert len(parts(tmp_path)) == 1
    assert path.read_bytes() == b"new"
    assert parts(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_keeps_all_that_was_there(error: type[BaseException], tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"old")

    def fail() -> None:
        with WholeFiles() as files:
            files.begin(tmp_path / "one").write(b"new")
            files.begin(tmp_path / "two").write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert (tmp_path / "one").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_one_that_cannot_be_begun_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"old")

    def begin_two() -> None:
        with WholeFiles() as files:
            files.begin(tmp_path / "one").write(b"new")
            files.begin(tmp_path / "missing" / "two")

    with pytest.raises(FileNotFoundError) as refusal:
        begin_two()
    assert refusal.value.filename == str(tmp_path / "missing" / "two")
    assert (tmp_path / "one").read_bytes() == b"old"
    assert parts(tmp_path) == []


def test_a_file_may_keep_its_old_content_while_another_is_new(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"old")
    with WholeFiles() as files:
        first, second = (files.begin(tmp_path / name) for name in ("one", "two"))
        first.write(b"new")
        second.write(b"new")
        files.keep_old(first)
    assert (tmp_path / "one").read_bytes() == b"old"
    assert (tmp_path / "two").read_bytes() == b"new"
    assert parts(tmp_path) == []


@pytest.mark.parametrize("there", [True, False])
def test_only_the_owner_can_read_it(there: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    path = tmp_path / "alerts.jsonl"
    if there:
        path.write_bytes(b"old")
        path.chmod(0o644)
    with WholeFiles() as files:
        files.begin(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = tmp_path / "link"
    link.symlink_to("elsewhere/target")
    for content in (b"first", b"second"):
        with WholeFiles() as files:
            files.begin(link).write(content)
        assert link.is_symlink()
        assert (folder / "target").read_bytes() == content


def test_a_name_as_long_as_names_may_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    with WholeFiles() as files:
        files.begin(path).write(b"new")
    assert path.read_bytes() == b"new"


def test_a_folder_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=str(tmp_path)), WholeFiles() as files:
        files.begin(tmp_path)


def test_a_fifo_is_written_directly(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    with WholeFiles() as files:
        files.begin(fifo).write(b"new")
    reader.join()
    assert read == [b"new"]
    assert fifo.is_fifo()


def test_an_open_descriptor_is_written_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb", buffering=0) as file:
        file.write(b"before ")
        with WholeFiles() as files:
            files.begin(f"/dev/fd/{file.fileno()}").write(b"between ")
        file.write(b"after")
    assert path.read_bytes() == b"before between after"


def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="/dev/full") as refusal, WholeFiles() as files:
        files.begin("/dev/full").write(b"new")
    assert refusal.value.errno == errno.ENOSPC


def test_a_file_that_grows_too_large_is_named_and_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_bytes(b"old")
    code = (
        "import resource, sys\n"
        "from streams.outputs.whole_files import WholeFiles\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    with WholeFiles() as files:\n"
        "        files.begin(sys.argv[1]).write(b'n' * 1_000_000)\n"
        "except OSError as error:\n"
        "    sys.exit(f'{error.filename}: {error.strerror}')\n"
    )
    path = str(tmp_path / "alerts")
    ended = subprocess.run(
        [sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.stderr == f"{path}: File too large\n"
    assert (tmp_path / "alerts").read_bytes() == b"old"
    assert parts(tmp_path) == []


# ------------------------------------------------------------------------------------ interruptions


def test_signals_are_as_they_were_after_the_block() -> None:
    with orderly_ending():
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with orderly_ending():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    signal.signal(signal.SIGHUP, before)


def endings(folder: Path, how: str, number: signal.Signals, rounds: int) -> Iterator[int]:
    """Let processes write two files anew and anew, end each at some moment, give its exit code."""
    moments = random.Random(5)  # noqa: S311 - moments, no secrets
    for _ in range(rounds):
        command = [sys.executable, "-m", "tests.streams.outputs.rewriting", str(folder), how]
        with limited(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)) as process:
            for name in NAMES:
                while not (folder / name).exists():
                    assert process.poll() is None
                    time.sleep(0.005)
            time.sleep(0.15 + moments.uniform(0, 0.03))
            process.send_signal(number)
            yield process.wait()


def broken_files(folder: Path) -> list[str]:
    contents = {name: (folder / name).read_bytes() for name in NAMES}
    return [
        name for name, content in contents.items() if len(content) != SIZE or len(set(content)) != 1
    ]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_whatever_ends_a_writer_its_files_are_whole(number: signal.Signals, tmp_path: Path) -> None:
    for code in endings(tmp_path, "whole", number, 5):
        assert code == -number
        assert broken_files(tmp_path) == []
        if number is not signal.SIGKILL:
            assert parts(tmp_path) == []


def test_the_law_bites_a_writer_that_writes_in_place(tmp_path: Path) -> None:
    found = [broken_files(tmp_path) for _ in endings(tmp_path, "broken", signal.SIGKILL, 10)]
    assert any(found)
