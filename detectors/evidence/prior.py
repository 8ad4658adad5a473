"""The belief about an agent before their first outcome: `docs/statistics.md`, section 4.

An honest agent's odds of a bad outcome are those of the peers times ``e^u``, with u, the agent's
honest level, drawn once and for ever. A dishonest agent's odds are, from some day on, those of
their honest level times one of `ODDS_RATIOS`. The levels are the same for every spread of honest
agents: only their weights follow it, so that a spread learnt on the way changes weights and nothing
else.
"""

from functools import cache
from itertools import pairwise
from math import erfc, exp, isfinite, sinh, sqrt
from typing import Final

import msgspec
import numpy as np

from detectors.evidence.arrays import Reals

ODDS_RATIOS: Final = (2.0, 3.0, 5.0, 8.0, 14.0)
"""The alternatives."""

RATIO_WEIGHTS: Final = (1 / 12, 2 / 12, 4 / 12, 3 / 12, 2 / 12)
"""How likely each is beforehand: most where a change is worth finding and can be found in time.

Against equal weights, simulated: 1.5 sales sooner from 5 % to 25 %, as soon to 15 % and 40 %.
"""

EARLY_RATIO_WEIGHTS: Final = (0.05, 0.1, 0.25, 0.35, 0.25)
"""Those of the early tier, which is there for flagrant cases: .4 days sooner from 5 % to 40 %."""

HONEST_LEVELS: Final = tuple(0.4 * sinh(0.4 * step) for step in range(-7, 8))
"""The grid over u: steps of 0.16 about 0, where most agents are, growing to 1.1 at its ends, 3.3.

It reaches as far for a narrow spread as for a wide one, because the agent far outside the others is
the one who is falsely accused. With nine points up to 3 standard deviations instead, a world whose
honest levels follow Student's t with 3 degrees of freedom had three times the false alarms.
"""

LEVELS: Final = len(HONEST_LEVELS)

SMALLEST_SD: Final = 0.05
LARGEST_SD: Final = 1.5
"""Beyond them the grid would be too coarse, or too narrow."""

LEAST_WEIGHT: Final = 1e-30
"""No level is ruled out beforehand: the weights of a spread must lead to those of any other."""


class Prior(msgspec.Struct, frozen=True):
    """The weights of the honest levels: u is normal, of mean 0 and one standard deviation.

    Heavier tails were measured and left out. With 2 % of honest agents thought three times as
    spread, false alarms fall from 4.4 to 4.0 per 1,000 agent-years, from 8.4 to 5.8 where levels
    follow Student's t with 3 degrees of freedom; but an agent at 25 % instead of 5 % from their
    first sale on, whom only the prior distinguishes from an honest outlier, is found after 1,075
    sales, not 95.

    Attributes
    ----------
    between_agent_sd
        Spread of honest agents on the logit, from `SMALLEST_SD` to `LARGEST_SD`.

    Raises
    ------
    ValueError
        If `between_agent_sd` is outside its range or not a number.

    """

    between_agent_sd: float

    def __post_init__(self) -> None:
        if not (
            isfinite(self.between_agent_sd) and SMALLEST_SD <= self.between_agent_sd <= LARGEST_SD
        ):
            raise ValueError(
                f"between_agent_sd must lie within {SMALLEST_SD:g} and {LARGEST_SD:g}, "
                f"not {self.between_agent_sd}",
            )

    def weights(self) -> Reals:
        """Return the prior probability of each level, shape (LEVELS,), sum 1, none of them 0.

        A level stands for all that is nearer to it than to the others.
        """
        return np.array(_weights(self.between_agent_sd))


def honest_factors() -> Reals:
    """Return ``e^u`` of each level, shape (LEVELS,)."""
    return np.array([exp(level) for level in HONEST_LEVELS])


def odds_factors() -> Reals:
    """Return ``e^u``, then the same times each odds ratio, flattened.

    Shape ((1 + len(ODDS_RATIOS)) * LEVELS,).
    """
    return np.outer(np.array((1.0, *ODDS_RATIOS)), honest_factors()).ravel()


@cache
def _weights(between_agent_sd: float) -> tuple[float, ...]:
    # By the lower tail alone, where erfc is exact: the upper one mirrors it.
    edges = [0.5 * (low + high) for low, high in pairwise(HONEST_LEVELS)]
    below = [0.5 * erfc(-edge / (between_agent_sd * sqrt(2.0))) for edge in edges[: LEVELS // 2]]
    half = [high - low for low, high in pairwise([0.0, *below])]
    masses = [max(mass, LEAST_WEIGHT) for mass in half]
    weights = [*masses, 1.0 - 2.0 * below[-1], *reversed(masses)]
    total = sum(weights)
    return tuple(weight / total for weight in weights)
