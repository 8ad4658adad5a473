"""The recursion is the definition, to 10 digits, and the comparison would notice if not."""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import product
from math import exp, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.evidence.prior import (
    HONEST_LEVELS,
    ODDS_RATIOS,
    RATIO_WEIGHTS,
    Prior,
    honest_factors,
)
from tests.detectors.evidence.definition import Outcome, evidence, terms
from tests.detectors.evidence.histories import (
    ROWS,
    feed,
    histories,
    of_row,
    random_history,
    table_for,
)

TEN_DIGITS = 1e-10


def is_definition(found: list[float], history: list[Outcome], sd: float) -> bool:
    """Compare after each outcome of a history of one row."""
    return all(
        isclose(value, evidence(history[: position + 1], sd), rel_tol=TEN_DIGITS)
        for position, value in enumerate(found)
    )


@settings(max_examples=40, deadline=None)
@given(histories(), st.sampled_from([0.05, 0.25, 0.5, 1.0]))
def test_evidence_is_the_definition(history: list[Outcome], sd: float) -> None:
    found = feed(table_for(sd), history)
    for row in range(ROWS):
        positions = [position for position, outcome in enumerate(history) if outcome.row == row]
        assert is_definition(
            [float(found[position]) for position in positions], of_row(history, row), sd
        )


@pytest.mark.parametrize("lift", [0.5, 1.0, 5.0])
@pytest.mark.parametrize("sd", [0.25, 0.6])
def test_evidence_of_a_long_history_is_the_definition(sd: float, lift: float) -> None:
    history = random_history(7, 240, lift=lift)
    table = table_for(sd)
    feed(table, history)
    for row in range(ROWS):
        expected = evidence(of_row(history, row), sd)
        assert float(table.evidence()[row]) == pytest.approx(expected, rel=TEN_DIGITS)


@pytest.mark.parametrize("seed", range(5))
def test_after_a_restart_only_later_starts_count(seed: int) -> None:
    before = random_history(seed, 30, rows=1, lift=2.0)
    after = [
        outcome._replace(day=outcome.day + before[-1].day)
        for outcome in random_history(seed + 100, 30, rows=1, lift=3.0)
    ]
    table = table_for(rows=1)
    feed(table, before)
    table.restart(0)
    feed(table, after)
    expected = evidence(before + after, 0.25, since=len(before))
    assert float(table.evidence()[0]) == pytest.approx(expected, rel=TEN_DIGITS)


@settings(max_examples=40, deadline=None)
@given(histories())
def test_likely_start_is_that_of_the_largest_term(history: list[Outcome]) -> None:
    table = table_for()
    feed(table, history)
    for row in range(ROWS):
        own = of_row(history, row)
        start = table.explanation(row).start
        if not own:
            assert start is None
            continue
        assert start is not None
        every = terms(own, 0.25)
        largest = max(term.value for term in every)
        position = len(own) - start.since.outcomes
        reported = max(term.value for term in every if term.start == position)
        assert float(reported / largest) == pytest.approx(1.0, rel=TEN_DIGITS)
        assert own[position].day == start.day
        assert start.since.observed == sum(outcome.bad for outcome in own[position:])
        expected = sum(outcome.probability for outcome in own[position:])
        assert start.since.expected == pytest.approx(expected)
        shares = {
            ratio: float(sum(term.value for term in every if term.ratio == ratio))
            for ratio in ODDS_RATIOS
        }
        assert shares[start.odds_ratio] == pytest.approx(max(shares.values()), rel=TEN_DIGITS)


class Mistake(Enum):
    NONE = auto()
    STARTS_ON_EVERY_OUTCOME = auto()
    NEVER_STARTS_AGAIN = auto()
    FORGETS_THE_PREDICTIVE = auto()
    STARTS_AFTER_THE_OUTCOME = auto()
    STARTS_FROM_THE_PRIOR = auto()
    STARTS_FROM_THE_NEXT_POSTERIOR = auto()
    NEVER_LEARNS = auto()
    ADDS_ODDS_AS_PROBABILITIES = auto()


