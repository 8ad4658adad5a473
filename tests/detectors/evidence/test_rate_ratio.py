import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma  # type: ignore[import-untyped]  # scipy has no types

from detectors.evidence.rate_ratio import shrunk_rate_ratio


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


def test_without_outcomes_an_agent_is_like_his_peers() -> None:
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
