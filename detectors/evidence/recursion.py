"""The Shiryaev-Roberts recursion in compiled code: statistics notes, section 4.

The only module that knows numba. No fast-math: every rounding happens where it is written, so the
same outcomes give the same bits however they are cut into batches.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, ParamSpec, TypeVar

from numba import njit

from detectors.evidence.arrays import Booleans, Integers, Reals

LEAST_BELIEF: Final = 1e-250
"""No honest level is ever ruled out for good, and no arithmetic falls to slow subnormals."""

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class State(NamedTuple):
    """One row an agent; axis K runs over odds ratios, axis G over honest levels."""

    belief: Reals
    """(rows, G): posterior of the honest level, a_g."""
    mixture: Reals
    """(rows, K, G): sum over start days, b_gk."""
    best: Reals
    """(rows, K, G): largest term of that sum, m_gk."""
    best_day: Integers
    """(rows, K, G): the start day of that term."""
    best_outcomes: Integers
    """(rows, K, G): `outcomes` just before that start."""
    best_observed: Integers
    """(rows, K, G): `observed` just before that start."""
    best_expected: Reals
    """(rows, K, G): `expected` just before that start."""
    evidence: Reals
    """(rows,): sum of `mixture`, M."""
    agent_days: Integers
    """(rows,): start days injected since the last restart."""
    last_day: Integers
    """(rows,): day of the last injection."""
    outcomes: Integers
    """(rows,): outcomes ever applied."""
    observed: Integers
    """(rows,): bad ones among them."""
    expected: Reals
    """(rows,): sum of their probabilities."""


class Model(NamedTuple):
    """The constants of the recursion, from a `Prior`."""

    honest: Reals
    """(G,): odds factor of an honest level."""
    dishonest: Reals
    """(K, G): odds factor of an honest level times an odds ratio."""
    ratio_weight: float
    """Prior probability of each odds ratio, w_k."""
    largest_evidence: float
    """Evidence is held here: all terms of a row shrink by one factor, so their shares stay."""


class Batch(NamedTuple):
    """Outcomes in the order in which they apply, one an element of each array."""

    rows: Integers
    days: Integers
    probabilities: Reals
    """Of the bad outcome, as peers have it."""
    outcomes: Booleans
    """True is the bad one."""
    evidence: Reals
    """Filled: evidence of the outcome's row right after it."""


def _compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile on first call; keep the machine code on disk where some folder can be written."""
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder for its cache, as in a read-only container
        return njit(error_model="numpy")(function)


@_compiled
def _take_in_start(state: State, model: Model, row: int, day: int) -> None:
    """Let `day` be a possible start: its term begins at the prior probability of what follows."""
    state.last_day[row] = day
    state.agent_days[row] += 1
    ratios, levels = model.dishonest.shape
    for ratio in range(ratios):
        for level in range(levels):
            term = model.ratio_weight * state.belief[row, level]
            state.mixture[row, ratio, level] += term
            if term > state.best[row, ratio, level]:
                state.best[row, ratio, level] = term
                state.best_day[row, ratio, level] = day
                state.best_outcomes[row, ratio, level] = state.outcomes[row]
                state.best_observed[row, ratio, level] = state.observed[row]
                state.best_expected[row, ratio, level] = state.expected[row]


@_compiled
def _weigh(state: State, model: Model, row: int, odds: float, bad: bool) -> float:  # noqa: FBT001 - compiled code takes no keywords
    """Multiply every belief and term by what it gave the outcome; give the new evidence."""
    belief = state.belief[row]
    mixture = state.mixture[row]
    best = state.best[row]
    ratios, levels = model.dishonest.shape
    predictive = 0.0
    for level in range(levels):
        scaled = odds * model.honest[level]
        belief[level] *= (scaled if bad else 1.0) / (1.0 + scaled)
        predictive += belief[level]
    gain = 1.0 / predictive
    for level in range(levels):
        belief[level] = max(belief[level] * gain, LEAST_BELIEF)
    evidence = 0.0
    for ratio in range(ratios):
        for level in range(levels):
            scaled = odds * model.dishonest[ratio, level]
            factor = (scaled if bad else 1.0) / (1.0 + scaled) * gain
            mixture[ratio, level] *= factor
            best[ratio, level] *= factor
            evidence += mixture[ratio, level]
    return evidence


@_compiled
def apply_outcomes(state: State, model: Model, batch: Batch) -> None:
    """Apply outcomes one after the other, in place; the caller has checked every argument."""
    for index in range(batch.rows.size):
        row = batch.rows[index]
        day = batch.days[index]
        probability = batch.probabilities[index]
        bad = batch.outcomes[index]
        if day != state.last_day[row]:
            _take_in_start(state, model, row, day)
        evidence = _weigh(state, model, row, probability / (1.0 - probability), bad)
        if evidence > model.largest_evidence:
            shrink = model.largest_evidence / evidence
            state.mixture[row] *= shrink
            state.best[row] *= shrink
            evidence = model.largest_evidence
        state.evidence[row] = evidence
        state.outcomes[row] += 1
        state.observed[row] += bad
        state.expected[row] += probability
        batch.evidence[index] = evidence
