"""Whether an agent is among the best of honest agents: `docs/statistics.md`, section 13.

Honest agents differ: their odds of a bad outcome are those of the peers times ``e^u``, u normal
with mean 0. The e-value of an agent is the posterior probability that their u is among the best
few, over the share of these few. It is the likelihood ratio of two mixtures, so for an agent who
is drawn as honest agents are it is a martingale of mean 1, whenever one looks.

With x = e^u the log likelihood is ``O u - sum log(1 + p (x - 1))``, held here to the second power
of ``p (1 - x)``. What is left out, ``-log(1 - p z) - p z - (p z)^2/2`` with z = 1 - x, grows with
z. So the best levels are understated more than every other one, and the ratio of the mixtures is at
most what it would be: still an e-value.
"""

from functools import cache
from math import exp
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.evidence.rate_ratio import RateRatio

STEP: Final = 0.125
"""Between two levels, in standard deviations."""

BEST_LEVEL: Final = -12.0
WORST_LEVEL: Final = 1.0
"""Levels end here, in standard deviations. Who is worse has less evidence than those who are not:
the ratio falls with every bad outcome. So leaving them out makes nobody seem better."""

_QUANTILES: Final = np.array((0.05, 0.5, 0.95))


class Tempered(NamedTuple):
    """Outcomes, each weighted by the exponent of its likelihood; of one or more agents.

    ``bad`` are those that were, ``expected`` the sum of their probabilities among peers, and
    ``squares`` that of the squares of these; shape (agents,).
    """

    bad: Reals
    expected: Reals
    squares: Reals


class Standing(NamedTuple):
    """What is known of an agent's level.

    ``probability`` is that of being among the best, ``e_value`` the same over their share, and
    ``odds_ratio`` e^u: how many times the odds of peers.
    """

    probability: float
    e_value: float
    odds_ratio: RateRatio


class _Levels(NamedTuple):
    """Levels u in their order, how likely each is, how many are the best, and their share."""

    levels: Reals
    weights: Reals
    best: int
    share: float


def e_values(outcomes: Tempered, between_agent_sd: float, share: float) -> Reals:
    """Return the e-values of some agents, shape (agents,).

    Parameters
    ----------
    outcomes
        Those of the agents.
    between_agent_sd
        The spread of honest agents on the logit.
    share
        Of honest agents, so many are the best: above 0 and below 0.5.
    """
    levels = _levels(between_agent_sd, share)
    values: Reals = _posterior(outcomes, levels)[:, : levels.best].sum(axis=1) / levels.share
    return values


def standing(outcomes: Tempered, between_agent_sd: float, share: float) -> Standing:
    """Return what outcomes say of the level of the one agent whose they are; as in `e_values`.

    To the last bit it does not depend on whom else one asks about.
    """
    levels = _levels(between_agent_sd, share)
    posterior = _posterior(outcomes, levels)[0]
    probability = float(posterior[: levels.best].sum())
    below = np.cumsum(posterior) - 0.5 * posterior
    lower, median, upper = np.interp(_QUANTILES, below, levels.levels).tolist()
    odds_ratio = RateRatio(exp(median), exp(lower), exp(upper))
    return Standing(probability, probability / levels.share, odds_ratio)


def rate_ratio(odds_ratio: float, rate: float) -> float:
    """Return how many times a rate of peers it is to have so many times their odds.

    Examples
    --------
    >>> round(rate_ratio(0.5, 0.2), 4)
    0.5556
    """
    return odds_ratio / (1.0 + rate * (odds_ratio - 1.0))


def _posterior(outcomes: Tempered, levels: _Levels) -> Reals:
    """Return how likely each level is, shape (agents, levels); the sum over levels is 1."""
    excess = np.expm1(levels.levels)  # x - 1
    log_likelihood = (
        np.multiply.outer(outcomes.bad, levels.levels)
        - np.multiply.outer(outcomes.expected, excess)
        + np.multiply.outer(outcomes.squares, 0.5 * excess * excess)
    )
    log_likelihood -= log_likelihood.max(axis=1, keepdims=True)
    posterior: Reals = levels.weights * np.exp(log_likelihood)
    posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


@cache
def _levels(between_agent_sd: float, share: float) -> _Levels:
    # The border of the best lies half a step beside the levels next to it.
    border = NormalDist().inv_cdf(share)
    best, rest = int((border - BEST_LEVEL) / STEP), int((WORST_LEVEL - border) / STEP)
    units = (border + STEP * (np.arange(-best, rest) + 0.5)).astype(np.float64)
    weights: Reals = np.exp(-0.5 * units * units)
    weights /= weights.sum()
    return _Levels(between_agent_sd * units, weights, best, float(weights[:best].sum()))
