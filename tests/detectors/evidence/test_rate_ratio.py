"""The effect of an alert: what its counts say of an agent who may be honest or not."""

from collections.abc import Callable
from itertools import pairwise
from math import inf
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import gamma, poisson  # type: ignore[import-untyped]  # scipy has no types

from detectors.evidence.prior import ODDS_RATIOS, RATIO_WEIGHTS
from detectors.evidence.rate_ratio import (
    CHOSEN,
    DISHONEST_ODDS,
    RateRatio,
    least_notable_ratio,
    ratio_of_honest,
    shrunk_rate_ratio,
)

Effect = Callable[[int, float, float], RateRatio]

COUNTS: Final = st.integers(0, 5_000)
EXPECTED: Final = st.floats(0.0, 5_000.0)
SPREADS: Final = st.floats(0.25, 1.0)
ROUNDING: Final = 1e-6
"""Relative: parts of the posterior that weigh nothing are left out."""


def summed_up(observed: int, expected: float, sd: float) -> RateRatio:
    """Return the same from the definition: prior times likelihood on a fine grid of ratios."""
    ratios = np.exp(np.linspace(np.log(1e-3), np.log(1e3), 60_001))
    strength = sd**-2
    prior = gamma.pdf(ratios, strength, scale=1 / strength)
    for ratio, weight in zip(ODDS_RATIOS, RATIO_WEIGHTS, strict=True):
        prior += DISHONEST_ODDS * weight * gamma.pdf(ratios, strength, scale=ratio / strength)
    mass = prior * poisson.pmf(max(observed - CHOSEN, 0), expected * ratios) * ratios
    below = np.cumsum(mass) / mass.sum()
    lower, estimate, upper = np.interp((0.05, 0.5, 0.95), below, ratios).tolist()
    return RateRatio(estimate, lower, upper)


def honest_only(observed: int, expected: float, sd: float) -> RateRatio:
    """Return what stood in alerts once: everybody is taken for honest."""
    posterior = gamma(observed + sd**-2, scale=1 / (expected + sd**-2))
    return RateRatio(posterior.mean(), posterior.ppf(0.05), posterior.ppf(0.95))


def as_counted(observed: int, expected: float, sd: float) -> RateRatio:
    """Believe the counts, as if nobody had chosen the stretch and chance had no part."""
    del sd
    times = observed / expected if expected else 1.0
    return RateRatio(times, times, times)


def backwards(observed: int, expected: float, sd: float) -> RateRatio:
    """Draw back the more, the more was observed."""
    found = shrunk_rate_ratio(observed, expected, sd)
    return RateRatio(1 / (1 + found.estimate), 1 / (1 + found.upper), 1 / (1 + found.lower))


def mean_for_estimate(observed: int, expected: float, sd: float) -> RateRatio:
    """Give the mean of the limits for the estimate, which the counts do not bound."""
    found = shrunk_rate_ratio(observed, expected, sd)
    return replace(found, estimate=(found.lower + found.upper) / 2)


def limits_of_another(observed: int, expected: float, sd: float) -> RateRatio:
    """Give the limits of twice as many outcomes, so they need not hold the estimate."""
    found, other = (shrunk_rate_ratio(n, expected, sd) for n in (observed, 2 * observed))
    return replace(found, lower=other.lower, upper=other.upper)


ACCURACY: Final = {0.1: 1e-3, 0.25: 2e-3, 0.5: 0.02, 0.7: 0.05}


def agrees_with_the_definition(effect: Effect, observed: int, expected: float, sd: float) -> None:
    found, definition = effect(observed, expected, sd), summed_up(observed, expected, sd)
    for name in ("lower", "upper"):
        assert getattr(found, name) == pytest.approx(getattr(definition, name), rel=ACCURACY[sd])
    counted = observed / expected
    held = min(max(definition.estimate, min(1.0, counted)), max(1.0, counted))
    assert found.estimate == pytest.approx(held, rel=ACCURACY[sd])


