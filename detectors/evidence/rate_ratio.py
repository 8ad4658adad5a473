"""Sizes of effects that stay sober with few outcomes: `docs/statistics.md`, section 7."""

from math import exp, isfinite, sqrt
from statistics import NormalDist
from typing import Final

import msgspec

_LIMIT: Final = NormalDist().inv_cdf(0.95)
_NOTABLE: Final = NormalDist().inv_cdf(0.90)


class RateRatio(msgspec.Struct, frozen=True):
    """How many times the bad outcomes of peers an agent has: posterior mean and 90 % interval.

    The interval leaves 5 % on either side.
    """

    estimate: float
    lower: float
    upper: float


def shrunk_rate_ratio(observed: int, expected: float, between_agent_sd: float) -> RateRatio:
    """Shrink observed / expected towards 1, the more the less was expected.

    The prior is a gamma distribution of mean 1 and variance between_agent_sd^2, the posterior one
    of shape observed + A and rate expected + A, where A = 1 / between_agent_sd^2. Its quantiles are
    those of Wilson and Hilferty (1931): the limits are within 0.1 % of their size at
    between_agent_sd 0.25, 1 % at 0.5, 4 % at 0.7.

    Raises
    ------
    ValueError
        If `observed` or `expected` is negative, `between_agent_sd` is not above 0, or one of them
        is not a number.

    """
    if not observed >= 0:
        raise ValueError(f"observed must be at least 0, not {observed}")
    if not (isfinite(expected) and expected >= 0.0):
        raise ValueError(f"expected must be at least 0, not {expected}")
    if not (isfinite(between_agent_sd) and between_agent_sd > 0.0):
        raise ValueError(f"between_agent_sd must be above 0, not {between_agent_sd}")
    strength = between_agent_sd**-2.0
    shape = observed + strength
    estimate = shape / (expected + strength)
    centre = 1.0 - 1.0 / (9.0 * shape)
    reach = _LIMIT / (3.0 * sqrt(shape))
    return RateRatio(
        estimate=estimate,
        lower=estimate * max(centre - reach, 0.0) ** 3,
        upper=estimate * (centre + reach) ** 3,
    )


def least_notable_ratio(smallest_rate_ratio: float, rate: float, between_agent_sd: float) -> float:
    """Return the rate ratio that the lower limit must exceed for an effect to be worth a review.

    It is `smallest_rate_ratio` or, where honest agents differ much, the ratio which one honest
    agent in ten exceeds: odds ``e^(1.28 between_agent_sd)`` times those of `rate`, the mean
    probability of a bad outcome among peers, as a ratio of rates. At between_agent_sd 0.25 that is
    below 1.4; at 1.0 it is 3.2 for a rate of 5 % and 1.8 for 40 %.

    Without it the rule would work backwards. The wider honest agents are spread, the less an
    observed ratio is shrunk, rightly so; but the more of them have such a ratio by nature.

    Raises
    ------
    ValueError
        If `smallest_rate_ratio` or `between_agent_sd` is not above 0, `rate` is not within 0 and 1,
        or one of them is not a number.

    """
    if not smallest_rate_ratio > 0.0:
        raise ValueError(f"smallest_rate_ratio must be above 0, not {smallest_rate_ratio}")
    if not 0.0 <= rate <= 1.0:
        raise ValueError(f"rate must lie within 0 and 1, not {rate}")
    if not (isfinite(between_agent_sd) and between_agent_sd > 0.0):
        raise ValueError(f"between_agent_sd must be above 0, not {between_agent_sd}")
    odds_ratio = exp(_NOTABLE * between_agent_sd)
    return max(smallest_rate_ratio, odds_ratio / (1.0 + rate * (odds_ratio - 1.0)))
