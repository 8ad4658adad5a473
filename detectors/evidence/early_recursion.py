"""The recursion of the early tier in compiled code: `docs/statistics.md`, section 5, mode C."""

from math import exp, log
from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.evidence.recursion import (
    NO_START,
    WHOLE,
    EvidenceState,
    Model,
    free_start,
    inject_start,
    settle,
    weigh,
)

MOST: Final = 400.0
"""Logarithm of the largest factor of one day, of a dishonest level: all products stay finite.

Holding it down only ever understates the evidence.
"""


class AgentDayBatch(NamedTuple):
    """Agent-days in the order in which they apply, one an element of each array."""

    rows: Integers
    days: Integers
    expected: Reals
    """How many sales of the day's risk peers would have seen end, Lambda."""
    ended: Integers
    """How many did, C."""
    exponents: Integers
    """Of each likelihood, in sixteenths; 0: the day is not applied."""
    spreads: Integers
    """How many spreads the row has to have followed before the day."""
    evidence: Reals
    """Filled: evidence of the row right after the day."""


@compiled
def apply_days(
    state: EvidenceState, model: Model, weights: Reals, batch: AgentDayBatch, first: int
) -> int:
    """Apply agent-days one after the other, in place; the caller has checked every argument.

    Every row with a day to be applied has a place; `weights` are those of `settle`. Begin with the
    day `first`. Return the first one that was not applied, because its row needs room for another
    start.
    """
    factors = np.empty(model.factors.size)
    levels = state.belief.shape[1]
    better = np.empty(levels, np.bool_)
    logarithms = np.log(model.factors)
    for index in range(first, batch.rows.size):
        row = batch.rows[index]
        day = batch.days[index]
        expected = batch.expected[index]
        ended = batch.ended[index]
        tempering = batch.exponents[index] / WHOLE
        if tempering == 0.0:
            batch.evidence[index] = state.evidence[row]
            continue
        if state.settled[row] < batch.spreads[index]:
            settle(state, weights, row, batch.spreads[index])
        if day != state.last_day[row]:
            start = free_start(state, row)
            if start == NO_START:
                return index
            inject_start(state, model, row, day, start, better)
        place = state.place[row]
        for position in range(factors.size):
            rate = model.factors[position] * expected
            factors[position] = tempering * (ended * logarithms[position] - rate)
        # Relative to the likeliest level, whose factor times its belief is then 1: the prediction
        # cannot underflow, however far the count is from what was expected.
        likeliest = -np.inf
        for level in range(levels):
            likeliest = max(likeliest, factors[level] + log(state.belief[place, level]))
        for level in range(levels):
            factors[level] = exp(factors[level] - likeliest)
        for position in range(levels, factors.size):
            factors[position] = exp(min(factors[position] - likeliest, MOST))
        evidence = weigh(state.belief[place], state.mixture[place], factors, model.largest_evidence)
        state.evidence[row] = evidence
        state.outcomes[row] += 1
        state.observed[row] += ended
        state.expected[row] += expected
        state.variance[row] += expected  # a Poisson count has the variance of its mean
        batch.evidence[index] = evidence
    return batch.rows.size
