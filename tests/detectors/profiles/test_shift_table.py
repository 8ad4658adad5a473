"""Many series in one table: each as if it were alone, and where its shift began."""

from collections.abc import Sequence
from statistics import median

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.conformance.streams import Chance
from detectors.profiles.series_table import SeriesTable, Strange
from detectors.profiles.shift import Shift

CONFIG = Shift(confidence=0.2, warm_up=5)


def shown(table: SeriesTable, day: int, values: dict[int, float]) -> list[Strange]:
    rows = np.array(sorted(values), np.int64)
    return table.observe(Day(day), rows, np.array([values[row] for row in sorted(values)]))


def told(values: Sequence[float], *, mirror: Sequence[bool] | None = None) -> list[Strange]:
    """Return the shifts that a table tells of one series, a value a day."""
    table = Shift().table()
    rows = np.array([table.add()])
    mirrored = [None] * len(values) if mirror is None else [np.array([one]) for one in mirror]
    seen = []
    for day, (value, turned) in enumerate(zip(values, mirrored, strict=True)):
        seen += table.observe(Day(day), rows, np.array([value]), turned)
    return seen


@given(st.lists(st.dictionaries(st.integers(0, 2), st.sampled_from((0.0, 1.0, 9.0))), max_size=60))
def test_a_row_is_what_it_would_be_alone(days: list[dict[int, float]]) -> None:
    together = CONFIG.table()
    alone = [CONFIG.table() for _ in range(3)]
    for table in alone:
        together.add()
        table.add()
    for day, values in enumerate(days):
        seen = shown(together, day, values)
        apart = [
            msgspec.structs.replace(one, row=row)
            for row, value in sorted(values.items())
            for one in shown(alone[row], day, {0: value})
        ]
        assert seen == apart
    for row, table in enumerate(alone):
        assert together.row_state(row) == table.row_state(0)


@given(st.lists(st.sampled_from((0.0, 1.0, 9.0)), max_size=60), st.integers(0, 60))
def test_a_row_that_was_saved_goes_on(values: list[float], cut: int) -> None:
    straight, saved = CONFIG.table(), CONFIG.table()
    straight.add()
    saved.add()
    for day, value in enumerate(values):
        if day == cut:
            state = saved.row_state(0)
            saved = CONFIG.table()
            saved.add()
            saved.load_row(0, state)
        assert shown(saved, day, {0: value}) == shown(straight, day, {0: value})
    assert saved.row_state(0) == straight.row_state(0)


@pytest.mark.parametrize("step", [1.5, -1.5])
def test_a_shift_began_when_it_did_and_is_as_large_as_it_is(step: float) -> None:
    days, steps = [], []
    for seed in range(40):
        chance = Chance(seed)
        values = [chance.normal() + (step if day >= 150 else 0.0) for day in range(250)]
        seen = told(values)[0]
        assert seen.since is not None
        assert seen.change is not None
        assert seen.change * step > 0.0
        days.append(seen.since)
        steps.append(seen.change)
    assert abs(median(days) - 150) <= 3
    assert sum(abs(day - 150) <= 25 for day in days) >= 36
    assert median(steps) == pytest.approx(step, rel=0.15)


def test_a_series_that_rose_and_fell_is_told_the_way_it_went_last() -> None:
    chance = Chance(2)
    levels = [0.0] * 100 + [2.0] * 100 + [0.0] * 100
    seen = told([level + chance.normal() for level in levels])
    assert [shift.change > 0.0 for shift in seen if shift.change] == [True, False]
    assert [shift.since < 200 for shift in seen if shift.since] == [True, False]


def test_what_lasts_is_gone_from_the_mirror() -> None:
    chance = Chance(1)
    values = [chance.normal() + (2.0 if day >= 100 else 0.0) for day in range(400)]
    tossed = [chance.uniform() < 0.5 for _ in values]
    assert told(values)
    assert not told(values, mirror=tossed)
    assert told(values, mirror=[False] * len(values)) == told(values)


def test_there_is_room_for_many_rows() -> None:
    table = CONFIG.table()
    rows = np.array([table.add() for _ in range(500)])
    seen = []
    for day in range(60):
        moved = np.where(rows % 2 == 1, day // 20 % 2 * 50.0, 0.0)
        seen += table.observe(Day(day), rows, moved + day % 3)
    assert {shift.row for shift in seen} == set(range(1, 500, 2))
    assert len(table) == 500


@pytest.mark.parametrize("state", [b"", b"\x90", b"\xc0"])
def test_a_row_of_another_layout_is_refused(state: bytes) -> None:
    table = CONFIG.table()
    row = table.add()
    with pytest.raises(IncompatibleSnapshot):
        table.load_row(row, state)