@pytest.mark.parametrize("sd", ACCURACY)
@pytest.mark.parametrize("observed", [4, 9, 40, 1_000])
@pytest.mark.parametrize("times", [0.7, 1.5, 3.0, 10.0])
def test_quantiles_are_those_of_prior_times_likelihood(
    observed: int, times: float, sd: float
) -> None:
    agrees_with_the_definition(shrunk_rate_ratio, observed, observed / times, sd)


@pytest.mark.parametrize("broken", [honest_only, as_counted])
def test_the_law_catches_another_posterior(broken: Effect) -> None:
    with pytest.raises(AssertionError):
        agrees_with_the_definition(broken, 20, 1.3, 0.25)


def more_bad_is_never_less(effect: Effect, observed: int, expected: float, sd: float) -> None:
    fewer, more = effect(observed, expected, sd), effect(observed + 1, expected, sd)
    for name in RateRatio.__struct_fields__:
        assert getattr(fewer, name) <= getattr(more, name) * (1 + ROUNDING)


def more_expected_is_never_more(effect: Effect, observed: int, expected: float, sd: float) -> None:
    less, more = effect(observed, expected, sd), effect(observed, 1.1 * expected + 0.01, sd)
    for name in RateRatio.__struct_fields__:
        assert getattr(more, name) <= getattr(less, name) * (1 + ROUNDING)


def limits_hold_the_estimate_between_peers_and_counts(
    effect: Effect, observed: int, expected: float, sd: float
) -> None:
    found = effect(observed, expected, sd)
    assert 0.0 <= found.lower <= found.estimate <= found.upper
    assert found.lower < found.upper
    counted = observed / expected if expected else inf if observed else 1.0
    assert min(1.0, counted) <= found.estimate <= max(1.0, counted)


LAWS: Final = (
    more_bad_is_never_less,
    more_expected_is_never_more,
    limits_hold_the_estimate_between_peers_and_counts,
)


@pytest.mark.parametrize("law", LAWS)
@given(observed=COUNTS, expected=EXPECTED, sd=SPREADS)
def test_laws_of_the_effect(
    law: Callable[[Effect, int, float, float], None], observed: int, expected: float, sd: float
) -> None:
    law(shrunk_rate_ratio, observed, expected, sd)


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (more_bad_is_never_less, backwards),
        (more_expected_is_never_more, backwards),
        (limits_hold_the_estimate_between_peers_and_counts, as_counted),
        (limits_hold_the_estimate_between_peers_and_counts, mean_for_estimate),
        (limits_hold_the_estimate_between_peers_and_counts, limits_of_another),
    ],
)
def test_the_laws_catch_a_broken_effect(
    law: Callable[[Effect, int, float, float], None], broken: Effect
) -> None:
    with pytest.raises(AssertionError):
        hold_for_some(law, broken)


def hold_for_some(law: Callable[[Effect, int, float, float], None], effect: Effect) -> None:
    for observed in (4, 6, 20, 400):
        law(effect, observed, 6.0, 0.25)


def much_data_decides(effect: Effect, times: float, sd: float) -> None:
    estimates = [effect(round(times * size), size, sd) for size in (100, 1_000, 10_000)]
    assert estimates[-1].estimate == pytest.approx(times, rel=0.02)
    widths = [(found.upper - found.lower) / found.estimate for found in estimates]
    assert all(later < earlier for earlier, later in pairwise(widths))


@given(times=st.floats(0.5, 20.0), sd=SPREADS)
def test_with_many_outcomes_the_counts_decide(times: float, sd: float) -> None:
    much_data_decides(shrunk_rate_ratio, times, sd)


