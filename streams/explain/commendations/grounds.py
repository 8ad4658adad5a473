"""What is known of an agent at the end of a day, in plain Python, one outcome at a time.

Written apart from `detectors.agents.mature`: `docs/statistics.md`, section 13.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from math import exp, expm1, fsum
from statistics import NormalDist
from typing import Final, NamedTuple

from detectors.agents.alerting.judgement import Judgement
from detectors.basis.event_time import Day

YEAR: Final = 365
"""Days of a period; outcomes of the present one and of the one before it count."""

CERTAINTY: Final = 0.8
STEP: Final = 0.125
BEST: Final = -12.0
WORST: Final = 1.0


class Counted(NamedTuple):
    """The outcomes that count for an agent by one pattern.

    ``bad``, ``expected`` and ``squares`` of ``tempered`` are sums of y, p and p² of the outcomes,
    each times the exponent of its likelihood.
    """

    matured: int
    observed: int
    expected: float
    tempered: tuple[float, float, float]
    first_day: Day
    last_day: Day


class Level(NamedTuple):
    """How good an agent is: likely among the best, the e-value of it, and their odds ratio.

    The odds ratio is its lower 5 %, its median and its upper 5 %.
    """

    probability: float
    e_value: float
    odds_ratios: tuple[float, float, float]


def counted(judgements: Iterable[Judgement], day: Day) -> Counted | None:
    """Return what counts at the end of a day; None where nothing does.

    Parameters
    ----------
    judgements
        Those of the agent by one pattern, as they were made: outcomes, and later verdicts on them.
    day
        The day.
    """
    outcomes: dict[tuple[Day, str], Judgement] = {}
    verdicts: dict[tuple[Day, str], bool | None] = {}
    for one in judgements:
        if one.day > day:
            continue
        key = (one.day if one.corrects is None else one.corrects, one.sale_id)
        if one.corrects is None:
            outcomes[key] = one
        verdicts[key] = one.bad if one.trials else None
    since = (day // YEAR - 1) * YEAR
    recent = {
        key: one for key, one in outcomes.items() if one.day >= since and one.tempering != 0.0
    }
    counts = [(one, verdicts[key]) for key, one in recent.items() if verdicts[key] is not None]
    if not counts:
        return None
    return Counted(
        len(counts),
        sum(bad is True for _, bad in counts),
        fsum(one.expected for one, _ in counts),
        (
            fsum(one.tempering for one, bad in counts if bad),
            fsum(one.tempering * one.expected for one, _ in counts),
            fsum(one.tempering * one.expected**2 for one, _ in counts),
        ),
        min(one.day for one in recent.values()),
        max(one.day for one in recent.values()),
    )


def level(counted: Counted, between_agent_sd: float, share: float) -> Level:
    """Return where an agent stands among honest ones, of whom a ``share`` is the best.

    Method: `docs/statistics.md`, section 13; ``log L(u) = O u + E z + S z²/2``.
    """
    border = NormalDist().inv_cdf(share)
    units, priors = _grid(border)
    bad, expected, squares = counted.tempered
    levels = [between_agent_sd * unit for unit in units]
    likelihoods = [bad * u - expected * expm1(u) + squares * 0.5 * expm1(u) ** 2 for u in levels]
    most = max(likelihoods)
    weights = [prior * exp(one - most) for prior, one in zip(priors, likelihoods, strict=True)]
    whole = fsum(weights)
    posterior = [one / whole for one in weights]
    best = [one for one, unit in zip(posterior, units, strict=True) if unit < border]
    probability = fsum(best)
    return Level(
        probability, probability / fsum(priors[: len(best)]), _quantiles(levels, posterior)
    )


def _quantiles(levels: Sequence[float], posterior: Sequence[float]) -> tuple[float, float, float]:
    """Return the odds ratios below which 5, 50 and 95 % lie, on lines between the levels."""
    below = [end - 0.5 * one for end, one in zip(accumulate(posterior), posterior, strict=True)]
    low, median, high = (_on_the_line(at, below, levels) for at in (0.05, 0.5, 0.95))
    return exp(low), exp(median), exp(high)


def _on_the_line(at: float, below: Sequence[float], levels: Sequence[float]) -> float:
    if at <= below[0]:
        return levels[0]
    for number in range(1, len(below)):
        if at <= below[number]:
            before, after = below[number - 1], below[number]
            part = (at - before) / (after - before)
            return levels[number - 1] + part * (levels[number] - levels[number - 1])
    return levels[-1]


@cache
def _grid(border: float) -> tuple[list[float], list[float]]:
    """Return levels in standard deviations, and how likely each is; the border lies between two."""
    best, rest = int((border - BEST) / STEP), int((WORST - border) / STEP)
    units = [border + STEP * (number + 0.5) for number in range(-best, rest)]
    weights = [exp(-0.5 * unit * unit) for unit in units]
    return units, [one / fsum(weights) for one in weights]
