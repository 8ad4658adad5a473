"""The plain recomputation against the product, which is held to its definition elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import Day
from detectors.basis.identifiers import SaleId
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from streams.explain.course import Corrected, Course, Rules
from streams.explain.evidence import Judged
from tests.detectors.evidence.definition import Outcome
from tests.detectors.evidence.histories import histories, random_history

SD = 0.25
NEVER = Rules(SD, float("inf"), 0.0, resolve_after_days=14, silent_after_days=90, period=10**9)
SOON = Rules(SD, 1_000.0, 100.0, resolve_after_days=3, silent_after_days=90, period=365)


def table_of(history: list[Outcome], since: int = 0) -> tuple[EvidenceTable, list[float]]:
    """Return the product's table, begun anew before the day `since`, and all levels on the way."""
    table = EvidenceTable(Prior(SD))
    table.add()
    levels: list[float] = []
    for outcome in history:
        if since and outcome.day >= since:
            table.restart(0)
            since = 0
        levels += table.observe(
            np.zeros(1, np.int64),
            np.array([outcome.day]),
            np.array([outcome.probability]),
            np.array([outcome.bad]),
        ).tolist()
    return table, levels


def largest_of_last_day(history: list[Outcome], since: int = 0) -> float:
    """Return the largest evidence of the day of the last outcome."""
    _, levels = table_of(history, since)
    last = history[-1].day
    return max(level for level, o in zip(levels, history, strict=True) if o.day == last)


def judged(history: list[Outcome]) -> list[Judged]:
    return [
        Judged(Day(o.day), SaleId(str(place)), o.probability, o.bad)
        for place, o in enumerate(history)
    ]


@given(histories())
@settings(max_examples=40, deadline=None)
def test_it_agrees_with_the_product(several: list[Outcome]) -> None:
    history = [outcome for outcome in several if outcome.row == 0]
    if history:
        course = Course(judged(history), [], NEVER, Day(history[-1].day), ())
        assert course.days[-1].evidence == pytest.approx(largest_of_last_day(history), rel=1e-10)


def test_a_correction_gives_what_the_corrected_history_gives() -> None:
    history = random_history(seed=1, size=60, rows=1, lift=3.0)
    place, late = 20, history[40].day
    change = Corrected(
        Day(late), Day(history[place].day), SaleId(str(place)), bad=not history[place].bad
    )
    course = Course(judged(history), [change], NEVER, Day(history[-1].day), ())
    truth = [*history]
    truth[place] = truth[place]._replace(bad=not truth[place].bad)
    assert course.days[-1].evidence == pytest.approx(largest_of_last_day(truth), rel=1e-10)
    before = next(day for day in reversed(course.days) if day.day == late - 1)
    known = [outcome for outcome in history if outcome.day < late]
    assert before.evidence == pytest.approx(largest_of_last_day(known), rel=1e-10)


def test_an_outcome_can_be_taken_back() -> None:
    history = random_history(seed=2, size=30, rows=1)
    change = Corrected(Day(history[-1].day), Day(history[3].day), SaleId("3"), bad=None)
    course = Course(judged(history), [change], NEVER, Day(history[-1].day), ())
    rest = history[:3] + history[4:]
    assert course.days[-1].evidence == pytest.approx(largest_of_last_day(rest), rel=1e-10)
    assert len(course.outcomes()) == 29


def test_evidence_begins_anew_after_a_period_and_keeps_the_belief() -> None:
    history = [Outcome(0, day, 0.1, bad=day % 4 == 0) for day in range(12)]
    rules = NEVER._replace(period=5)
    course = Course(judged(history), [], rules, Day(7), ())
    since = largest_of_last_day(history[:8], since=5)
    assert course.days[-1].evidence == pytest.approx(since, rel=1e-10)


