"""How much honest agents differ, and how much more than chance the sales of one day vary together.

`docs/statistics.md`, sections 6 and 8. Partitions report sums of whole numbers (`Dispersion`), so
that no estimate depends on how agents are assigned to them.
"""

from math import exp, log, pi, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY
from detectors.evidence.arrays import Integers, Reals
from detectors.messages.outcomes import Dispersion, Spread
from detectors.settings import EvidenceSettings

MILLION: Final = 1e6

LEAST_VARIANCE: Final = 3.0
"""An agent counts for the spread once their number of bad outcomes has at least this variance."""

LEAST_RATE: Final = 1e-6
"""No outcome is taken to be rarer: where only a mean is counted, as in the early tier."""

TRIM: Final = 2.0
"""Agents further from their peers than this many standard deviations are left out."""

SMALLEST_SD: Final = 0.25
LARGEST_SD: Final = 1.0
SD_STEP: Final = 0.05
SD_INERTIA: Final = 0.04
"""The estimate must differ by more than this from the one in force to replace it."""

IMAGINED_AGENTS: Final = 30
"""Imagined agents of spread `SMALLEST_SD`, each known with a noise as large as the spread."""

FASTEST_GROWTH: Final = 3.0
"""One review at most multiplies a variance by this: trimming hides what goes beyond."""

TEMPERING_POWER: Final = 1.5
"""The tempering is the overdispersion to minus this power.

With power 1 the variance of the evidence is right, but outcomes that go bad together have a longer
tail than that: in batches of 5 with a shared N(0, 1) shock on the logit 14 of 1,000 agent-years
still saw a false alarm at maturity, where 10 are allowed.
"""

DEFAULT_TEMPERING: Final = 0.85
IMAGINED_VARIANCE: Final = 50.0
"""Variance of imagined agent-days that call for `DEFAULT_TEMPERING`."""

OWN_PRIOR: Final = 2.0
"""Imagined bad outcomes, all of them expected, to which an agent's own ratio is shrunk.

Fewer than the spread would suggest: what shrinking leaves of a ratio looks like correlation.
"""

DISPERSION_HALF_LIFE_DAYS: Final = 180.0
SIXTEENTHS: Final = 16
LEAST_SIXTEENTHS: Final = 8
TEMPERING_INERTIA: Final = 0.6
"""Sixteenths by which the estimate must differ from the one in force to replace it."""


class DayMoments(Struct, array_like=True):
    """Sums over agent-days, the older the less: squared residuals, and their variance by chance."""

    squares: float = 0.0
    variance: float = 0.0


def agent_dispersion(
    observed: Integers, expected: Reals, variance: Reals, between_agent_sd: float
) -> Dispersion:
    """Sum up what agents, one an element, show of the spread among them.

    With u the distance on the logit between an agent's rate and the one expected of them (half an
    outcome added to each count) and V = variance, u^2 has about the mean 1/V + s^2 for a spread s.
    Agents beyond `TRIM` standard deviations are left out, the others weigh by w = (1/V + s^2)^-2, s
    being the spread in force. The logit itself is used, not its linear approximation (O - E) / V,
    whose tail of high rates trimming would cut off: it made .70 of a spread of 1.

    Parameters
    ----------
    observed, expected
        Bad outcomes until now, and how many the peers led one to expect.
    variance
        Sum of p (1 - p) over the same outcomes.
    between_agent_sd
        The spread in force.
    """
    known = variance >= LEAST_VARIANCE
    bad, usual, chance = observed[known], expected[known], variance[known]
    # Only sums are known, so the outcomes are taken to be of one rate: this many of them have the
    # same mean and variance. In the early tier both are equal, and outcomes very many.
    outcomes = usual * usual / np.maximum(usual - chance, LEAST_RATE * usual)
    odds = (bad + 0.5) / (np.maximum(outcomes - bad, 0.0) + 0.5)
    odds_ratios = odds * (outcomes - usual + 0.5) / (usual + 0.5)
    # Python's logarithm, one by one: NumPy's may differ from one processor to another.
    distance = np.array([log(odds_ratio) for odds_ratio in odds_ratios.tolist()])
    noise = 1.0 / chance
    total = noise + between_agent_sd**2
    squares = distance * distance
    kept = squares <= TRIM**2 * total
    weight = 1.0 / (total[kept] * total[kept])
    return Dispersion(
        agents=int(np.count_nonzero(kept)),
        squares=_millionths(weight * squares[kept]),
        noise=_millionths(weight * noise[kept]),
        weight=_millionths(weight),
    )


