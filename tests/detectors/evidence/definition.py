"""The evidence as its definition has it: likelihood ratios summed over every possible start.

Written apart from the product, in decimal arithmetic of 60 digits, without any recursion.
"""

from decimal import Decimal, localcontext
from typing import NamedTuple

RATIOS = (2, 3, 5, 8, 14)
POINTS = tuple(Decimal(step) * 3 / 4 for step in range(-4, 5))


class Outcome(NamedTuple):
    row: int
    day: int
    probability: float
    bad: bool


class Term(NamedTuple):
    """What one start, odds ratio and honest level add to the evidence."""

    start: int
    ratio: int
    level: int
    value: Decimal


def terms(history: list[Outcome], sd: float, since: int = 0) -> list[Term]:
    """Give every term after the outcomes of one row; only starts from `since` on count."""
    with localcontext(prec=60):
        densities = [(-point * point / 2).exp() for point in POINTS]
        prior = [density / sum(densities) for density in densities]
        factors = [(Decimal(sd) * point).exp() for point in POINTS]
        honest = sum(
            (
                weight * _likelihood(history, factor)
                for weight, factor in zip(prior, factors, strict=True)
            ),
            Decimal(0),
        )
        return [
            Term(
                start,
                ratio,
                level,
                prior[level]
                / len(RATIOS)
                * _likelihood(history[:start], factor)
                * _likelihood(history[start:], ratio * factor)
                / honest,
            )
            for start in _starts(history)
            if start >= since
            for ratio in RATIOS
            for level, factor in enumerate(factors)
        ]


def evidence(history: list[Outcome], sd: float, since: int = 0) -> float:
    with localcontext(prec=60):
        return float(sum((term.value for term in terms(history, sd, since)), Decimal(0)))


def _starts(history: list[Outcome]) -> list[int]:
    """Positions of the first outcome of each day."""
    days = [outcome.day for outcome in history]
    return [place for place, day in enumerate(days) if place == 0 or days[place - 1] != day]


def _likelihood(history: list[Outcome], factor: Decimal) -> Decimal:
    product = Decimal(1)
    for outcome in history:
        odds = factor * Decimal(outcome.probability) / (1 - Decimal(outcome.probability))
        product *= (odds if outcome.bad else 1) / (1 + odds)
    return product
