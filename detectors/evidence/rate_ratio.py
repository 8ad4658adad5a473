"""Sizes of effects that stay sober with few outcomes: `docs/statistics.md`, section 7."""

from collections.abc import Sequence
from math import erfc, exp, inf, isfinite, log, pi, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import msgspec

from detectors.evidence.prior import ODDS_RATIOS, RATIO_WEIGHTS

DISHONEST_ODDS: Final = 0.01
"""Odds, beforehand, that an agent has been dishonest since the day that the evidence chose.

An agent in ten who turns bad within a year, and some 40 days between which the evidence can hardly
choose. Measured: at a tenth of it too few intervals reach up to the truth when an alert opens, at
three times as much too few reach down to it.
"""

CHOSEN: Final = 1
"""Bad outcomes that are taken to have chosen the likely start, and say nothing of the effect.

The start is that of the strongest stretch, so it begins with a bad outcome: of three bad ones in a
short stretch two were left to chance.
"""

_NOTABLE: Final = NormalDist().inv_cdf(0.90)
_SHARES: Final = (0.05, 0.5, 0.95)
_NORMAL_QUANTILES: Final = tuple(NormalDist().inv_cdf(share) for share in _SHARES)

_NEGLIGIBLE: Final = 1e-7
"""Weight below which a part of the posterior moves nothing that is told."""

_ROOT_2: Final = sqrt(2.0)
_ROOT_2_PI: Final = sqrt(2.0 * pi)

_CLOSE: Final = 1e-12
_MOST_STEPS: Final = 100


class RateRatio(msgspec.Struct, frozen=True):
    """How many times the bad outcomes of peers an agent has: posterior median and 90 % interval.

    The interval leaves 5 % on either side.
    """

    estimate: float
    lower: float
    upper: float


class _Part(NamedTuple):
    """A part of the posterior: the cube root of the ratio is normal there."""

    weight: float
    mean: float
    sd: float


def shrunk_rate_ratio(observed: int, expected: float, between_agent_sd: float) -> RateRatio:
    """Return what observed / expected says of an agent, honest or not.

    The prior is that of the evidence: honest agents have 1 times the bad outcomes of peers, the
    others one of `ODDS_RATIOS` times as many, as likely as `RATIO_WEIGHTS`, and around each value
    agents differ by `between_agent_sd`. Each part is a gamma distribution, and so it is in the
    posterior. Quantiles of a part are those of Wilson and Hilferty (1931): within 0.1 % of their
    size at between_agent_sd 0.25, 1 % at 0.5, 4 % at 0.7.

    The counts are those since a likely start: `CHOSEN` bad ones are left out. The estimate never
    goes beyond the counts: it lies between 1 and observed / expected.

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
    parts = _posterior(max(observed - CHOSEN, 0), expected, between_agent_sd)
    lower, median, upper = (
        _quantile(parts, share, normal) ** 3
        for share, normal in zip(_SHARES, _NORMAL_QUANTILES, strict=True)
    )
    counted = observed / expected if expected > 0.0 else inf if observed else 1.0
    estimate = min(max(median, min(counted, 1.0)), max(counted, 1.0))
    return RateRatio(estimate, min(lower, estimate), max(upper, estimate))


def _posterior(observed: int, expected: float, between_agent_sd: float) -> Sequence[_Part]:
    strength = between_agent_sd**-2.0
    shape = observed + strength
    priors = [(1.0, 1.0)]
    priors += [
        (ratio, DISHONEST_ODDS * w) for ratio, w in zip(ODDS_RATIOS, RATIO_WEIGHTS, strict=True)
    ]
    # Relative to an honest agent: how likely the counts are, (1 + E/A)/(1 + E r/A) to the power of
    # the shape, times r to the power of the outcomes that were observed.
    logs = [
        log(weight)
        + observed * log(ratio)
        - shape * (log(strength + expected * ratio) - log(strength + expected))
        for ratio, weight in priors
    ]
    largest = max(logs)
    weights = [exp(each - largest) for each in logs]
    total = sum(weights)
    centre, reach = 1.0 - 1.0 / (9.0 * shape), 1.0 / (3.0 * sqrt(shape))
    parts = []
    for (ratio, _), weight in zip(priors, weights, strict=True):
        if weight > _NEGLIGIBLE * total:
            root = (shape / (expected + strength / ratio)) ** (1.0 / 3.0)
            parts.append(_Part(weight / total, root * centre, root * reach))
    return parts


def _quantile(parts: Sequence[_Part], share: float, normal: float) -> float:
    """Return the cube root below which `share` of the posterior lies, at least 0.

    `normal` is the same quantile of a normal distribution.
    """
    of_parts = [part.mean + normal * part.sd for part in parts]
    low, high = min(of_parts), max(of_parts)  # it lies between those of the parts
    root = 0.5 * (low + high)
    for _ in range(_MOST_STEPS):
        if high - low <= _CLOSE * abs(high):
            break
        below = density = 0.0
        for weight, mean, sd in parts:
            distance = (root - mean) / sd
            below += weight * 0.5 * erfc(-distance / _ROOT_2)
            density += weight * exp(-0.5 * distance * distance) / (sd * _ROOT_2_PI)
        if below < share:
            low = root
        else:
            high = root
        step = (share - below) / density if density > 0.0 else inf
        if abs(step) <= _CLOSE * abs(root):
            break
        # Newton's step where it stays inside, else halve: it always ends, and mostly in five steps.
        root = root + step if low < root + step < high else 0.5 * (low + high)
    return max(root, 0.0)


def ratio_of_honest(observed: int, expected: float, between_agent_sd: float) -> float:
    """Return observed / expected as it is believed of an honest agent: drawn towards 1.

    It is the mean of the honest part alone. Whether an alert may open goes by it: one that is not
    notably above 1 needs no other explanation, however the dishonest parts weigh.
    """
    strength: float = between_agent_sd**-2.0
    return (observed + strength) / (expected + strength)


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
