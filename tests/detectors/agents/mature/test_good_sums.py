"""Sums of an agent's outcomes: of two periods, corrected, and saved exactly."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.mature.good_sums import NO_ROW, PERIOD, GoodSums, GoodSumsState
from detectors.basis.event_time import Day
from detectors.evidence.recursion import WHOLE
from tests.detectors.refutation import refuted


class Trial(NamedTuple):
    """An outcome, and what it was corrected to; None if it was withdrawn, itself if it was not."""

    day: int
    row: int
    probability: float
    exponent: int
    bad: bool
    corrected: bool | None


FIRST: Final = 54 * PERIOD - 3
"""Periods end soon after it, and some more."""

TRIALS: Final = st.lists(
    st.builds(
        Trial,
        st.integers(0, 2 * PERIOD).map(lambda day: FIRST + day),
        st.integers(0, 3),
        st.sampled_from((0.03125, 0.25, 0.5)),  # so that sums are exact
        st.sampled_from((0, 8, 16)),
        st.booleans(),
        st.sampled_from((True, False, None)),
    ),
    min_size=1,
    max_size=40,
).map(lambda trials: sorted(trials, key=lambda one: one.day))


def defined(trials: Sequence[Trial], row: int, today: int) -> tuple[float, ...]:
    """Return the sums of a row as the last two periods give them."""
    counted = [
        (one, bool(one.corrected))
        for one in trials
        if one.row == row
        and one.exponent
        and one.corrected is not None
        and one.day // PERIOD >= today // PERIOD - 1
    ]
    weighed = [(one.exponent / WHOLE, one.probability, bad) for one, bad in counted]
    return (
        len(counted),
        sum(bad for _, bad in counted),
        sum(p for _, p, _ in weighed),
        sum(w * bad for w, _, bad in weighed),
        sum(w * p for w, p, _ in weighed),
        sum(w * p * p for w, p, _ in weighed),
    )


def law(kind: type[GoodSums], data: st.DataObject) -> None:
    trials = data.draw(TRIALS)
    restart_at = data.draw(st.integers(0, len(trials)))
    sums = kind()
    for number, one in enumerate(trials):
        if number == restart_at:
            saved, sums = sums.snapshot(), kind()
            sums.restore(saved)
            assert sums.snapshot() == saved
        columns = (np.array([value]) for value in (one.row, one.probability, one.exponent, one.bad))
        sums.add(Day(one.day), *columns)
        if one.corrected is not one.bad:
            sums.correct(
                one.row, Day(one.day), one.probability, one.exponent, was=one.bad, bad=one.corrected
            )
    for row in range(4):
        found = sums.of(row)
        wanted = defined(trials, row, trials[-1].day)
        if found is None:
            assert wanted[0] == 0
            continue
        assert (found.outcomes, found.bad, found.expected) == wanted[:3]
        assert tuple(float(one[0]) for one in found.tempered) == wanted[3:]


@given(data=st.data())
def test_sums_are_those_of_the_last_two_periods_as_corrected(data: st.DataObject) -> None:
    law(GoodSums, data)


class NeverForgets(GoodSums):
    def begin(self, day: Day) -> None:
        self._period = day // PERIOD


class CorrectsNothing(GoodSums):
    def correct(self, *_: object, **__: object) -> None:
        pass


class LosesThePast(GoodSums):
    def restore(self, state: GoodSumsState) -> None:
        super().restore(state)
        self._before = np.zeros_like(self._present)


@pytest.mark.parametrize("broken", [NeverForgets, CorrectsNothing, LosesThePast])
def test_the_law_bites(broken: type[GoodSums]) -> None:
    assert refuted(law, broken)


def test_late_corrections_of_the_period_before_count_there() -> None:
    sums, none = GoodSums(), np.empty(0, np.int64)
    last = Day(54 * PERIOD - 1)
    one = (np.array([0]), np.array([0.5]), np.array([WHOLE]), np.array([True]))
    sums.add(last, *one)
    sums.add(Day(last + 3), none, np.empty(0), none, np.empty(0, np.bool_))
    sums.correct(0, last, 0.5, WHOLE, was=True, bad=False)
    found = sums.of(0)
    assert found is not None
    assert (found.outcomes, found.bad, found.first_day, found.last_day) == (1, 0, last, last)
    sums.begin(Day(last + 3 + PERIOD))
    assert sums.of(0) is None


def test_an_agent_without_a_row_has_no_sums() -> None:
    sums = GoodSums()
    assert sums.of(7) is None
    assert [one.tolist() for one in sums.tempered(np.array([NO_ROW, 3]))] == [[0.0, 0.0]] * 3
    assert sums.notable(1, 0.25, 0.8).size == 0
