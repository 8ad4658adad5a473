"""An exact upper bound of a rate, from a count."""

from math import exp
from typing import Final

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 60


def upper_bound(count: int) -> float:
    """Return the largest mean of a Poisson law that gives so few with a chance of 5 % (Garwood).

    Notes
    -----
    Garwood: Fiducial limits for the Poisson distribution. Biometrika 28, 1936, 437-442.
    """
    low, high = float(count), 10.0 + 3.0 * count
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(count, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, mean: float) -> float:
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total
