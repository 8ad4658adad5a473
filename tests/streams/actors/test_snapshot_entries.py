from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.errors import IncompatibleSnapshot
from streams.actors.actor import StateWrite
from streams.actors.snapshot_entries import PART, SnapshotEntries

Entry = tuple[bytes, bytes | None]


def steps(write: StateWrite) -> list[Entry]:
    return [*write.prepared.items(), write.head, *write.settled.items()]


def apply(entries: dict[bytes, bytes], written: list[Entry]) -> None:
    for key, value in written:
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = value


def snapshots(sizes: list[int]) -> Iterator[tuple[bytes, dict[str, int]]]:
    for number, size in enumerate(sizes):
        yield bytes([number]) * size, {"topic": number}


@given(
    sizes=st.lists(st.sampled_from([0, 1, PART, PART + 1, 3 * PART]), min_size=1, max_size=6),
    cut=st.integers(0, 12),
)
def test_a_write_that_is_cut_short_counts_wholly_or_not_at_all(sizes: list[int], cut: int) -> None:
    entries: dict[bytes, bytes] = {}
    writer = SnapshotEntries()
    *finished, last = snapshots(sizes)
    for snapshot in finished:
        apply(entries, steps(writer.write(*snapshot)))
    written = steps(writer.write(*last))
    head_at = next(i for i, (key, _) in enumerate(written) if key == b"head")
    apply(entries, written[:cut])
    before = finished[-1] if finished else None
    assert SnapshotEntries().read(entries) == (last if cut > head_at else before)


@given(sizes=st.lists(st.sampled_from([0, 1, PART + 1]), min_size=1, max_size=5))
def test_another_writer_can_carry_on(sizes: list[int]) -> None:
    entries: dict[bytes, bytes] = {}
    for snapshot in snapshots(sizes):
        writer = SnapshotEntries()
        writer.read(entries)
        apply(entries, steps(writer.write(*snapshot)))
        assert SnapshotEntries().read(entries) == snapshot


def test_a_part_that_is_gone_is_an_error() -> None:
    write = SnapshotEntries().write(b"x", {})
    with pytest.raises(IncompatibleSnapshot, match="lacks"):
        SnapshotEntries().read(dict([write.head]))


def test_a_head_of_another_kind_is_an_error() -> None:
    with pytest.raises(IncompatibleSnapshot, match="head"):
        SnapshotEntries().read({b"head": b"other"})
