"""Cut-offs of the shadow null: which random keys of a day and cell count as bad outcomes."""

from typing import Final

import numpy as np

from detectors.evidence.arrays import Integers
from detectors.messages.cell_columns import KnownTotals, integers
from detectors.peers.cells import CellTree

NONE_BAD: Final = -1
"""A cut-off below all random keys: no sale of the day and cell counts as bad."""


def cutoffs_by_rank(random_keys: Integers, cells: Integers, bad: Integers) -> Integers:
    """Return for each cell the largest key that counts as a bad outcome, `NONE_BAD` if none does.

    As many of the smallest keys count as bad as outcomes of the day were. Corrections of earlier
    days are among these, within 0 and the number of keys: each adds or removes one bad outcome of
    the shadow on the day it became known, which its own totals and those of everybody share.

    Parameters
    ----------
    random_keys, cells
        One pseudo-random number, at least 0, for each fresh outcome, and the number of its cell.
    bad
        Of each cell, by how much the day changes the number of bad outcomes.

    Examples
    --------
    >>> cutoffs_by_rank(np.array([7, 1, 9, 3]), np.array([0, 0, 0, 1]), np.array([2, 0])).tolist()
    [7, -1]
    """
    number = np.bincount(cells, minlength=bad.size)
    first = np.cumsum(number) - number
    rank = np.minimum(bad, number)
    some = np.flatnonzero(rank > 0)
    in_order = random_keys[np.lexsort((random_keys, cells))]
    cutoffs = np.full(bad.size, NONE_BAD, np.int64)
    cutoffs[some] = in_order[first[some] + rank[some] - 1]
    return cutoffs


def cutoffs_by_share(matured: Integers, bad: Integers) -> Integers:
    """Return the cut-offs of cells for which no random keys are reported, from the share of bad.

    If random keys are drawn for sales at risk (from 0 to 2^63 - 1), and those up to the cut-off
    count as bad, each sale is bad with the probability that the day's totals give.

    Examples
    --------
    >>> cutoffs_by_share(np.array([8, 8]), np.array([2, 0])).tolist()
    [2305843009213693951, -1]
    """
    cutoffs = np.full(bad.size, NONE_BAD, np.int64)
    some = np.flatnonzero((matured > 0) & (bad > 0))
    # One by one: the products need more than 64 bits, and few cells have a bad outcome on a day.
    cutoffs[some] = [
        2**63 * min(bad_ones, number) // number - 1
        for number, bad_ones in zip(matured[some].tolist(), bad[some].tolist(), strict=True)
    ]
    return cutoffs


def cutoffs_by_node(tree: CellTree, known: KnownTotals) -> Integers:
    """Return the cut-off of every node, in the order of nodes: `NONE_BAD` where none is known."""
    nodes = tree.nodes(known.cells)
    cutoffs = np.full(len(tree), NONE_BAD, np.int64)
    if known.null_cutoffs:
        cutoffs[nodes] = integers(known.null_cutoffs)
    return cutoffs