def plain_recursion(history: list[Outcome], sd: float, mistake: Mistake) -> list[float]:
    """Compute `docs/statistics.md`, section 4, line by line, with one mistake."""
    points = HONEST_LEVELS
    prior = Prior(sd).weights().tolist()
    levels = range(len(points))
    weights = dict(zip(ODDS_RATIOS, RATIO_WEIGHTS, strict=True))
    a = list(prior)
    b = {(g, ratio): 0.0 for g in levels for ratio in ODDS_RATIOS}
    last_day = None
    found = []
    for outcome in history:
        odds = outcome.probability / (1 - outcome.probability)

        def chance(factor: float, odds: float = odds, outcome: Outcome = outcome) -> float:
            x = odds * factor
            q = x if mistake is Mistake.ADDS_ODDS_AS_PROBABILITIES else x / (1 + x)
            return q if outcome.bad else 1 - q

        f = [chance(exp(point)) for point in points]
        predictive = sum(a[g] * f[g] for g in levels)
        following = [a[g] * f[g] / predictive for g in levels]
        source = {
            Mistake.STARTS_FROM_THE_PRIOR: prior,
            Mistake.STARTS_FROM_THE_NEXT_POSTERIOR: following,
        }.get(mistake, a)
        starts = {
            Mistake.STARTS_ON_EVERY_OUTCOME: True,
            Mistake.NEVER_STARTS_AGAIN: last_day is None,
        }.get(mistake, outcome.day != last_day)
        divisor = 1.0 if mistake is Mistake.FORGETS_THE_PREDICTIVE else predictive
        for (g, ratio), before in b.items():
            injected = source[g] * weights[ratio] if starts else 0.0
            weight = chance(exp(points[g]) * ratio) / divisor
            if mistake is Mistake.STARTS_AFTER_THE_OUTCOME:
                b[g, ratio] = weight * before + injected
            else:
                b[g, ratio] = weight * (before + injected)
        if mistake is not Mistake.NEVER_LEARNS:
            a = following
        last_day = outcome.day
        found.append(sum(b.values()))
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mistake", Mistake)
def test_the_comparison_notices_every_mistake(mistake: Mistake, seed: int) -> None:
    history = random_history(seed, 40, rows=1, lift=1.5)
    found = plain_recursion(history, 0.25, mistake)
    assert is_definition(found, history, 0.25) is (mistake is Mistake.NONE)


def test_honest_evidence_minus_agent_days_is_a_martingale() -> None:
    """Not simulated: every possible history of 10 outcomes, weighed by its honest probability."""
    days = (0, 0, 1, 3, 3, 3, 4, 5, 5, 6)
    probabilities = (0.03, 0.3, 0.08, 0.5, 0.01, 0.06, 0.2, 0.02, 0.7, 0.1)
    worlds = list(product((False, True), repeat=len(days)))
    table = table_for(rows=len(worlds))
    chances = np.array([prior_predictive(probabilities, world) for world in worlds])
    assert chances.sum() == pytest.approx(1.0, abs=1e-14)
    for position, (day, probability) in enumerate(zip(days, probabilities, strict=True)):
        feed(
            table,
            [Outcome(row, day, probability, world[position]) for row, world in enumerate(worlds)],
        )
        starts = len(set(days[: position + 1]))
        assert chances @ table.evidence() == pytest.approx(starts, rel=1e-12)


def prior_predictive(probabilities: Sequence[float], world: Sequence[bool]) -> float:
    """Return the probability of a whole history if the agent is honest."""
    prior = Prior(0.25)
    odds = np.outer(honest_factors(), [p / (1 - p) for p in probabilities])
    chances = np.where(world, odds, 1.0) / (1.0 + odds)
    return float(prior.weights() @ chances.prod(axis=1))
