"""What is known of one group of agents, all but those left out: totals per cell."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Reals
from detectors.messages.outcomes import CellTotals, Totals
from detectors.peers.cells import CellTree
from detectors.peers.expectation import (
    BAD,
    COLUMNS,
    MATURED,
    RECENT_BAD,
    RECENT_EXPECTED,
    baseline,
    summed,
)
from detectors.peers.recent import REMEMBERED_DAYS, faded

_matured: Final = attrgetter("matured")
_bad: Final = attrgetter("bad")


class Population:
    """Totals per cell, ever and recent, a day at a time.

    Parameters
    ----------
    left
        What is left of a recent number after some days, as `fading` returns it.
    shrinkage
        How many outcomes the wider cell is worth against a cell's own.
    """

    def __init__(self, left: Reals, shrinkage: float) -> None:
        self._left: Final = left
        self._shrinkage: Final = shrinkage
        self._tree: Final = CellTree()
        self._cells: dict[Cell, int] = {}
        self._table = np.zeros((1, COLUMNS))

    def forget(self, cells: Mapping[Cell, CellTotals]) -> None:
        """Subtract the past of agents who leave, as it was at the end of the last day."""
        self._know(cells)
        for cell, past in cells.items():
            self._table[self._cells[cell]] -= (
                past.matured,
                past.bad,
                past.recent_bad,
                past.recent_expected,
            )

    def add(self, changes: Mapping[Cell, Totals], days: int) -> None:
        """Fade what is recent by `days`, then count what one day adds to each cell."""
        self._know(changes)
        table = self._table
        table[:, RECENT_BAD:] = faded(table[:, RECENT_BAD:], self._left[min(days, REMEMBERED_DAYS)])
        if not changes:
            return
        nodes = np.array([*map(self._cells.__getitem__, changes)], np.int64)
        matured = np.array([*map(_matured, changes.values())], np.float64)
        bad = np.array([*map(_bad, changes.values())], np.float64)
        table[nodes, MATURED] += matured
        table[nodes, BAD] += bad
        table[nodes, RECENT_BAD] += bad
        # After today's outcomes were added, so that an agent who knows the totals of the review
        # gets the very same rates (see `baseline`).
        ever = table[:, : BAD + 1].copy()
        summed(self._tree, ever)
        rates = baseline(self._tree, ever[:, MATURED], ever[:, BAD], self._shrinkage)
        table[nodes, RECENT_EXPECTED] += matured * rates[nodes]

    def totals(self) -> dict[Cell, CellTotals]:
        """Return the totals of every cell that ever occurred, in the order of their names."""
        table = self._table[list(self._cells.values())]
        ever = table[:, : BAD + 1].astype(np.int64).T.tolist()
        lately = table[:, RECENT_BAD:].T.tolist()
        return dict(zip(self._cells, map(CellTotals, *ever, *lately), strict=True))

    def restore(self, totals: Mapping[Cell, CellTotals]) -> None:
        """Restore the `totals` of another population, into one that is still empty."""
        self._know(totals)
        for cell, known in totals.items():
            row = (known.matured, known.bad, known.recent_bad, known.recent_expected)
            self._table[self._cells[cell]] = row

    def _know(self, cells: Iterable[Cell]) -> None:
        new = set(cells) - self._cells.keys()
        if not new:
            return
        # Sorted by name, so that `totals` does not depend on the order in which cells came.
        known = self._cells | {cell: self._tree.node(cell) for cell in new}
        self._cells = dict(sorted(known.items()))
        missing = len(self._tree) - len(self._table)
        self._table = np.concatenate([self._table, np.zeros((missing, COLUMNS))])
