import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma  # type: ignore[import-untyped]  # scipy has no types

from detectors.evidence.rate_ratio import least_notable_ratio, shrunk_rate_ratio


@pytest.mark.parametrize(("sd", "accuracy"), [(0.1, 1e-4), (0.25, 1e-3), (0.5, 0.01), (0.7, 0.04)])
@pytest.mark.parametrize("observed", [0, 1, 3, 10, 40, 1_000])
@pytest.mark.parametrize("expected", [0.0, 0.7, 12.0, 300.0])
def test_limits_are_those_of_the_gamma_posterior(
    observed: int, expected: float, sd: float, accuracy: float
) -> None:
    strength = 1 / sd**2
    posterior = gamma(observed + strength, scale=1 / (expected + strength))
    found = shrunk_rate_ratio(observed, expected, sd)
    assert found.estimate == pytest.approx(posterior.mean(), rel=1e-12)
    assert found.lower == pytest.approx(posterior.ppf(0.05), rel=accuracy)
    assert found.upper == pytest.approx(posterior.ppf(0.95), rel=accuracy)


def test_without_outcomes_an_agent_is_like_the_peers() -> None:
    found = shrunk_rate_ratio(0, 0.0, 0.25)
    assert found.estimate == 1.0
    assert found.lower < 1.0 < found.upper


def test_more_outcomes_of_one_ratio_move_the_estimate_there() -> None:
    estimates = [shrunk_rate_ratio(3 * size, size, 0.25).estimate for size in (1, 10, 100, 10_000)]
    assert estimates == sorted(estimates)
    assert estimates[0] == pytest.approx(19 / 17)
    assert estimates[-1] == pytest.approx(3.0, rel=0.01)


@given(st.integers(0, 10_000), st.floats(0, 10_000), st.floats(0.01, 5.0))
def test_limits_enclose_the_likely_values_in_order(
    observed: int, expected: float, sd: float
) -> None:
    found = shrunk_rate_ratio(observed, expected, sd)
    assert 0.0 <= found.lower < found.upper


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
    lower = np.array([shrunk_rate_ratio(bad, 0.05 * sales, sd).lower for bad in observed])
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
