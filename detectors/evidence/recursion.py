"""The Shiryaev-Roberts recursion in compiled code: `docs/statistics.md`, sections 4 and 8.

The evidence is a sum over start days, one term each, for every odds ratio and honest level. The
terms of one odds ratio and level are multiplied by the same number at each outcome. So only their
sum is kept, and of the largest term its share of the sum, which stays the same.
"""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Booleans, Bytes, Integers, Reals, SmallIntegers
from detectors.evidence.compilation import compiled

LEAST_BELIEF: Final = 1e-250
"""No honest level is ever ruled out for good, and no number becomes a slow subnormal."""

WHOLE: Final = 16
"""Sixteenths of an untempered likelihood."""


NO_PLACE: Final = -1
"""Of a row whose terms are not held: they follow from the few outcomes that its journal keeps."""


NO_START: Final = -1
"""Of a row whose starts all have terms: it needs room for more of them."""


class EvidenceState(NamedTuple):
    """One row an agent, and a place for each whose terms are held.

    Axis K runs over odds ratios, axis G over honest levels, and axis S over the starts of the
    largest terms: few are alive at a time, of 15 times 5 terms four on average and nine at most.
    """

    belief: Reals
    """(places, G): posterior of the honest level, a_g."""
    mixture: Reals
    """(places, K, G): sum over start days, b_gk."""
    best_share: Reals
    """(places, K, G): share of that sum which its largest term has."""
    best_start: Bytes
    """(places, K, G): which of the row's starts that term has."""
    references: Bytes
    """(places, S): how many of these terms have each of the starts; one without any is free."""
    start_day: SmallIntegers
    """(places, S): the day of the start."""
    start_outcomes: SmallIntegers
    """(places, S): `outcomes` just before it."""
    start_observed: SmallIntegers
    """(places, S): `observed` just before it."""
    start_expected: Reals
    """(places, S): `expected` just before it."""
    place: SmallIntegers
    """(rows,): where the terms of the row are held, or `NO_PLACE`."""
    settled: SmallIntegers
    """(rows,): how many spreads of honest agents, of all that were ever in force, the terms have
    followed; they rest on the last of these."""
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
    variance: Reals
    """(rows,): sum of the variances that these probabilities give."""


TERMS: Final = EvidenceState._fields.index("place")
"""How many arrays, the first ones, have an element a place; the others have one a row."""


class Model(NamedTuple):
    """The constants of the recursion."""

    factors: Reals
    """((1 + K) * G,): odds factors of the honest levels, then the same times each odds ratio."""
    ratio_weights: Reals
    """Prior probability of each odds ratio, w_k."""
    largest_evidence: float
    """Evidence is held here: all terms of a row shrink by one factor, so their shares stay."""


class OutcomeBatch(NamedTuple):
    """Outcomes in the order in which they apply, one an element of each array."""

    rows: Integers
    days: Integers
    probabilities: Reals
    """Of the bad outcome, as peers have it."""
    outcomes: Integers
    """1 is the bad one, 0 the good."""
    exponents: Integers
    """Of each likelihood, in sixteenths; 0: the outcome is not applied."""
    spreads: Integers
    """How many spreads the row has to have followed before the outcome."""
    evidence: Reals
    """Filled: evidence of the outcome's row right after it."""


@compiled
def settle(state: EvidenceState, weights: Reals, row: int, spreads: int) -> None:
    """Let a row follow the spreads of honest agents that were in force, up to so many of them.

    `weights` (spreads, G) are the prior probabilities of the levels under each. Evidence is kept.
    """
    place = state.place[row]
    _, ratios, levels = state.mixture.shape
    for spread in range(state.settled[row], spreads):
        if state.outcomes[row] == 0:
            # A row that has learnt nothing believes the prior itself, whichever came before it.
            for level in range(levels):
                state.belief[place, level] = weights[spread, level]
            continue
        total = 0.0
        for level in range(levels):
            state.belief[place, level] *= weights[spread, level] / weights[spread - 1, level]
            total += state.belief[place, level]
        evidence = 0.0
        for level in range(levels):
            change = weights[spread, level] / weights[spread - 1, level]
            state.belief[place, level] = max(state.belief[place, level] / total, LEAST_BELIEF)
            for ratio in range(ratios):
                state.mixture[place, ratio, level] *= change
                evidence += state.mixture[place, ratio, level]
        # What bets have earned stays earned; see `EvidenceRows.reweight` for why this is valid.
        if evidence > 0.0:
            state.mixture[place] *= state.evidence[row] / evidence
    state.settled[row] = max(state.settled[row], spreads)


@compiled
def free_start(state: EvidenceState, row: int) -> int:
    """Return a start of a row that no term has, or `NO_START`."""
    place = state.place[row]
    for start in range(state.references.shape[1]):
        if state.references[place, start] == 0:
            return start
    return NO_START


