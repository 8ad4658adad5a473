"""Whether an agent stands out among the members of a group that has changed itself.

`docs/statistics.md`, section 9, *Common causes*. Given how many bad outcomes an agent and the rest
of their group have had together, how many of them are the agent's does not depend on what struck
the whole group. So the group's own level needs no estimate, however suddenly it rose.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.evidence.prior import RATIO_WEIGHTS, Prior, honest_factors, odds_factors
from detectors.evidence.rate_ratio import shrunk_rate_ratio

STANDS_OUT: Final = 1_000.0
"""Evidence from which on an agent stands out within their group, or a group without one member.

It is asked for beside the threshold of a warning, so the budget of false alarms does not hang on
it: of so many agents in a group that rises, about one is told.
"""

RISEN: Final = 1.2
"""The rate ratio that the rest of a group exceeds for sure (lower limit) when it has risen."""


class Counted(NamedTuple):
    """Bad outcomes observed, and expected among all."""

    observed: int
    expected: float


def has_risen(rest: Counted, between_agent_sd: float) -> bool:
    """Return whether the rest of a group has, for sure, notably more bad outcomes than expected."""
    if rest.observed <= RISEN * rest.expected:  # nearly always
        return False
    return shrunk_rate_ratio(*rest, between_agent_sd).lower > RISEN


def evidence_within(
    own: Counted, rest: Counted, between_agent_sd: float, exponent: float = 1.0
) -> float:
    """Return the evidence that an agent has more bad outcomes than the rest of their group.

    The likelihood ratio of all that an agent may have, `ODDS_RATIOS` times what is theirs by
    nature, against what is theirs by nature; conditional on the bad outcomes of both together.
    `exponent` is the tempering of every likelihood.

    Examples
    --------
    All of a group have five times what is expected:

    >>> round(evidence_within(Counted(20, 4.0), Counted(190, 38.0), 0.25), 3)
    0.018

    The agent alone:

    >>> round(evidence_within(Counted(20, 4.0), Counted(40, 38.0), 0.25))
    3079
    """
    total = own.observed + rest.observed
    return _mixed(own, rest.expected, total, between_agent_sd, exponent)


def evidence_against_known(own: Counted, between_agent_sd: float, exponent: float = 1.0) -> float:
    """Return the evidence that there are more bad outcomes than expected, which is known."""
    return _mixed(own, None, own.observed, between_agent_sd, exponent)


def _mixed(own: Counted, rest: float | None, total: int, sd: float, exponent: float) -> float:
    levels = Prior(sd).weights()
    honest = honest_factors()
    likelihoods = _log_likelihoods(own, rest, total, odds_factors()) * exponent
    largest = float(likelihoods.max())
    by_ratio = np.exp(likelihoods - largest).reshape(-1, honest.size) @ levels
    dishonest = float(by_ratio[1:] @ np.array(RATIO_WEIGHTS))
    return dishonest / max(float(by_ratio[0]), 1e-300)


def _log_likelihoods(own: Counted, rest: float | None, total: int, factors: Reals) -> Reals:
    if rest is None:
        poisson: Reals = own.observed * np.log(factors) - own.expected * factors
        return poisson
    shares = own.expected * factors + rest
    binomial: Reals = own.observed * np.log(factors) - total * np.log(shares)
    return binomial
