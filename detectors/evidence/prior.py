"""What is believed of an agent before his first outcome: statistics notes, section 4.

An honest agent's odds of a bad outcome are those of his peers times ``e^u``, with u drawn from
N(0, between_agent_sd^2) once and for ever. A dishonest agent's odds are, from some day on, those
of his own honest level times one of `ODDS_RATIOS`.
"""

from math import exp, isfinite
from typing import Final

import msgspec
import numpy as np

from detectors.evidence.arrays import Reals

ODDS_RATIOS: Final = (2.0, 3.0, 5.0, 8.0, 14.0)
"""The alternatives, equally likely beforehand."""

RATIO_WEIGHT: Final = 1.0 / len(ODDS_RATIOS)

LEVELS: Final = 9
"""Points of the grid over u, evenly spaced from -3 to 3 standard deviations."""

LARGEST_SD: Final = 10.0
"""Beyond it ``e^u`` would leave the range in which a probability can be told from 0 and 1."""


class Prior(msgspec.Struct, frozen=True):
    """The honest levels and their weights, decided by one number.

    Attributes
    ----------
    between_agent_sd
        Spread of honest agents on the logit, above 0 and at most `LARGEST_SD`.

    Raises
    ------
    ValueError
        If `between_agent_sd` is outside its range or not a number.

    """

    between_agent_sd: float

    def __post_init__(self) -> None:
        if not (isfinite(self.between_agent_sd) and 0.0 < self.between_agent_sd <= LARGEST_SD):
            raise ValueError(
                f"between_agent_sd must be above 0 and at most {LARGEST_SD:g}, "
                f"not {self.between_agent_sd}",
            )

    def standard_levels(self) -> tuple[float, ...]:
        """Give the grid in standard deviations: `LEVELS` numbers from -3 to 3."""
        return tuple(-3.0 + 6.0 * index / (LEVELS - 1) for index in range(LEVELS))

    def weights(self) -> Reals:
        """Give the prior probability of each level, shape (LEVELS,), sum 1."""
        densities = [exp(-0.5 * level * level) for level in self.standard_levels()]
        total = sum(densities)
        return np.array([density / total for density in densities])

    def honest_factors(self) -> Reals:
        """Give ``e^u`` of each level, shape (LEVELS,)."""
        return np.array([exp(self.between_agent_sd * level) for level in self.standard_levels()])

    def dishonest_factors(self) -> Reals:
        """Give ``e^u`` times each odds ratio, shape (len(ODDS_RATIOS), LEVELS)."""
        return np.outer(np.array(ODDS_RATIOS), self.honest_factors())
