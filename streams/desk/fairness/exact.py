"""Whether two shares differ by more than chance, also where little is known; many at once."""

from collections.abc import Sequence
from math import exp, lgamma
from typing import Final

_AS_LIKELY: Final = 1e-7
"""Tables whose chances differ by less, as a share, are as likely: rounding makes no difference."""


def fisher(found: int, of: int, others: int, of_others: int) -> float:
    """Return the two-sided p-value of Fisher's exact test that two shares are one.

    Of all tables with the same margins, those that are at most as likely as this one count
    (R. A. Fisher, The logic of inductive inference, Journal of the Royal Statistical Society 98,
    1935).
    """
    total = found + others
    everybody = of + of_others
    lowest, highest = max(0, total - of_others), min(of, total)
    if lowest == highest:
        return 1.0
    whole = _log_choose(everybody, total)

    def chance(number: int) -> float:
        return exp(_log_choose(of, number) + _log_choose(of_others, total - number) - whole)

    this = chance(found) * (1 + _AS_LIKELY)
    return min(1.0, sum(one for one in map(chance, range(lowest, highest + 1)) if one <= this))


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all comparisons together.

    Of all that are below some limit, the chance that even one is wrong is at most that limit
    (S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979). The groups overlap, and this asks for no independence.
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, highest = [1.0] * len(values), 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - place) * values[index]))
        adjusted[index] = highest
    return adjusted


def _log_choose(of: int, number: int) -> float:
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
