"""The evidence as its definition has it: likelihood ratios summed over every possible start.

Written apart from the product, in decimal arithmetic of 60 digits, without any recursion; only the
weights of the honest levels are the product's own.
"""

from decimal import Decimal, localcontext
from math import prod
from typing import NamedTuple

from detectors.evidence.prior import Prior

RATIOS = (2, 3, 5, 8, 14)
WEIGHTS = tuple(Decimal(twelfths) / 12 for twelfths in (1, 2, 4, 3, 2))
EARLY_WEIGHTS = tuple(Decimal(twentieths) / 20 for twentieths in (1, 2, 5, 7, 5))
POINTS = tuple(
    Decimal("0.2") * ((step * Decimal("0.4")).exp() - (-step * Decimal("0.4")).exp())
    for step in range(-7, 8)
)


class Outcome(NamedTuple):
    row: int
    day: int
    probability: float
    bad: bool


class EarlyDay(NamedTuple):
    row: int
    day: int
    expected: float
    ended: int


class Term(NamedTuple):
    """What one start, odds ratio and honest level add to the evidence."""

    start: int
    ratio: int
    level: int
    value: Decimal


History = list[Outcome] | list[EarlyDay]


def terms(history: History, sd: float, since: int = 0, tempering: float = 1.0) -> list[Term]:
    """Return every term after the outcomes of one row; only starts from `since` on count."""
    with localcontext(prec=60):
        prior = [Decimal(weight) for weight in Prior(sd).weights().tolist()]
        power = Decimal(tempering)
        honest = [_each(history, point.exp(), power) for point in POINTS]
        marginal = sum(
            (weight * prod(each) for weight, each in zip(prior, honest, strict=True)), Decimal(0)
        )
        found: list[Term] = []
        for level, (weight, before) in enumerate(zip(prior, honest, strict=True)):
            for ratio, likely in zip(RATIOS, _weights(history), strict=True):
                after = _each(history, ratio * POINTS[level].exp(), power)
                share = weight * likely / marginal
                found.extend(
                    Term(start, ratio, level, share * prod(before[:start]) * prod(after[start:]))
                    for start in _starts(history)
                    if start >= since
                )
        return found


def evidence(history: History, sd: float, since: int = 0, tempering: float = 1.0) -> float:
    with localcontext(prec=60):
        every = terms(history, sd, since, tempering)
        return float(sum((term.value for term in every), Decimal(0)))


def _weights(history: History) -> tuple[Decimal, ...]:
    early = any(isinstance(outcome, EarlyDay) for outcome in history)
    return EARLY_WEIGHTS if early else WEIGHTS


def _starts(history: History) -> list[int]:
    """Positions of the first outcome of each day."""
    days = [outcome.day for outcome in history]
    return [
        position for position, day in enumerate(days) if position == 0 or days[position - 1] != day
    ]


def _each(history: History, factor: Decimal, power: Decimal) -> list[Decimal]:
    """Return the likelihood of every outcome."""
    likelihoods = []
    for outcome in history:
        if isinstance(outcome, EarlyDay):
            rate = factor * Decimal(outcome.expected)
            likelihood = factor**outcome.ended * (-rate).exp()
        else:
            odds = factor * Decimal(outcome.probability) / (1 - Decimal(outcome.probability))
            likelihood = (odds if outcome.bad else 1) / (1 + odds)
        likelihoods.append(likelihood if power == 1 else likelihood**power)
    return likelihoods
