"""Numbers that fade with the days, such that sums of them are exact in any order."""

from typing import Final

import numpy as np

from detectors.basis.durations import Duration, seconds_of
from detectors.basis.event_time import DAY
from detectors.evidence.arrays import Reals
from detectors.evidence.compilation import compiled

FINENESS: Final = 2.0**30
"""Every recent number is a whole multiple of ``1 / FINENESS``.

Floats add such numbers without rounding up to 2**23, so neither the order of agents or cells nor
the number of partitions changes a sum, and an agent's part can be taken out of it without a trace.
"""

REMEMBERED_DAYS: Final = 4_096
"""Days after which a number has faded to nothing."""


def fading(half_life: Duration) -> Reals:
    """Return what is left of 1 after each number of days from 0 to `REMEMBERED_DAYS`, at last 0."""
    days = max(seconds_of(half_life) / DAY, 1e-3)
    left = [0.5 ** (age / days) for age in range(REMEMBERED_DAYS)]
    return np.array([*left, 0.0])


@compiled
def faded(number: float, left: float) -> float:
    """Return what is `left` of a number, as a multiple of ``1 / FINENESS``, truncated towards 0."""
    return float(np.trunc(number * left * FINENESS) / FINENESS)
