from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.totals import residuals
from detectors.agents.totals.residuals import Trials
from detectors.basis.identifiers import PatternName
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.messages.outcomes import Dispersion, Spread
from detectors.peers.merging import merged_dispersion
from detectors.peers.spread import (
    DayMoments,
    agent_dispersion,
    first_spread,
    next_spread,
)
from detectors.settings import EvidenceSettings

AUTO = EvidenceSettings()
REVIEWS = 8


class Agents:
    """Agents who sold for some months; the logit of their rate is spread by ``sd``."""

    def __init__(self, seed: int, number: int, sd: float, bad: float = 0.0) -> None:
        generator = np.random.default_rng(seed)
        rate = generator.uniform(0.03, 0.12, number)
        sales = (generator.gamma(2.0, 30.0, number) / rate).astype(np.int64) + 1
        odds = rate / (1 - rate) * np.exp(generator.normal(0.0, sd, number))
        dishonest = int(bad * number)
        odds[:dishonest] *= generator.choice([4.0, 6.0, 10.0], dishonest)
        self.observed = generator.binomial(sales, odds / (1 + odds)).astype(np.int64)
        self.expected = sales * rate
        self.variance = self.expected * (1 - rate)

    def dispersion(self, sd: float, chosen: slice = slice(None)) -> Dispersion:
        return agent_dispersion(
            self.observed[chosen], self.expected[chosen], self.variance[chosen], sd
        )

    def estimate(self) -> float:
        spread, moments = first_spread(AUTO), DayMoments()
        for _ in range(REVIEWS):
            reported = self.dispersion(spread.between_agent_sd)
            spread, moments = next_spread(AUTO, spread, reported, moments)
        return spread.between_agent_sd


@pytest.mark.parametrize("agents", [200, 2_000])
@pytest.mark.parametrize("sd", [0.25, 0.5, 1.0])
def test_the_spread_of_honest_agents_is_found(agents: int, sd: float) -> None:
    found = [Agents(seed, agents, sd).estimate() for seed in range(8)]
    assert np.mean(found) == pytest.approx(sd, rel=0.15)


@pytest.mark.parametrize("agents", [200, 2_000])
def test_a_few_bad_agents_do_not_widen_the_spread(agents: int) -> None:
    assert all(Agents(seed, agents, 0.25, 0.05).estimate() <= 0.35 for seed in range(8))


def test_few_agents_are_taken_for_ordinary_ones() -> None:
    assert Agents(1, 3, 1.0).estimate() <= 0.45
    assert Agents(1, 0, 1.0).estimate() == 0.25


def test_an_estimate_that_hardly_differs_replaces_nothing() -> None:
    agents = Agents(1, 2_000, 0.48)
    for sd in (0.45, 0.5):
        spread, _ = next_spread(AUTO, Spread(sd, 1.0), agents.dispersion(sd), DayMoments())
        assert spread.between_agent_sd == sd


@given(st.lists(st.integers(1, 99), max_size=4, unique=True))
def test_the_sums_do_not_depend_on_how_agents_are_dealt_out(cuts: list[int]) -> None:
    agents = Agents(3, 100, 0.5)
    bounds = [0, *sorted(cuts), 100]
    parts = [
        {PatternName("pattern"): agents.dispersion(0.4, slice(begin, end))}
        for begin, end in pairwise(bounds)
    ]
    assert merged_dispersion(parts) == {"pattern": agents.dispersion(0.4)}


def day_dispersion(
    rows: Integers, bad: Booleans, expected: Reals, observed_ever: Integers, expected_ever: Reals
) -> tuple[int, int]:
    """Return the sums of a day, each outcome a group of its own, all of honest agents."""
    trials = Trials(rows, np.ones_like(rows), bad.astype(np.int64), expected)
    honest = np.ones(expected_ever.size, np.bool_)
    return residuals.day_dispersion(trials, observed_ever, expected_ever, honest)


def days(
    seed: int, agents: int, number: int, *, sd: float = 0.25, bad: float = 0.0, shock: float = 0.0
) -> Iterator[tuple[int, int]]:
    """Yield the sums of days of three sales an agent, in batches of five if they share a shock."""
    generator = np.random.default_rng(seed)
    honest = generator.normal(0.0, sd, agents)
    honest[: int(bad * agents)] += np.log(10.0)
    scenario = 0.05 / 0.95 * np.exp(generator.normal(0.0, shock, 200_000))
    mean = float((scenario / (1 + scenario)).mean())
    observed, expected = np.zeros(agents, np.int64), np.zeros(agents)
    for _ in range(number):
        if shock:
            batches = np.repeat(np.arange(agents), generator.poisson(3 / 5, agents))
            rows = np.repeat(batches, 5)
            shocks = np.repeat(generator.normal(0.0, shock, batches.size), 5)
        else:
            rows, shocks = generator.integers(0, agents, 3 * agents), np.zeros(3 * agents)
        odds = 0.05 / 0.95 * np.exp(honest[rows] + shocks)
        bads = generator.random(rows.size) < odds / (1 + odds)
        observed += np.bincount(rows[bads], minlength=agents)
        expected += mean * np.bincount(rows, minlength=agents)
        yield day_dispersion(rows, bads, np.full(rows.size, mean), observed, expected)


