"""What counts for a commendation, one outcome at a time, is what the engine keeps in sums."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.mature.best_levels import Tempered, standing
from detectors.agents.mature.good_sums import GoodSums
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.evidence.recursion import WHOLE
from streams.explain.commendations.grounds import Counted, counted, level
from tests.detectors.refutation import refuted

FIRST: Final = 364 * 3
"""A year of sums ends soon after."""

Count = Callable[[Sequence[Judgement], Day], Counted | None]


def judgement(number: int, day: int, *, bad: bool, exponent: int, **more: object) -> Judgement:
    values: dict[str, object] = {
        "pattern": PatternName("quick_cancellation"),
        "agent_id": AgentId("anna"),
        "day": Day(day),
        "sale_id": SaleId(f"s {number}"),
        "cell": Cell("card"),
        "expected": 0.05 + number % 7 / 50,
        "bad": bad,
        "evidence": 0.0,
        "between_agent_sd": 0.25,
        "tempering": exponent / WHOLE,
    }
    return Judgement(**{**values, **more})  # type: ignore[arg-type] # as above


@st.composite
def logs(draw: st.DrawFn) -> list[Judgement]:
    """Draw outcomes over three years, and later verdicts on some of them."""
    told: list[Judgement] = []
    days = sorted(draw(st.lists(st.integers(FIRST, FIRST + 1_000), min_size=1, max_size=12)))
    for number, day in enumerate(days):
        is_later = draw(st.booleans())
        if told and is_later:
            first = draw(st.sampled_from([one for one in told if one.corrects is None]))
            verdicts = [one for one in told if first.sale_id == one.sale_id]
            if first.day // 365 < day // 365 - 1 or not verdicts[-1].trials:
                continue  # what lies so far back, or was taken back, is not corrected any more
            trials = draw(st.sampled_from([0, 1, 1]))
            told.append(
                judgement(
                    number,
                    day,
                    bad=not verdicts[-1].bad,
                    exponent=0,
                    sale_id=first.sale_id,
                    corrects=first.day,
                    trials=trials,
                )
            )
        else:
            exponent = draw(st.sampled_from([0, WHOLE // 2, WHOLE]))
            told.append(judgement(number, day, bad=draw(st.booleans()), exponent=exponent))
    return told


def summed(told: Sequence[Judgement], day: Day) -> GoodSums:
    """Return what the engine keeps of them at the end of a day."""
    sums, row = GoodSums(), np.zeros(1, np.int64)
    known: dict[str, tuple[Judgement, bool | None]] = {}
    for one in told:
        if one.corrects is None:
            exponent = np.array([round(one.tempering * WHOLE)], np.int64)
            sums.add(one.day, row, np.array([one.expected]), exponent, np.array([one.bad]))
            known[one.sale_id] = one, one.bad
            continue
        sums.begin(one.day)
        first, was = known[one.sale_id]
        bad = one.bad if one.trials else None
        exponent_of_it = round(first.tempering * WHOLE)
        sums.correct(0, first.day, first.expected, exponent_of_it, was=was is True, bad=bad)
        known[one.sale_id] = first, bad
    sums.begin(day)
    return sums


def same_law(count: Count, data: st.DataObject) -> None:
    told = data.draw(logs())
    day = told[-1].day
    found, kept = count(told, day), summed(told, day).of(0)
    if found is None or kept is None:
        assert (found, kept) == (None, None)
        return
    assert (found.matured, found.observed) == (kept.outcomes, kept.bad)
    assert (found.first_day, found.last_day) == (kept.first_day, kept.last_day)
    assert found.expected == pytest.approx(kept.expected)
    assert found.tempered == pytest.approx([float(column[0]) for column in kept.tempered])


@given(st.data())
def test_what_counts_is_what_the_engine_keeps(data: st.DataObject) -> None:
    same_law(counted, data)


def believes_the_first_verdict(told: Sequence[Judgement], day: Day) -> Counted | None:
    return counted([one for one in told if one.corrects is None], day)


def forgets_nothing(told: Sequence[Judgement], day: Day) -> Counted | None:
    return counted([one for one in told if one.day <= day], Day(told[0].day))


def counts_what_says_nothing(told: Sequence[Judgement], day: Day) -> Counted | None:
    loud = [structs.replace(one, tempering=one.tempering or 1.0) for one in told]
    return counted(loud, day)


@pytest.mark.parametrize(
    "broken", [believes_the_first_verdict, forgets_nothing, counts_what_says_nothing]
)
def test_the_law_catches_whoever_breaks_it(broken: Count) -> None:
    assert refuted(same_law, broken)


@given(
    st.integers(0, 60),
    st.floats(0.1, 200.0),
    st.floats(0.05, 1.0),
    st.sampled_from([0.02, 0.2, 0.4]),
)
def test_the_level_is_that_of_the_engine(
    bad: int, expected: float, sd: float, share: float
) -> None:
    squares = expected * 0.1
    columns = [np.array([value]) for value in (float(bad), expected, squares)]
    engine = standing(Tempered(*columns), sd, share)
    counts = Counted(1_000, bad, expected, (float(bad), expected, squares), Day(1), Day(2))
    found = level(counts, sd, share)
    assert found.probability == pytest.approx(engine.probability, rel=1e-9, abs=1e-12)
    assert found.e_value == pytest.approx(engine.e_value, rel=1e-9, abs=1e-12)
    ratio = engine.odds_ratio
    assert found.odds_ratios == pytest.approx([ratio.lower, ratio.estimate, ratio.upper], rel=1e-9)
