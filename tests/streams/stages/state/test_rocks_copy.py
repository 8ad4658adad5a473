"""The copy in RocksDB: it gives back what it was given, and its loss costs nothing but time."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.basis.errors import InvalidSettings
from streams.stages.state.local_copy import Kept, LocalCopy
from streams.stages.state.rocks_copy import rocks_copies
from streams.wire.topics import Topic

writes = st.lists(
    st.dictionaries(
        st.sampled_from([b"head/0.1", b"segment/0.1/0/0", b"segment/0.1/1/0", b"end"]),
        st.none() | st.binary(max_size=5),
        max_size=4,
    ),
    max_size=8,
)


def opened(folder: Path) -> LocalCopy:
    return rocks_copies(folder, "test-")(Topic.LEDGER_STATE, 3)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
@given(writes=writes, number=st.uuids())
def test_it_gives_back_what_it_was_given(
    tmp_path: Path, writes: list[dict[bytes, bytes | None]], number: object
) -> None:
    folder = tmp_path / str(number)
    expected: dict[bytes, bytes] = {}
    for end, entries in enumerate(writes, start=1):
        copy = opened(folder)
        copy.save(entries, end)
        copy.close()
        for key, value in entries.items():
            if value is None:
                expected.pop(key, None)
            else:
                expected[key] = value
    copy = opened(folder)
    assert copy.load() == Kept(expected, len(writes))
    copy.clear()
    assert copy.load() == Kept({}, 0)
    copy.close()


def test_a_copy_that_another_process_holds_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = opened(tmp_path)
    first.save({b"k": b"1"}, 1)
    with caplog.at_level(logging.WARNING):
        second = opened(tmp_path)
    assert "cannot be opened" in caplog.text
    assert second.load() == Kept({}, 0)
    second.save({b"k": b"2"}, 2)
    second.close()
    assert first.load() == Kept({b"k": b"1"}, 1)
    first.close()


def test_after_a_failure_it_stays_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = opened(tmp_path)
    copy.save({b"k": b"1"}, 1)
    with caplog.at_level(logging.WARNING):
        copy.save({b"k": "no bytes"}, 2)  # type: ignore[dict-item] # what RocksDB refuses
    assert "cannot be written" in caplog.text
    copy.save({b"k": b"3"}, 3)
    copy = opened(tmp_path)
    assert copy.load() == Kept({b"k": b"1"}, 1)
    copy.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSettings, match=r"ABOVEBOARD_STATE_FOLDER.*file"):
        rocks_copies(tmp_path / "file" / "folder", "")


def test_closing_again_does_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    copy = opened(tmp_path)
    copy.save({b"k": b"1"}, 1)
    with caplog.at_level(logging.WARNING):
        copy.close()
        copy.close()
    assert not caplog.text
    copy.save({b"k": b"2"}, 2)
    assert copy.load() == Kept({}, 0)


def test_a_file_in_the_place_of_its_folder_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    open_copy = rocks_copies(tmp_path, "test-")
    (tmp_path / "test-ledger-state").touch()
    with caplog.at_level(logging.WARNING):
        copy = open_copy(Topic.LEDGER_STATE, 3)
    assert "cannot be opened" in caplog.text
    assert copy.load() == Kept({}, 0)
    copy.clear()
    copy.close()


ON_A_FULL_DISK: Final = """
import logging, resource, signal, sys
from pathlib import Path
from streams.stages.state.rocks_copy import rocks_copies
from streams.wire.topics import Topic

logging.basicConfig(stream=sys.stdout, format="%(message)s")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as on a full disk
folder, full_from = Path(sys.argv[1]), sys.argv[2]
open_copy = rocks_copies(folder, "test-")
if full_from == "opening":
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
copy = open_copy(Topic.LEDGER_STATE, 3)
copy.load()
copy.save({b"kept": b"1"}, 1)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
if full_from == "closing":
    copy.close()
for number in range(20):
    copy.save({b"lost": bytes(100_000)}, 2 + number)
copy.clear()
copy.close()
copy.close()
print("went on")
"""
"""What a worker does with its copy, on a disk that fills up; see setrlimit(2)."""


@pytest.mark.parametrize("full_from", ["opening", "writing", "closing"])
def test_a_full_disk_is_no_more_than_said(tmp_path: Path, full_from: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path), full_from],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["went on"]), done.stderr
    if full_from != "closing":
        assert "going on without it" in done.stdout
    copy = opened(tmp_path)
    kept = copy.load()
    assert kept in (Kept({}, 0), Kept({b"kept": b"1"}, 1))
    copy.close()


def test_only_the_owner_can_enter_it(tmp_path: Path) -> None:
    """Also if it was made by a version that let others in; the folder named stays as it is."""
    folder = tmp_path / "state"
    (folder / "test-ledger-state" / "3").mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)
    opened(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o755
    inside = [path for path in folder.rglob("*") if path.is_dir()]
    assert len(inside) == 2
    assert {path.stat().st_mode & 0o777 for path in inside} == {0o700}
    opened(tmp_path / "new").close()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
