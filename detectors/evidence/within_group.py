"""Whether an agent stands out among the members of a group that has changed itself.

`docs/statistics.md`, section 9, *Common causes*. Given how many bad outcomes an agent and the rest
of their group have had together, how many of them are the agent's does not depend on what struck
the whole group. So the group's own level needs no estimate, however suddenly it rose.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.evidence.prior import LEVELS, RATIO_WEIGHTS, Prior, honest_factors, odds_factors
from detectors.evidence.rate_ratio import shrunk_rate_ratio

STANDS_OUT: Final = 100.0
"""Evidence from which on an agent stands out within their group, or a group without one member.

It is asked for beside the threshold of a warning, so the budget of false alarms does not hang on
it. Simulated: 15 agents, their site at 15 or 30 % for 60 days, one of them at six times the odds of
the others; with 1,000, 100 and 20 that one is found within 29 days in some runs, 20 and 14 in all,
and no honest one is told in 24 runs.
"""

RISEN: Final = 1.2
"""The rate ratio that the rest of a group exceeds for sure (lower limit) when it has risen."""


_LEAST: Final = 1e-300


class Counted(NamedTuple):
    """Bad outcomes observed, and expected among all."""

    observed: int
    expected: float


def has_risen(rest: Counted, between_agent_sd: float) -> bool:
    """Return whether the rest of a group has, for sure, notably more bad outcomes than expected.

    By the lower limit. By the estimate, as an alert asks of an agent, one bad agent of 200 was told
    17 days later, because their team happened to have a bad month.
    """
    if rest.observed <= RISEN * rest.expected:  # nearly always
        return False
    return shrunk_rate_ratio(*rest, between_agent_sd).lower > RISEN


def evidence_within(
    own: Counted,
    rest: Counted,
    before: Counted,
    between_agent_sd: float,
    exponent: float = 1.0,
) -> float:
    """Return the evidence that an agent has more bad outcomes than the rest of their group.

    The likelihood ratio of all that an agent may have, `ODDS_RATIOS` times what is theirs by
    nature, against what is theirs by nature; conditional on the bad outcomes of both together. What
    is theirs by nature, their honest level, is known from what they did `before`. `exponent` is the
    tempering of every likelihood.

    Examples
    --------
    All of a group have five times what is expected:

    >>> before = Counted(10, 10.0)
    >>> round(evidence_within(Counted(20, 4.0), Counted(190, 38.0), before, 0.25), 3)
    0.006

    The agent alone:

    >>> round(evidence_within(Counted(20, 4.0), Counted(40, 38.0), before, 0.25))
    8151
    """
    factors = odds_factors()
    shares = own.expected * factors + rest.expected
    together = own.observed * np.log(factors) - (own.observed + rest.observed) * np.log(shares)
    return _mixed(exponent * together, exponent * _of_levels(before), between_agent_sd)


def evidence_against_known(
    own: Counted, before: Counted, between_agent_sd: float, exponent: float = 1.0
) -> float:
    """Return the same where what is expected is known, and needs no others."""
    factors = odds_factors()
    alone = own.observed * np.log(factors) - own.expected * factors
    return _mixed(exponent * alone, exponent * _of_levels(before), between_agent_sd)


def _of_levels(before: Counted) -> Reals:
    """Return how likely each honest level makes what was before, as a logarithm."""
    levels = honest_factors()
    logs: Reals = before.observed * np.log(levels) - before.expected * levels
    return logs


def _mixed(likelihoods: Reals, of_levels: Reals, between_agent_sd: float) -> float:
    """Return the likelihood ratio of all odds ratios against none, from logarithms."""
    weights = np.log(Prior(between_agent_sd).weights()) + of_levels
    by_ratio = likelihoods.reshape(-1, LEVELS) + weights
    ratios = np.exp(by_ratio - by_ratio.max()).sum(axis=1)
    return float(ratios[1:] @ np.array(RATIO_WEIGHTS)) / max(float(ratios[0]), _LEAST)
