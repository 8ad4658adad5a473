"""The arithmetic of leaving an agent out of their peers, in compiled code."""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals, SmallIntegers
from detectors.evidence.compilation import compiled
from detectors.peers.expectation import (
    BAD,
    COLUMNS,
    MATURED,
    RECENT_BAD,
    RECENT_EXPECTED,
    baseline,
    level_of_all,
    level_within,
    moved,
    sum_up,
)
from detectors.peers.information import inflation, information_of_all, information_within
from detectors.peers.recent import REMEMBERED_DAYS, faded

OWN_MATURED: Final = COLUMNS
OWN_RECENT_EXPECTED: Final = COLUMNS + 1
"""Beside the totals that peers have in common with everybody, an agent's own in the cell itself.

They stay when the agent is left out of the peers: what is expected is as uncertain as before.
"""

ALL_COLUMNS: Final = COLUMNS + 2

TOUCHED: Final = ALL_COLUMNS
"""The day up to which the recent numbers have faded, a whole number."""

NODE: Final = ALL_COLUMNS + 1
"""The node of the cell, a whole number: held here, it needs no look-up elsewhere."""

RECORD: Final = 8
"""Numbers a slot: so each slot is one line of the processor's cache."""

NO_SLOT: Final = -1
"""Fills up the paths of cells that lie less deep than others."""


class Slots(NamedTuple):
    """Own totals, one slot for each pair of an agent and a cell, wider cells included."""

    table: Reals
    """(slots, RECORD): the totals, `TOUCHED` and `NODE`."""
    paths: SmallIntegers
    """(slots, depths): the agent's slots from the root down to this one, then `NO_SLOT`."""


class Added(NamedTuple):
    """What a day adds at some slots, one an element of each array; slots may repeat."""

    slots: Integers
    matured: Integers
    """Outcomes; a number below 0 withdraws some."""
    bad: Integers
    """Bad ones among them."""
    counted: Booleans
    """Whether they count in the cells too, for others: not those of an agent who is left out."""


class Market(NamedTuple):
    """What is known of all agents at the end of a day, those of the own totals included."""

    nodes: Integers
    """(cells,): the cells of which something is known."""
    numbers: Reals
    """(cells, COLUMNS): their totals."""
    parents: Integers
    """(nodes,): the node in which each lies."""
    shrinkage: float


class Expected(NamedTuple):
    """What is expected of sales, one an element of each array."""

    probabilities: Reals
    """Strictly between 0 and 1."""
    inflations: Reals
    """How many times its variance by chance the difference from them has, because they are
    estimates, at least 1 (see `detectors.peers.information`)."""


# Arrays are taken out of their tuples once, and only numbers are handed to other functions: every
# array that changes hands is counted, which costs more than the work on it.


@compiled
def fade(slots: Slots, chosen: Integers, day: int, left: Reals) -> None:
    """Fade the recent numbers of some slots, and of those on the way to them, up to the day.

    A slot is never more up to date than those on the way to it.
    """
    table, paths = slots.table, slots.paths
    for leaf in chosen:
        for depth in range(paths.shape[1] - 1, -1, -1):
            slot = paths[leaf, depth]
            if slot == NO_SLOT:
                continue
            age = day - table[slot, TOUCHED]
            if age <= 0.0:  # and so are all slots on the way up from here
                break
            share = left[int(min(age, REMEMBERED_DAYS))]
            table[slot, TOUCHED] = day
            table[slot, RECENT_BAD] = faded(table[slot, RECENT_BAD], share)
            table[slot, RECENT_EXPECTED] = faded(table[slot, RECENT_EXPECTED], share)
            table[slot, OWN_RECENT_EXPECTED] = faded(table[slot, OWN_RECENT_EXPECTED], share)