@compiled
def inject_start(
    state: EvidenceState, model: Model, row: int, day: int, start: int, better: Booleans
) -> None:
    """Add the term of `day` as a possible start: the prior probability of what follows.

    `start` is a free one; `better` (G,) is scratch space for comparisons.
    """
    state.last_day[row] = day
    state.agent_days[row] += 1
    place = state.place[row]
    belief = state.belief[place]
    references = state.references[place]
    state.start_day[place, start] = day
    state.start_outcomes[place, start] = state.outcomes[row]
    state.start_observed[place, start] = state.observed[row]
    state.start_expected[place, start] = state.expected[row]
    _, ratios, levels = state.mixture.shape
    for ratio in range(ratios):
        mixture, share = state.mixture[place, ratio], state.best_share[place, ratio]
        for level in range(levels):
            term = model.ratio_weights[ratio] * belief[level]
            largest = mixture[level] * share[level]
            mixture[level] += term
            # Compared here, acted on in the next loop: one without branches can be vectorised.
            better[level] = term > largest
            share[level] = max(term, largest) / mixture[level]
        for level in range(levels):
            if better[level]:
                references[state.best_start[place, ratio, level]] -= 1
                state.best_start[place, ratio, level] = start
                references[start] += 1


@compiled
def weigh(belief: Reals, mixture: Reals, factors: Reals, largest_evidence: float) -> float:
    """Multiply every belief and term of a row by its likelihood; return the evidence.

    `factors` are arranged as `Model.factors`.
    """
    # Two arrays are passed and not the whole state: each array that is passed is reference-counted,
    # which costs more than the work here.
    ratios, levels = mixture.shape
    predictive = 0.0
    for level in range(levels):
        belief[level] *= factors[level]
        predictive += belief[level]
    # The bet is against what the agent was believed to do as an honest one: dividing by that
    # prediction gives every factor the mean 1, and makes the evidence a martingale.
    gain = 1.0 / predictive
    for level in range(levels):
        belief[level] = max(belief[level] * gain, LEAST_BELIEF)
    terms, their_factors = mixture.reshape(-1), factors[levels:]
    for position in range(terms.size):
        terms[position] *= their_factors[position] * gain
    evidence = 0.0
    for level in range(levels):
        # One sum a level, then their sum: additions that do not wait for each other are fast, and
        # their order is fixed, so the same outcomes give the same bits.
        of_level = 0.0
        for ratio in range(ratios):
            of_level += mixture[ratio, level]
        evidence += of_level
    if evidence > largest_evidence:
        mixture *= largest_evidence / evidence
        return largest_evidence
    return evidence


@compiled
def _temper(factors: Reals, roots: Reals, exponent: int) -> None:
    """Raise to the power of some sixteenths, below 1, by square roots.

    Square roots are rounded exactly by every processor; `pow` is not.
    """
    roots[:] = factors
    factors[:] = 1.0
    rest = exponent
    while rest:
        rest *= 2
        for position in range(roots.size):
            roots[position] = sqrt(roots[position])
        if rest >= WHOLE:
            rest -= WHOLE
            for position in range(roots.size):
                factors[position] *= roots[position]


@compiled
def _likelihoods(odds: float, bad: bool, odds_factors: Reals, factors: Reals) -> None:  # noqa: FBT001 - compiled code takes no keywords
    """Fill in the likelihood of the outcome at each of some odds."""
    if bad:
        for position in range(factors.size):
            scaled = odds * odds_factors[position]
            factors[position] = scaled / (1.0 + scaled)
    else:
        for position in range(factors.size):
            factors[position] = 1.0 / (1.0 + odds * odds_factors[position])


@compiled
def apply_outcomes(
    state: EvidenceState, model: Model, weights: Reals, batch: OutcomeBatch, first: int
) -> int:
    """Apply outcomes one after the other, in place; the caller has checked every argument.

    Every row with an outcome to be applied has a place; `weights` are those of `settle`. Begin with
    the outcome `first`. Return the first one that was not applied, because its row needs room for
    another start.
    """
    # Allocated once for all outcomes, not for each: the loop below is hot.
    factors, roots = np.empty(model.factors.size), np.empty(model.factors.size)
    better = np.empty(state.belief.shape[1], np.bool_)
    for index in range(first, batch.rows.size):
        row = batch.rows[index]
        day = batch.days[index]
        probability = batch.probabilities[index]
        bad = batch.outcomes[index] != 0
        exponent = batch.exponents[index]
        if exponent == 0:
            batch.evidence[index] = state.evidence[row]
            continue
        if state.settled[row] < batch.spreads[index]:
            settle(state, weights, row, batch.spreads[index])
        if day != state.last_day[row]:
            start = free_start(state, row)
            if start == NO_START:
                return index
            inject_start(state, model, row, day, start, better)
        odds = probability / (1.0 - probability)
        _likelihoods(odds, bad, model.factors, factors)
        if exponent < WHOLE:
            _temper(factors, roots, exponent)
        place = state.place[row]
        evidence = weigh(state.belief[place], state.mixture[place], factors, model.largest_evidence)
        state.evidence[row] = evidence
        state.outcomes[row] += 1
        state.observed[row] += bad
        state.expected[row] += probability
        state.variance[row] += probability * (1.0 - probability)
        batch.evidence[index] = evidence
    return batch.rows.size
