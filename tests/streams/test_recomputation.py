"""The plain recomputation against the definition: sums over every start, without a recursion."""

import pytest
from hypothesis import given, settings

from streams.recomputation import Corrected, Course, Judged, Rules
from tests.detectors.evidence.definition import Outcome, evidence
from tests.detectors.evidence.histories import histories, random_history

SD = 0.25
NEVER = Rules(SD, threshold=float("inf"), resolve_after_days=14, period=10**9)


def judged(history: list[Outcome]) -> list[Judged]:
    return [Judged(o.day, str(place), o.probability, o.bad) for place, o in enumerate(history)]


@given(histories())
@settings(max_examples=40, deadline=None)
def test_it_agrees_with_the_definition(several: list[Outcome]) -> None:
    history = [outcome for outcome in several if outcome.row == 0]
    if history:
        course = Course(judged(history), [], NEVER, history[-1].day)
        assert course.days[-1].evidence == pytest.approx(evidence(history, SD), rel=1e-10)


def test_a_correction_gives_what_the_corrected_history_gives() -> None:
    history = random_history(seed=1, size=60, rows=1, lift=3.0)
    place, late = 20, history[40].day
    change = Corrected(late, history[place].day, str(place), bad=not history[place].bad)
    course = Course(judged(history), [change], NEVER, history[-1].day)
    truth = [*history]
    truth[place] = truth[place]._replace(bad=not truth[place].bad)
    assert course.days[-1].evidence == pytest.approx(evidence(truth, SD), rel=1e-10)
    before = next(day for day in reversed(course.days) if day.day == late - 1)
    known = [outcome for outcome in history if outcome.day < late]
    assert before.evidence == pytest.approx(evidence(known, SD), rel=1e-10)


def test_an_outcome_can_be_taken_back() -> None:
    history = random_history(seed=2, size=30, rows=1)
    change = Corrected(history[-1].day, history[3].day, "3", bad=None)
    course = Course(judged(history), [change], NEVER, history[-1].day)
    rest = history[:3] + history[4:]
    assert course.days[-1].evidence == pytest.approx(evidence(rest, SD), rel=1e-10)
    assert len(course.outcomes()) == 29


def test_evidence_begins_anew_after_a_period_and_keeps_the_belief() -> None:
    history = [Outcome(0, day, 0.1, bad=day % 4 == 0) for day in range(12)]
    rules = NEVER._replace(period=5)
    course = Course(judged(history), [], rules, 7)
    since = evidence(history[:8], SD, since=5)
    assert course.days[-1].evidence == pytest.approx(since, rel=1e-10)


def test_a_case_is_resolved_when_the_evidence_has_stayed_down() -> None:
    bad = [Judged(day, f"b{day}", 0.05, bad=True) for day in range(4)]
    good = [Judged(day, f"g{day}", 0.5, bad=False) for day in range(4, 14)]
    rules = Rules(SD, threshold=1_000.0, resolve_after_days=3, period=365)
    course = Course(bad + good, [], rules, 40)
    strong = [day.day for day in course.days if day.evidence >= 1_000]
    (resolved,) = [day.day for day in course.days if day.resolved]
    assert resolved == strong[-1] + 1 + 3
    assert course.days[-1].evidence < 20


def test_the_good_outcomes_it_takes_are_just_enough() -> None:
    bad = [Judged(day, f"b{day}", 0.05, bad=True) for day in range(8)]
    rules = Rules(SD, threshold=1_000.0, resolve_after_days=3, period=365)
    count = Course(bad, [], rules, 7).good_outcomes_to_fall(0.05, per_day=2, most=1_000)
    assert count is not None
    good = [Judged(8 + n // 2, f"g{n}", 0.05, bad=False) for n in range(count)]
    enough = Course(bad + good, [], rules, good[-1].day)
    too_few = Course(bad + good[:-1], [], rules, good[-2].day)
    assert enough.days[-1].evidence < 1_000 <= too_few.days[-1].evidence
    assert Course(bad, [], rules, 7).good_outcomes_to_fall(0.05, per_day=2, most=3) is None