def first_spread(settings: EvidenceSettings) -> Spread:
    """Return what is in force before anything was estimated: the settings, or cautious defaults."""
    sd, tempering = settings.between_agent_sd, settings.tempering
    eta = DEFAULT_TEMPERING if tempering == "auto" else tempering
    return Spread(SMALLEST_SD if sd == "auto" else sd, round(eta * SIXTEENTHS) / SIXTEENTHS)


def next_spread(
    settings: EvidenceSettings, in_force: Spread, reported: Dispersion, moments: DayMoments
) -> tuple[Spread, DayMoments]:
    """Return what is in force after a review, and the sums over agent-days to keep for the next."""
    left: float = 0.5 ** (seconds_of(settings.review_every) / DAY / DISPERSION_HALF_LIFE_DAYS)
    moments = DayMoments(
        moments.squares * left + reported.day_squares / MILLION,
        moments.variance * left + reported.day_variance / MILLION,
    )
    sd, tempering = in_force.between_agent_sd, in_force.tempering
    if settings.between_agent_sd == "auto":
        estimate = between_agent_sd(reported, sd)
        if abs(estimate - sd) > SD_INERTIA:
            sd = round(round(estimate / SD_STEP) * SD_STEP, 2)
    if settings.tempering == "auto":
        sixteenths: float = SIXTEENTHS / overdispersion(moments) ** TEMPERING_POWER
        if abs(sixteenths - tempering * SIXTEENTHS) > TEMPERING_INERTIA:
            nearest = min(max(round(sixteenths), LEAST_SIXTEENTHS), SIXTEENTHS)
            tempering = nearest / SIXTEENTHS
    return Spread(sd, tempering), moments


def between_agent_sd(reported: Dispersion, in_force: float) -> float:
    """Estimate the spread of honest agents on the logit by trimmed moments.

    Were the spread in force the true one, the squares of the agents who are kept would have the
    mean c (1/V + s^2), c = `trimmed_variance` (2) = 0.774. If it is not, the trimming is at other
    than 2 true standard deviations: the growth of the variance that explains the squares is solved
    for. Shrunk towards `SMALLEST_SD` while few agents are known.
    """
    imagined = IMAGINED_AGENTS * (2.0 * in_force**2) ** -2.0
    weight = reported.weight / MILLION
    estimate = 0.0
    if weight > 0.0:
        noise = reported.noise / MILLION / weight
        total = noise + in_force**2
        estimate = _growth(reported.squares / MILLION / weight / total) * total - noise
    shrunk = (weight * estimate + imagined * SMALLEST_SD**2) / (weight + imagined)
    return min(max(sqrt(max(shrunk, 0.0)), SMALLEST_SD), LARGEST_SD)


def overdispersion(moments: DayMoments) -> float:
    """Estimate how many times their variance by chance agent-days have, shrunk to the default."""
    imagined = IMAGINED_VARIANCE * DEFAULT_TEMPERING ** (-1.0 / TEMPERING_POWER)
    ratio: float = (moments.squares + imagined) / (moments.variance + IMAGINED_VARIANCE)
    return max(ratio, 1.0)


def trimmed_variance(limit: float) -> float:
    """Return the variance of a standard normal variable cut off at ``-limit`` and ``limit``.

    E[z^2; |z| <= a] = P(|z| <= a) - 2 a phi(a), by integration by parts; divided by P(|z| <= a).

    >>> round(trimmed_variance(2.0), 4)
    0.7737
    """
    density = exp(-0.5 * limit * limit) / sqrt(2.0 * pi)
    return 1.0 - 2.0 * limit * density / (2.0 * NormalDist().cdf(limit) - 1.0)


def _growth(squares: float) -> float:
    """Return by what the variance must grow to explain trimmed squares, in units of the old one."""
    # Bisection with a fixed number of steps: nothing depends on a tolerance.
    low, high = 0.0, FASTEST_GROWTH
    for _ in range(60):
        middle = 0.5 * (low + high)
        if middle * trimmed_variance(TRIM / sqrt(middle)) < squares:
            low = middle
        else:
            high = middle
    return low


def _millionths(numbers: Reals) -> int:
    """Add up in millionths, each number rounded alone: exact in any order."""
    return int(np.rint(numbers * MILLION).astype(np.int64).sum())
