"""A row saved and loaded is the same row; anything else is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.prior import Prior
from tests.detectors.evidence.definition import Outcome
from tests.detectors.evidence.histories import (
    ROWS,
    feed,
    histories,
    random_history,
    table_for,
)


@settings(deadline=None)
@given(histories(largest=60), st.integers(0, 60), st.booleans())
def test_a_loaded_row_goes_on_as_if_never_saved(
    history: list[Outcome],
    cut: int,
    restarted: bool,  # noqa: FBT001 - given by parametrize
) -> None:
    unbroken = table_for()
    first = feed(unbroken, history[:cut])
    assert first.size == len(history[:cut])
    if restarted:
        unbroken.restart(1)
    loaded = table_for()
    feed(loaded, random_history(5, 30))
    for row in range(ROWS):
        snapshot = unbroken.row_state(row)
        loaded.load_row(row, snapshot)
        assert loaded.row_state(row) == snapshot
        assert loaded.explanation(row) == unbroken.explanation(row)
        assert loaded.totals(row) == unbroken.totals(row)
    assert feed(loaded, history[cut:]).tobytes() == feed(unbroken, history[cut:]).tobytes()
    for row in range(ROWS):
        assert loaded.row_state(row) == unbroken.row_state(row)


def test_a_row_takes_less_than_two_kilobytes() -> None:
    table = table_for(rows=1)
    feed(table, random_history(2, 2_000, rows=1))
    assert len(table.row_state(0)) < 2_000


@pytest.mark.parametrize("foreign", [b"", b"{}", b"\x00" * 400, b"abSR" + b"\x00" * 1_000])
def test_foreign_bytes_are_refused(foreign: bytes) -> None:
    with pytest.raises(IncompatibleSnapshot):
        table_for().load_row(0, foreign)


def test_damaged_bytes_are_refused_and_change_nothing() -> None:
    table = table_for()
    feed(table, random_history(2, 50))
    good = table.row_state(0)
    for position in range(0, len(good), 7):
        damaged = bytearray(good)
        damaged[position] ^= 1
        with pytest.raises(IncompatibleSnapshot):
            table.load_row(0, bytes(damaged))
    for damaged_end in (good[:-1], good + b"\x00"):
        with pytest.raises(IncompatibleSnapshot):
            table.load_row(0, damaged_end)
    assert table.row_state(0) == good


def test_a_row_of_another_version_says_so() -> None:
    snapshot = bytearray(table_for().row_state(0))
    snapshot[4] = 1
    with pytest.raises(IncompatibleSnapshot, match="version 1"):
        table_for().load_row(0, bytes(snapshot))


def test_a_row_of_the_other_tier_says_so() -> None:
    early = EarlyEvidenceTable(Prior(0.25))
    early.add()
    with pytest.raises(IncompatibleSnapshot, match="mature"):
        table_for().load_row(0, early.row_state(0))


def test_a_row_that_rests_on_another_spread_is_refused() -> None:
    wide, narrow = table_for(0.6, rows=1), table_for(0.25, rows=1)
    feed(wide, random_history(3, 40, rows=1))
    before = narrow.row_state(0)
    with pytest.raises(IncompatibleSnapshot, match=r"spread of 0\.6, not 0\.25"):
        narrow.load_row(0, wide.row_state(0))
    assert narrow.row_state(0) == before