def test_the_law_catches_an_effect_that_stays_with_the_prior() -> None:
    with pytest.raises(AssertionError):
        much_data_decides(lambda o, e, sd: shrunk_rate_ratio(o // 2_000, e / 2_000, sd), 5.0, 0.25)


def coverage(effect: Effect, true: float, bad: int) -> float:
    """Return how often the interval holds `true`, of stretches that end with their nth bad one."""
    expected = np.random.default_rng(1).gamma(bad, 1 / true, 300).tolist()
    found = [effect(bad + CHOSEN, each, 0.25) for each in expected]
    return float(np.mean([each.lower <= true <= each.upper for each in found]))


@pytest.mark.parametrize("true", [0.8, 1.0, 1.3, 3.0, 5.0, 8.0])
def test_the_interval_holds_the_truth_of_honest_and_dishonest_agents(true: float) -> None:
    assert coverage(shrunk_rate_ratio, true, 60) >= 0.85


def test_an_interval_of_honest_agents_misses_the_truth_of_dishonest_ones() -> None:
    assert coverage(honest_only, 5.0, 60) < 0.1


def test_of_an_honest_agent_the_ratio_is_drawn_to_the_peers() -> None:
    assert ratio_of_honest(3, 0.2, 0.25) == pytest.approx(19 / 16.2)
    assert ratio_of_honest(0, 0.0, 0.25) == 1.0


def test_without_outcomes_an_agent_is_like_the_peers() -> None:
    found = shrunk_rate_ratio(0, 0.0, 0.25)
    assert found.estimate == 1.0
    assert found.lower < 1.0 < found.upper


@pytest.mark.parametrize(
    ("observed", "expected", "sd", "name"),
    [
        (-1, 1.0, 0.25, "observed"),
        (1, -1.0, 0.25, "expected"),
        (1, float("nan"), 0.25, "expected"),
        (1, float("inf"), 0.25, "expected"),
        (1, 1.0, 0.0, "between_agent_sd"),
        (1, 1.0, float("nan"), "between_agent_sd"),
    ],
)
def test_impossible_counts_are_refused(
    observed: int, expected: float, sd: float, name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        shrunk_rate_ratio(observed, expected, sd)


def test_where_honest_agents_are_alike_the_setting_decides() -> None:
    for rate in (0.001, 0.05, 0.4):
        assert least_notable_ratio(1.5, rate, 0.25) == 1.5
    assert least_notable_ratio(1.2, 0.05, 0.25) == pytest.approx(1.35, abs=0.01)


@pytest.mark.parametrize("sd", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.4])
def test_one_honest_agent_in_ten_is_beyond_the_notable_ratio(sd: float, rate: float) -> None:
    odds = rate / (1 - rate) * np.exp(sd * np.random.default_rng(1).standard_normal(40_000))
    ratios = odds / (1 + odds) / rate
    beyond = (ratios > least_notable_ratio(1.0, rate, sd)).mean()
    assert beyond == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("sd", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("sales", [40, 400, 4_000])
def test_however_honest_agents_differ_few_of_them_show_a_notable_effect(
    sd: float, sales: int
) -> None:
    random = np.random.default_rng(2)
    odds = 0.05 / 0.95 * np.exp(sd * random.standard_normal(4_000))
    observed = random.binomial(sales, odds / (1 + odds)).tolist()
    lower_of = {bad: shrunk_rate_ratio(bad, 0.05 * sales, sd).lower for bad in {*observed}}
    lower = np.array([lower_of[bad] for bad in observed])
    assert (lower > least_notable_ratio(1.5, 0.05, sd)).mean() < 0.1
    if sd == 1.0 and sales >= 400:
        assert (lower > 1.5).mean() > 0.2


@pytest.mark.parametrize(
    ("smallest", "rate", "sd", "name"),
    [
        (0.0, 0.1, 0.25, "smallest_rate_ratio"),
        (1.5, -0.1, 0.25, "rate"),
        (1.5, float("nan"), 0.25, "rate"),
        (1.5, 0.1, 0.0, "between_agent_sd"),
    ],
)
def test_an_impossible_notable_ratio_is_refused(
    smallest: float, rate: float, sd: float, name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        least_notable_ratio(smallest, rate, sd)
