"""What is to be expected of an agent's sale, judged by the sales of others.

`docs/statistics.md`, section 6: the agent is left out, a cell is shrunk to the one it lies in, and
the market may move. Totals stand in tables of four columns: `MATURED` and `BAD` outcomes ever,
`RECENT_BAD` ones and how many the baselines of their days expected, `RECENT_EXPECTED`, both fading.

Examples
--------
Of 900 outcomes of others in the cell 45 were bad, of 9,990 anywhere 995; the imagined ones
make that 1,000 of 10,000, which weighs as much as 100 outcomes with a rate of 10 %.

>>> everywhere = level_of_all(9_990.0, 995.0, 0.0, 0.0)
>>> round(moved(level_within(everywhere, 900.0, 45.0, 0.0, 0.0, 100.0)), 9)
0.055

Lately 30 were bad where 10 had been expected: (30 + 10) / (10 + 10) times as many.

>>> round(moved(level_within(everywhere, 900.0, 45.0, 30.0, 10.0, 100.0)), 9)
0.11
"""

from typing import Final, TypeAlias

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.peers.recent import FINENESS

MATURED, BAD, RECENT_BAD, RECENT_EXPECTED = range(4)
COLUMNS: Final = 4

INNOCENT_BAD: Final = 5
INNOCENT_MATURED: Final = 10
"""Imagined outcomes of others: with few real ones, the expectation is high and accuses nobody."""

CALM_MARKET: Final = 3.0
"""Imagined recent bad outcomes, all of them expected: few real ones do not move the market.

Between 1 and 10 nothing measured changes: a sales force of 200 has 150 recent ones.
"""

CALM_CELL: Final = 10.0
"""Recent bad outcomes that the level of the wider cell is worth against a cell's own.

Simulated: 200 agents, 600 sales a day, four products at .03 to .12, half-life 3 days. With 3, 10,
30 and 100 the logarithm of an expectation has the standard deviation .105, .094, .080 and .068
while nothing happens, and is .08, .13, .22 and .35 too low in a month in which the odds of one
product double. With 2,000 agents it is .03 and at most .06 throughout.
"""

LEAST: Final = 1e-9
"""No expectation is nearer to 0 or 1: what was never seen may happen all the same."""


Level: TypeAlias = tuple[float, float]
"""Of a cell: the rate over all time, and how many times that the market is at lately."""


@compiled
def sum_up(parents: Integers, table: Reals) -> None:
    """Add to the row of every node, in place, the rows of the cells that lie in it.

    `parents` is the node in which each lies, as `CellTree` numbers them.
    """
    for node in range(parents.size - 1, 0, -1):  # each lies after the one it lies in
        for column in range(table.shape[1]):
            table[parents[node], column] += table[node, column]


@compiled
def baseline(parents: Integers, table: Reals, shrinkage: float) -> Reals:
    """Return the rate of every node over all time and all agents, as a multiple of 1 / `FINENESS`.

    From the same totals it is the same to the bit, however the nodes are numbered: so an agents
    partition knows what share of `RECENT_EXPECTED` is an agent's own.

    Parameters
    ----------
    parents
        The node in which each lies, as `CellTree` numbers them.
    table
        Of each node `MATURED` and `BAD` outcomes, maybe more: whole numbers. Less than nothing, as
        corrections may leave, counts as nothing.
    shrinkage
        How many outcomes the wider cell is worth against a cell's own.
    """
    rates = np.empty(parents.size)
    for node in range(parents.size):
        number = max(table[node, MATURED], 0.0)
        bad_ones = min(max(table[node, BAD], 0.0), number)
        if node == 0:
            rates[node] = (bad_ones + INNOCENT_BAD) / (number + INNOCENT_MATURED)
        else:
            wider = rates[parents[node]]
            rates[node] = (bad_ones + shrinkage * wider) / (number + shrinkage)
    # Rounded only at the end: a rounded rate must not be what narrower cells are shrunk to.
    for node in range(parents.size):
        rate = min(max(rates[node], LEAST), 1.0 - LEAST)
        rates[node] = np.rint(rate * FINENESS) / FINENESS
    return rates


@compiled
def moved(level: Level) -> float:
    """Multiply a rate by the level of the market, which covers half the way to 1 at most.

    Return the probability, strictly between 0 and 1, that a sale goes bad.
    """
    rate, ratio = level
    return min(max(min(rate * ratio, 0.5 + 0.5 * rate), LEAST), 1.0 - LEAST)


@compiled
def level_of_all(matured: float, bad: float, recent_bad: float, recent_expected: float) -> Level:
    """Return the rate and the level of the market in the root, from the totals of some agents.

    What corrections have left below nothing counts as nothing.
    """
    matured = max(matured, 0.0)
    rate = (min(max(bad, 0.0), matured) + INNOCENT_BAD) / (matured + INNOCENT_MATURED)
    calm = CALM_MARKET
    return rate, (max(recent_bad, 0.0) + calm) / (max(recent_expected, 0.0) + calm)


@compiled
def level_within(
    wider: Level,
    matured: float,
    bad: float,
    recent_bad: float,
    recent_expected: float,
    shrinkage: float,
) -> Level:
    """Return the rate and the level of the market in a cell, shrunk to those of the `wider` one.

    The level passes from cell to cell as a ratio of odds: a storm that doubles the odds of all
    cells multiplies a rate of .05 by 1.9, and one of .4 by 1.4 only.
    """
    rate, ratio = wider
    odds_ratio = ratio * (1.0 - rate) / (1.0 - moved(wider))
    matured = max(matured, 0.0)
    rate = (min(max(bad, 0.0), matured) + shrinkage * rate) / (matured + shrinkage)
    rate = min(max(rate, LEAST), 1.0 - LEAST)
    passed_on = CALM_CELL * (odds_ratio / (1.0 + rate * (odds_ratio - 1.0)))
    return rate, (max(recent_bad, 0.0) + passed_on) / (max(recent_expected, 0.0) + CALM_CELL)