def test_a_case_is_resolved_when_the_evidence_has_stayed_down() -> None:
    bad = [Judged(Day(day), SaleId(f"b{day}"), 0.05, bad=True) for day in range(4)]
    good = [Judged(Day(day), SaleId(f"g{day}"), 0.5, bad=False) for day in range(4, 14)]
    course = Course(bad + good, [], SOON, Day(40), {Day(0), Day(1), Day(2), Day(3)})
    strong = [day.day for day in course.days if day.evidence >= 1_000]
    not_low = [day.day for day in course.days if day.evidence >= 100]
    (resolved,) = [day.day for day in course.days if day.ending]
    assert resolved == not_low[-1] + 1 + 3
    assert not_low[-1] > strong[-1]
    assert course.days[-1].evidence < 20


def test_the_good_outcomes_it_takes_are_just_enough() -> None:
    bad = [Judged(Day(day), SaleId(f"b{day}"), 0.05, bad=True) for day in range(8)]
    count = Course(bad, [], SOON, Day(7), {Day(7)}).good_outcomes_to_fall(
        0.05, per_day=2, most=1_000
    )
    assert count is not None
    good = [Judged(Day(8 + n // 2), SaleId(f"g{n}"), 0.05, bad=False) for n in range(count)]
    enough = Course(bad + good, [], SOON, good[-1].day, ())
    too_few = Course(bad + good[:-1], [], SOON, good[-2].day, ())
    assert enough.standing() < 100 <= too_few.standing()
    assert (
        Course(bad, [], SOON, Day(7), {Day(7)}).good_outcomes_to_fall(0.05, per_day=2, most=3)
        is None
    )


SPREADS = st.sampled_from([(0.25, 1.0), (0.4, 0.875), (1.0, 0.5), (0.3, 0.9375)])


@given(histories(largest=40), st.lists(SPREADS, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_it_follows_the_product_through_every_change_of_the_spread(
    several: list[Outcome], spreads: list[tuple[float, float]]
) -> None:
    table = EvidenceTable(Prior(SD))
    table.add()
    told = []
    for place, outcome in enumerate(several):
        spread, tempering = spreads[outcome.day % len(spreads)]
        table.reweight(spread)
        table.observe(
            np.zeros(1, np.int64),
            np.array([outcome.day]),
            np.array([outcome.probability]),
            np.array([outcome.bad]),
            exponents=round(16 * tempering),
        )
        told.append(
            Judged(
                Day(outcome.day),
                SaleId(str(place)),
                outcome.probability,
                outcome.bad,
                spread,
                tempering,
            )
        )
    if told:
        course = Course(told, [], NEVER, told[-1].day, ())
        evidence_then = min(float(table.evidence()[0]), 1e9)
        assert course.standing() == pytest.approx(evidence_then, rel=1e-9)


def test_it_follows_the_early_tier_cell_by_cell() -> None:
    random = np.random.default_rng(3)
    table = EarlyEvidenceTable(Prior(SD))
    table.add()
    told = []
    for day in range(60):
        spread, tempering = (0.25, 1.0) if day < 30 else (0.4, 0.875)
        at_risk = random.integers(1, 12, 3)
        chances = random.uniform(0.001, 0.05, 3)
        ended = random.binomial(at_risk, np.minimum(1.0, 4.0 * chances))
        table.reweight(spread)
        table.observe(
            np.zeros(1, np.int64),
            np.array([day]),
            np.array([at_risk @ chances]),
            np.array([ended.sum()]),
            exponents=round(16 * tempering),
        )
        told += [
            Judged(
                Day(day),
                SaleId(""),
                float(chance),
                bool(count),
                spread,
                tempering,
                int(sales),
                int(count),
            )
            for sales, chance, count in zip(at_risk, chances, ended, strict=True)
        ]
    course = Course(told, [], NEVER._replace(early=True), Day(59), ())
    assert table.evidence()[0] > 100.0
    assert course.days[-1].evidence == pytest.approx(float(table.evidence()[0]), rel=1e-9)
    today = told[-3:]
    assert course.days[-1].matured == sum(judged.trials for judged in today)
    assert course.days[-1].bad == sum(judged.bad_ones for judged in today)
    assert course.days[-1].expected == pytest.approx(sum(j.trials * j.expected for j in today))


def test_what_an_outcome_does_not_say_is_as_it_was_before() -> None:
    history = judged(random_history(seed=4, size=30, rows=1))
    told = [history[0]._replace(between_agent_sd=0.5, tempering=0.75), *history[1:]]
    every = [outcome._replace(between_agent_sd=0.5, tempering=0.75) for outcome in history]
    evidences = [
        Course(outcomes, [], NEVER, history[-1].day, ()).days[-1].evidence
        for outcomes in (told, every, history)
    ]
    assert evidences[0] == evidences[1] != evidences[2]


def test_an_outcome_that_was_not_applied_is_passed_over() -> None:
    history = judged(random_history(seed=5, size=30, rows=1))
    told = [
        outcome._replace(tempering=0.0 if place % 3 == 0 else 0.5)
        for place, outcome in enumerate(history)
    ]
    applied = [outcome for outcome in told if outcome.tempering]
    last_day = max(outcome.day for outcome in history)
    found, without = (Course(outcomes, [], NEVER, last_day, ()) for outcomes in (told, applied))
    assert found.days[-1].evidence == without.days[-1].evidence > 0.0


def test_the_evidence_of_a_day_is_the_largest_of_it() -> None:
    history = [Outcome(0, 0, 0.1, bad=True), Outcome(0, 1, 0.1, bad=True)]
    history += [Outcome(0, 1, 0.3, bad=False)] * 5
    course = Course(judged(history), [], NEVER, Day(3), ())
    table, levels = table_of(history)
    assert course.days[1].evidence == pytest.approx(max(levels[1:]), rel=1e-10)
    standing = float(table.evidence()[0])
    assert standing < max(levels[1:])
    assert course.standing() == pytest.approx(standing, rel=1e-10)
    assert [day.evidence for day in course.days[2:]] == [course.standing()] * 2


def test_what_is_not_applied_is_in_no_count() -> None:
    told = [
        Judged(Day(0), SaleId(str(n)), 0.1, bad=n % 2 == 0, tempering=float(n < 3))
        for n in range(8)
    ]
    course = Course(told, [], NEVER, Day(0), ())
    (day,) = course.days
    assert (day.matured, day.bad) == (3, 2)
    assert day.expected == pytest.approx(0.3)
    assert course.outcomes() == told[:3]


def test_a_case_opens_only_on_the_days_it_was_told_of() -> None:
    bad = [Judged(Day(day), SaleId(f"b{day}"), 0.05, bad=True) for day in range(8)]
    good = [Judged(Day(day), SaleId(f"g{day}"), 0.5, bad=False) for day in range(8, 18)]
    found = {
        opened: [day.day for day in Course(bad + good, [], SOON, Day(40), days).days if day.ending]
        for opened, days in (("nobody", ()), ("one", {Day(7)}))
    }
    assert not found["nobody"]
    assert len(found["one"]) == 1


def test_a_case_that_opens_on_weak_evidence_is_unfounded() -> None:
    bad = [Judged(Day(day), SaleId(f"b{day}"), 0.05, bad=True) for day in range(8)]
    days = Course(bad, [], SOON, Day(7), {Day(0), Day(7)}).days
    assert [day.day for day in days if day.unfounded] == [0]


def test_evidence_without_a_case_begins_anew_however_strong_it_is() -> None:
    bad = [Judged(Day(day), SaleId(f"b{day}"), 0.05, bad=True) for day in range(12)]
    rules = SOON._replace(period=10)
    course = Course(bad, [], rules, Day(10), ())
    assert course.days[9].evidence > 1_000.0 > course.days[10].evidence