@compiled
def _add(slots: Slots, added: Added, rates: Reals, day: int, left: Reals) -> None:
    """Add what there was at the slots, and what the rates of the baseline expect of it.

    What was recent fades first, as `fade` has it: each slot is looked up once. All sums are exact,
    so their order does not matter.
    """
    table, paths = slots.table, slots.paths
    chosen, matured, bad, counted = added.slots, added.matured, added.bad, added.counted
    for index in range(chosen.size):
        leaf, counts = chosen[index], counted[index]
        number, bad_ones = float(matured[index]), float(bad[index])
        expected = number * rates[int(table[leaf, NODE])]
        for depth in range(paths.shape[1]):
            slot = paths[leaf, depth]
            if slot == NO_SLOT:
                break
            age = day - table[slot, TOUCHED]
            if age > 0.0:
                share = left[int(min(age, REMEMBERED_DAYS))]
                table[slot, TOUCHED] = day
                table[slot, RECENT_BAD] = faded(table[slot, RECENT_BAD], share)
                table[slot, RECENT_EXPECTED] = faded(table[slot, RECENT_EXPECTED], share)
                table[slot, OWN_RECENT_EXPECTED] = faded(table[slot, OWN_RECENT_EXPECTED], share)
            if counts:
                table[slot, MATURED] += number
                table[slot, BAD] += bad_ones
                table[slot, RECENT_BAD] += bad_ones
                table[slot, RECENT_EXPECTED] += expected
        table[leaf, OWN_MATURED] += number
        table[leaf, OWN_RECENT_EXPECTED] += expected


@compiled
def _expect(
    slots: Slots, chosen: Integers, everybody: Reals, shrinkage: float, expected: Expected
) -> None:
    """Fill in what is expected of a sale at each slot by the others' totals, and how surely.

    `everybody` are the totals of each node, shape (nodes, COLUMNS), those of the agent included.
    """
    table, paths = slots.table, slots.paths
    depths, size = paths.shape[1], chosen.size
    there = np.empty(size, np.bool_)
    matured, bad, recent, usual = np.zeros((4, size))
    rate, ratio, lately, ever = np.empty((4, size))
    for depth in range(depths):
        # Numbers are looked up first, all of a depth: the loop over them has no jumps then.
        for index in range(size):
            slot = paths[chosen[index], depth]
            there[index] = slot != NO_SLOT
            if there[index]:
                node = int(table[slot, NODE])
                matured[index] = everybody[node, MATURED] - table[slot, MATURED]
                bad[index] = everybody[node, BAD] - table[slot, BAD]
                recent[index] = everybody[node, RECENT_BAD] - table[slot, RECENT_BAD]
                usual[index] = everybody[node, RECENT_EXPECTED] - table[slot, RECENT_EXPECTED]
        for index in range(size):
            if depth == 0:
                rate[index], ratio[index] = level_of_all(
                    matured[index], bad[index], recent[index], usual[index]
                )
                lately[index], ever[index] = information_of_all(bad[index], usual[index])
            elif there[index]:
                # The information needs the rate of the wider cell: before the level moves on.
                lately[index], ever[index] = information_within(
                    (lately[index], ever[index]), rate[index], bad[index], usual[index], shrinkage
                )
                rate[index], ratio[index] = level_within(
                    (rate[index], ratio[index]),
                    matured[index],
                    bad[index],
                    recent[index],
                    usual[index],
                    shrinkage,
                )
    for index in range(size):
        leaf = chosen[index]
        probability = moved((rate[index], ratio[index]))
        expected.probabilities[index] = probability
        expected.inflations[index] = inflation(
            (lately[index], ever[index]),
            table[leaf, OWN_RECENT_EXPECTED],
            probability * table[leaf, OWN_MATURED],
        )


@compiled
def compare(
    slots: Slots, added: Added, market: Market, day: int, left: Reals, expected: Expected
) -> None:
    """Add what there was on a day; fill in what is expected of a sale at each of the last slots.

    That is, at as many of the slots of `added` as there is room for in `expected`.
    """
    everybody = np.zeros((market.parents.size, COLUMNS))
    for cell in range(market.nodes.size):
        for column in range(COLUMNS):
            everybody[market.nodes[cell], column] = market.numbers[cell, column]
    sum_up(market.parents, everybody)
    rates = baseline(market.parents, everybody, market.shrinkage)
    _add(slots, added, rates, day, left)
    first = added.slots.size - expected.probabilities.size
    _expect(slots, added.slots[first:], everybody, market.shrinkage, expected)