def tempering(reported: Iterator[tuple[int, int]]) -> tuple[float, float]:
    """Return the tempering and the over-dispersion after days reviewed one by one."""
    spread, moments = first_spread(AUTO), DayMoments()
    for squares, variance in reported:
        reported_once = Dispersion(day_squares=squares, day_variance=variance)
        spread, moments = next_spread(AUTO, spread, reported_once, moments)
    return spread.tempering, moments.squares / moments.variance


@pytest.mark.parametrize(("sd", "bad"), [(0.25, 0.0), (0.5, 0.0), (0.25, 0.01), (0.5, 0.01)])
def test_independent_outcomes_are_not_tempered_whatever_the_agents(sd: float, bad: float) -> None:
    found, dispersion = tempering(days(4, 1_000, 20, sd=sd, bad=bad))
    assert found >= (0.9375 if bad else 1.0)
    assert dispersion == pytest.approx(1.0, abs=0.03)


def test_batches_with_a_shared_shock_are_tempered() -> None:
    found, dispersion = tempering(days(4, 1_000, 20, shock=1.0))
    assert dispersion == pytest.approx(1.28, abs=0.08)
    assert 0.625 <= found <= 0.75


def test_without_data_a_cautious_default_is_in_force() -> None:
    assert first_spread(AUTO) == Spread(0.25, 0.875)
    spread, _ = next_spread(AUTO, first_spread(AUTO), Dispersion(), DayMoments())
    assert spread == first_spread(AUTO)


def test_one_outcome_of_an_agent_shows_nothing() -> None:
    rows, ever = np.arange(3), np.full(3, 2.0)
    for sold in (rows, rows[:0]):
        assert day_dispersion(sold, sold > 1, np.full(sold.size, 0.1), rows, ever) == (0, 0)


def test_two_bad_outcomes_of_a_day_count_as_their_product() -> None:
    rows, bad = np.array([1, 0, 1]), np.array([True, True, True])
    squares, variance = day_dispersion(
        rows, bad, np.array([0.1, 0.9, 0.2]), np.array([9, 2]), np.array([9.0, 2.0])
    )
    chance = 0.1 * 0.9 + 0.2 * 0.8
    assert variance == pytest.approx(1e6 * chance, abs=1)
    own = 2 * 0.9 * 0.8 + chance * (1 + 0.3 / 4.0)
    assert squares == pytest.approx(1e6 * own, abs=1)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans()), max_size=12))
def test_groups_show_what_their_outcomes_show_one_by_one(
    outcomes: list[tuple[int, int, bool]],
) -> None:
    chances, observed, expected = np.array([0.1, 0.4]), np.array([3, 0, 9]), np.array([2.0, 1.0, 5])
    rows = np.array([row for row, _, _ in outcomes], np.int64)
    kinds = np.array([kind for _, kind, _ in outcomes], np.int64)
    bad = np.array([bad for _, _, bad in outcomes], np.bool_)
    group = 2 * rows + kinds
    number = np.bincount(group, minlength=6)
    bad_ones = np.bincount(group[bad], minlength=6)
    groups = Trials(np.repeat(np.arange(3), 2), number, bad_ones, np.tile(chances, 3))
    found = residuals.day_dispersion(groups, observed, expected, np.array([True, True, False]))
    honest = rows < 2
    alone = day_dispersion(rows[honest], bad[honest], chances[kinds[honest]], observed, expected)
    assert found == pytest.approx(alone, abs=2)


def test_numbers_in_the_settings_hold() -> None:
    settings = EvidenceSettings(between_agent_sd=0.7, tempering=0.8)
    assert first_spread(settings) == Spread(0.7, 0.8125)
    reported = Agents(1, 500, 0.25).dispersion(0.7)
    again, _ = next_spread(settings, first_spread(settings), reported, DayMoments(900.0, 300.0))
    assert again == Spread(0.7, 0.8125)


def test_tempering_has_a_floor() -> None:
    found, _ = next_spread(AUTO, Spread(0.25, 1.0), Dispersion(), DayMoments(9e9, 1.0))
    assert found.tempering == 0.5
