"""An output is never an input, nor another output, by whatever name."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.errors import ConflictingOutputs, OutputIsInput
from streams.outputs.clashes import refuse_clashes

Name = Callable[[Path], Path]


def itself(path: Path) -> Path:
    return path


def by_a_detour(path: Path) -> Path:
    return path.parent / ".." / path.parent.name / path.name


def relative(path: Path) -> Path:
    return Path(os.path.relpath(path))


def symlink(path: Path) -> Path:
    link = path.with_name("link")
    link.symlink_to(path.name)
    return link


def link_to_a_link(path: Path) -> Path:
    link = path.with_name("link of a link")
    link.symlink_to(symlink(path))
    return link


def hard_link(path: Path) -> Path:
    link = path.with_name("hard link")
    os.link(path, link)
    return link


def linked_folder(path: Path) -> Path:
    folder = path.parent.with_name("linked folder")
    folder.symlink_to(path.parent)
    return folder / path.name


EXISTING = [itself, by_a_detour, relative, symlink, link_to_a_link, hard_link, linked_folder]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "here" / "events.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"{}\n")
    return path


@pytest.mark.parametrize("name", EXISTING)
def test_an_input_is_no_output_by_any_name(name: Name, events: Path) -> None:
    for read, written in ((events, name(events)), (Path("/dev/null"), events)):
        if read == events:
            with pytest.raises(OutputIsInput) as refusal:
                refuse_clashes([None, read], {"--out": written}, prints=True)
            assert str(read) in str(refusal.value)
            assert str(written) in str(refusal.value)
            assert "a file of its own" in str(refusal.value)
        else:
            refuse_clashes([read], {"--out": written}, prints=True)


@pytest.mark.parametrize("name", EXISTING)
def test_two_outputs_are_two_files(name: Name, events: Path) -> None:
    with pytest.raises(ConflictingOutputs):
        refuse_clashes([], {"--out": events, "--dead-letters": name(events)}, prints=True)


@pytest.mark.parametrize("name", [itself, by_a_detour, relative, symlink, linked_folder])
def test_two_outputs_that_are_not_there_yet_are_two_files(name: Name, events: Path) -> None:
    missing = events.with_name("missing")
    with pytest.raises(ConflictingOutputs):
        refuse_clashes([], {"--out": missing, "--dead-letters": name(missing)}, prints=True)


def test_a_fifo_is_not_read_and_written_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(OutputIsInput):
        refuse_clashes([fifo], {"--out": fifo}, prints=True)
    with pytest.raises(ConflictingOutputs):
        refuse_clashes([], {"--out": fifo, "--dead-letters": fifo}, prints=True)


def test_a_descriptor_is_the_file_behind_it(events: Path) -> None:
    with events.open("ab") as file:
        with pytest.raises(OutputIsInput):
            refuse_clashes([events], {"--out": f"/dev/fd/{file.fileno()}"}, prints=True)
        with pytest.raises(OutputIsInput):
            refuse_clashes([f"/dev/fd/{file.fileno()}"], {"--out": events}, prints=True)


@pytest.mark.parametrize("place", ["/dev/null", "/dev/full"])
def test_devices_hold_nothing_that_could_be_lost(place: str) -> None:
    refuse_clashes([place], {"--out": place, "--dead-letters": place}, prints=True)


@pytest.mark.parametrize("place", ["-", "/dev/stdout", "/dev/fd/1"])
def test_stdout_takes_one_kind_of_output(place: str) -> None:
    with pytest.raises(ConflictingOutputs, match="both want stdout"):
        refuse_clashes([], {"--dead-letters": place}, prints=True)
    with pytest.raises(ConflictingOutputs, match="both want stdout"):
        refuse_clashes([], {"--out": "-", "--dead-letters": place}, prints=False)
    refuse_clashes([], {"--out": place}, prints=False)


def test_other_files_are_no_clash(events: Path) -> None:
    other = events.with_name("other")
    other.write_bytes(events.read_bytes())
    refuse_clashes([events], {"--out": other, "--dead-letters": None, "x": "new"}, prints=True)
