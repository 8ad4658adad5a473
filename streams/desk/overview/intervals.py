"""Intervals of shares, and of how many times one share is another."""

from math import exp, log, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

_Z: Final = NormalDist().inv_cdf(0.95)
"""Of an interval that holds the truth nine times of ten."""


class Interval(NamedTuple):
    """Between two values, nine times of ten."""

    low: float
    high: float


def share_interval(found: int, of: int) -> Interval:
    """Return the 90 % interval of a share by Wilson's score.

    It is one of the two that Brown, Cai and DasGupta recommend for few trials (Interval estimation
    for a binomial proportion, Statistical Science 16, 2001): an interval by the normal
    approximation would be empty where nobody was found.

    Parameters
    ----------
    found, of
        How many were found, of how many: of 0, nothing is known.
    """
    if not of:
        return Interval(0.0, 1.0)
    share, z2 = found / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low = 0.0 if not found else max(0.0, middle - half)
    high = 1.0 if found == of else min(1.0, middle + half)
    return Interval(low, high)


def ratio(found: int, of: int, others: int, of_others: int) -> tuple[float, Interval]:
    """Return how many times one share is another, and its 90 % interval.

    On the log scale, a half added to every count (Walter, The distribution of Levin's measure of
    attributable risk, Biometrika 62, 1975): so it is finite where nobody was found.
    """
    one, n, other, m = found + 0.5, of + 0.5, others + 0.5, of_others + 0.5
    middle = log(one / n) - log(other / m)
    half = _Z * sqrt(max(0.0, 1 / one - 1 / n + 1 / other - 1 / m))
    return exp(middle), Interval(exp(middle - half), exp(middle + half))
