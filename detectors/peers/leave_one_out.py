"""The arithmetic of leaving an agent out of their peers, in compiled code."""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.peers.expectation import (
    BAD,
    COLUMNS,
    MATURED,
    RECENT_BAD,
    RECENT_EXPECTED,
    level_of_all,
    level_within,
    moved,
)
from detectors.peers.information import inflation, information_of_all, information_within
from detectors.peers.recent import FINENESS, REMEMBERED_DAYS

OWN_MATURED: Final = COLUMNS
OWN_RECENT_EXPECTED: Final = COLUMNS + 1
ALL_COLUMNS: Final = COLUMNS + 2
"""Beside the totals that peers have in common with everybody, an agent's own in the cell itself.

They stay when the agent is left out of the peers: what is expected is as uncertain as before.
"""

NO_SLOT: Final = -1
"""Fills up the paths of cells that lie less deep than others."""


class Slots(NamedTuple):
    """Own totals, one slot for each pair of an agent and a cell, wider cells included."""

    row: Integers
    """(slots,): the agent."""
    node: Integers
    """(slots,): the cell."""
    touched: Integers
    """(slots,): the day up to which the recent numbers have faded."""
    table: Reals
    """(slots, ALL_COLUMNS): the totals."""
    paths: Integers
    """(slots, depths): the agent's slots from the root down to this one, then `NO_SLOT`."""


class Added(NamedTuple):
    """What a day adds at some slots, one an element of each array."""

    matured: Integers
    """Outcomes; a number below 0 withdraws some."""
    bad: Integers
    """Bad ones among them."""
    counted: Booleans
    """Whether they count in the cells too, for others: not those of an agent who is left out."""


# Arrays are taken out of their tuples once, and only numbers are handed to other functions: every
# array that changes hands is counted, which costs more than the work on it.


@compiled
def _faded(recent: float, share: float) -> float:
    """Return what is left of a recent number: `faded`, for one number."""
    return float(np.trunc(recent * share * FINENESS) / FINENESS)


@compiled
def fade(slots: Slots, chosen: Integers, day: int, left: Reals) -> None:
    """Fade the recent numbers of some slots, and of those on the way to them, up to the day.

    A slot is never more up to date than those on the way to it.
    """
    touched, table, paths = slots.touched, slots.table, slots.paths
    for leaf in chosen:
        for depth in range(paths.shape[1] - 1, -1, -1):
            slot = paths[leaf, depth]
            if slot == NO_SLOT:
                continue
            age = min(day - touched[slot], REMEMBERED_DAYS)
            if age <= 0:  # and so are all slots on the way up from here
                break
            touched[slot] = day
            share = left[age]
            for column in (RECENT_BAD, RECENT_EXPECTED, OWN_RECENT_EXPECTED):
                table[slot, column] = _faded(table[slot, column], share)


@compiled
def add(slots: Slots, chosen: Integers, added: Added, rates: Reals, day: int, left: Reals) -> None:
    """Add what there was at the chosen slots on a day, and what the baseline expects of it.

    `rates` are those of the baseline, of each node. What was recent fades first, as `fade` has it:
    each slot is looked up once. All sums are exact, so their order does not matter.
    """
    touched, table = slots.touched, slots.table
    paths, node = slots.paths, slots.node
    matured, bad, counted = added.matured, added.bad, added.counted
    for index in range(chosen.size):
        leaf, number, bad_ones = chosen[index], matured[index], bad[index]
        expected = number * rates[node[leaf]]
        for depth in range(paths.shape[1]):
            slot = paths[leaf, depth]
            if slot == NO_SLOT:
                break
            age = min(day - touched[slot], REMEMBERED_DAYS)
            if age > 0:
                touched[slot] = day
                share = left[age]
                for column in (RECENT_BAD, RECENT_EXPECTED, OWN_RECENT_EXPECTED):
                    table[slot, column] = _faded(table[slot, column], share)
            if counted[index]:
                table[slot, MATURED] += number
                table[slot, BAD] += bad_ones
                table[slot, RECENT_BAD] += bad_ones
                table[slot, RECENT_EXPECTED] += expected
        table[leaf, OWN_MATURED] += number
        table[leaf, OWN_RECENT_EXPECTED] += expected


@compiled
def expectations(
    slots: Slots,
    chosen: Integers,
    everybody: Reals,
    shrinkage: float,
    probabilities: Reals,
    inflations: Reals,
) -> None:
    """Fill in what is expected of a sale at each chosen slot by the others' totals, and how surely.

    `everybody` are the totals of each node, shape (nodes, COLUMNS), those of the agent included.
    """
    table, paths, nodes = slots.table, slots.paths, slots.node
    for index in range(chosen.size):
        leaf = chosen[index]
        level = information = (0.0, 0.0)
        for depth in range(paths.shape[1]):
            slot = paths[leaf, depth]
            if slot == NO_SLOT:
                break
            node = nodes[slot]
            matured = everybody[node, MATURED] - table[slot, MATURED]
            bad = everybody[node, BAD] - table[slot, BAD]
            lately = everybody[node, RECENT_BAD] - table[slot, RECENT_BAD]
            usual = everybody[node, RECENT_EXPECTED] - table[slot, RECENT_EXPECTED]
            if node == 0:
                level = level_of_all(matured, bad, lately, usual)
                information = information_of_all(bad, usual)
            else:
                # The information needs the rate of the wider cell: before the level moves on.
                information = information_within(information, level[0], bad, usual, shrinkage)
                level = level_within(level, matured, bad, lately, usual, shrinkage)
        probability = moved(level)
        probabilities[index] = probability
        inflations[index] = inflation(
            information, table[leaf, OWN_RECENT_EXPECTED], probability * table[leaf, OWN_MATURED]
        )
