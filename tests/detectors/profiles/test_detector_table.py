"""Any detector behind a table: series as if they were alone, and a mirror that forgets changes."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.conformance.streams import Chance
from detectors.contract.detector import DetectorConfig
from detectors.profiles.detector_table import (
    KNOWN_AFTER,
    LONGEST_REMARK,
    DetectorTable,
    series_table,
)
from detectors.profiles.series_table import SeriesTable, Strange
from detectors.profiles.shift import Shift
from tests.detectors.third_party.far_off import FarOff, FarOffDetector

CONFIG = FarOff(memory=0.2, far=1.0)


def shown(table: SeriesTable, day: int, values: dict[int, float]) -> list[Strange]:
    rows = np.array(sorted(values), np.int64)
    return table.observe(Day(day), rows, np.array([values[row] for row in sorted(values)]))


@given(st.lists(st.dictionaries(st.integers(0, 2), st.sampled_from((0.0, 1.0, 9.0))), max_size=60))
def test_a_row_is_what_it_would_be_alone(days: list[dict[int, float]]) -> None:
    together = DetectorTable(CONFIG)
    alone = [DetectorTable(CONFIG) for _ in range(3)]
    for table in alone:
        together.add()
        table.add()
    for day, values in enumerate(days):
        apart = [
            (row, one.score, one.remark)
            for row, value in sorted(values.items())
            for one in shown(alone[row], day, {0: value})
        ]
        seen = shown(together, day, values)
        assert [(one.row, one.score, one.remark) for one in seen] == apart
    for row, table in enumerate(alone):
        assert together.row_state(row) == table.row_state(0)
    assert len(together) == 3


@given(st.lists(st.sampled_from((0.0, 1.0, 9.0)), max_size=60), st.integers(0, 60))
def test_a_row_that_was_saved_goes_on(values: list[float], cut: int) -> None:
    straight, saved = DetectorTable(CONFIG), DetectorTable(CONFIG)
    straight.add()
    saved.add()
    every = np.array([0])
    for day, value in enumerate(values):
        if day == cut:
            state = saved.row_state(0)
            saved = DetectorTable(CONFIG)
            saved.add()
            saved.load_row(0, state)
        assert shown(saved, day, {0: value}) == shown(straight, day, {0: value})
        assert saved.ready(every) == straight.ready(every)
    assert saved.row_state(0) == straight.row_state(0)


def test_a_table_of_its_own_finds_what_single_detectors_find() -> None:
    chance = Chance(5)
    config = Shift(confidence=0.1, warm_up=10)
    own, single = config.table(), DetectorTable(config)
    for table in (own, single):
        table.add()
    found: list[int] = []
    for day in range(400):
        value = chance.normal() + 3.0 * (day // 80 % 2)
        left, right = shown(own, day, {0: value}), shown(single, day, {0: value})
        assert [one.score for one in left] == [one.score for one in right]
        found += [day] * len(left)
    assert len(found) >= 4


def test_a_config_chooses_its_table() -> None:
    assert not isinstance(series_table(Shift()), DetectorTable)
    assert isinstance(series_table(FarOff()), DetectorTable)


def test_a_strange_value_is_told_in_words_of_the_detector() -> None:
    table = DetectorTable(FarOff())
    table.add()
    chance = Chance(1)
    for day in range(100):
        assert shown(table, day, {0: chance.normal()}) == []
    (strange,) = shown(table, 100, {0: 40.0})
    assert strange.score > 0.5
    assert strange.remark.endswith("spreads from where it has been lately")
    assert (strange.since, strange.days, strange.change) == (None, None, None)


class Talker(FarOffDetector):
    def explain_one(self, x: object) -> str:
        del x
        return "strange " * 1_000


class Talkative(FarOff, frozen=True, tag="talkative"):
    def build(self, snapshot: bytes | None = None) -> Talker:
        return Talker(self, snapshot)


def test_what_a_detector_says_has_an_end() -> None:
    table = DetectorTable(Talkative())
    table.add()
    seen = [one for day in range(40) for one in shown(table, day, {0: 900.0 * (day == 39)})]
    assert [len(one.remark) for one in seen] == [LONGEST_REMARK]


def tossed(config: DetectorConfig, values: Sequence[float], coins: int) -> list[Strange]:
    """Show the values to a row of which a coin decides what is mirrored."""
    chance = Chance(coins)
    table = DetectorTable(config)
    rows = np.array([table.add()])
    seen = []
    for day, value in enumerate(values):
        turned = np.array([chance.uniform() < 0.5])
        found = table.observe(Day(day), rows, np.array([value]), turned)
        seen += found if table.ready(rows)[0] else []
    return seen


def test_what_lasts_is_gone_from_the_mirror() -> None:
    found = mirrored = 0
    for seed in range(20):
        chance = Chance(seed)
        values = [chance.normal() + (1.5 if day >= 150 else 0.0) for day in range(300)]
        table = DetectorTable(Shift())
        table.add()
        found += any(shown(table, day, {0: value}) for day, value in enumerate(values))
        mirrored += bool(tossed(Shift(), values, seed))
    assert found == 20
    assert mirrored <= 1


def test_a_mirror_stands_where_the_values_were() -> None:
    table = DetectorTable(FarOff())
    rows = np.array([table.add()])
    for day in range(KNOWN_AFTER):
        assert not table.ready(rows)[0]
        table.observe(Day(day), rows, np.array([10.0 + day % 3]), np.array([True]))
    assert table.ready(rows)[0]
    before = table.row_state(0)
    table.observe(Day(KNOWN_AFTER), rows, np.array([14.0]), np.array([True]))
    mirrored = table.row_state(0)
    table.load_row(0, before)
    table.observe(Day(KNOWN_AFTER), rows, np.array([8.0]), np.array([False]))
    assert table.row_state(0) == mirrored


@pytest.mark.parametrize("state", [b"", b"\x90", b"\xc0"])
def test_a_row_of_another_layout_is_refused(state: bytes) -> None:
    table = DetectorTable(FarOff())
    row = table.add()
    with pytest.raises(IncompatibleSnapshot):
        table.load_row(row, state)


def test_a_row_of_another_config_is_refused() -> None:
    theirs, ours = DetectorTable(FarOff(memory=0.1)), DetectorTable(FarOff(memory=0.2))
    theirs.add()
    ours.add()
    with pytest.raises(IncompatibleSnapshot, match="far_off"):
        ours.load_row(0, theirs.row_state(0))
