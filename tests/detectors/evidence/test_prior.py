import numpy as np
import pytest

from detectors.evidence.prior import (
    HONEST_LEVELS,
    LEVELS,
    Prior,
    honest_factors,
    odds_factors,
)


@pytest.mark.parametrize("sd", [0.05, 0.25, 0.5, 1.0, 1.5])
def test_the_weights_are_a_distribution_that_rules_no_level_out(sd: float) -> None:
    weights = Prior(sd).weights()
    assert weights.shape == (LEVELS,)
    assert weights.sum() == pytest.approx(1.0, abs=1e-15)
    assert weights.min() > 0.0
    assert weights.tolist() == weights[::-1].tolist()


@pytest.mark.parametrize("sd", [0.1, 0.25, 0.4, 0.6, 1.0])
def test_the_levels_are_as_spread_as_the_agents(sd: float) -> None:
    spread = np.sqrt(Prior(sd).weights() @ np.array(HONEST_LEVELS) ** 2)
    assert spread == pytest.approx(sd, rel=0.1)


def test_levels_are_close_where_most_agents_are_and_the_same_for_every_spread() -> None:
    assert HONEST_LEVELS[LEVELS // 2] == 0.0
    assert np.diff(HONEST_LEVELS).min() == pytest.approx(0.164, abs=0.001)
    assert HONEST_LEVELS[-1] == -HONEST_LEVELS[0] == pytest.approx(3.28, abs=0.01)


def test_the_alternatives_are_odds_ratios_beside_every_level() -> None:
    factors = odds_factors().reshape(6, LEVELS)
    assert factors[0].tolist() == honest_factors().tolist()
    assert factors[:, LEVELS // 2].tolist() == [1.0, 2.0, 3.0, 5.0, 8.0, 14.0]


@pytest.mark.parametrize("sd", [0.0, -0.25, 0.04, 1.6, float("nan"), float("inf")])
def test_a_prior_without_a_usable_spread_is_refused(sd: float) -> None:
    with pytest.raises(ValueError, match="between_agent_sd"):
        Prior(sd)
