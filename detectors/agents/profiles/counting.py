"""Counts the sales of a day by agent and widest cell."""

from collections.abc import Sequence
from operator import add
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell
from detectors.messages.outcomes import SaleMade
from detectors.peers.cells import wider
from detectors.profiles.day_sales import DaySales

_MOST_KNOWN: Final = 10_000


class WidestCells(dict[Cell, Cell]):
    """The widest cell below the root in which each lies, found when it is first asked for."""

    def __missing__(self, cell: Cell) -> Cell:
        """Find that of a cell."""
        widest = cell
        while parent := wider(widest):
            widest = parent
        if len(self) >= _MOST_KNOWN:
            self.clear()
        self[cell] = widest
        return widest


def day_sales(made: Sequence[SaleMade], widest: WidestCells) -> DaySales:
    """Count the sales of a day by agent and widest cell; their order does not matter."""
    sellers = [sale.agent_id for sale in made]
    kinds = [widest[sale.cell] for sale in made]
    agents, cells = sorted(set(sellers)), sorted(set(kinds))
    first = {agent_id: number * len(cells) for number, agent_id in enumerate(agents)}
    rank = {name: number for number, name in enumerate(cells)}
    pairs = np.array(
        [*map(add, map(first.__getitem__, sellers), map(rank.__getitem__, kinds))], np.int64
    )
    log_amounts = np.array([sale.log_amount for sale in made], np.float64)
    is_priced = log_amounts >= 0.0
    sales = np.bincount(pairs)
    amounts = np.bincount(pairs, weights=log_amounts * is_priced).astype(np.int64)
    priced = np.bincount(pairs, weights=is_priced).astype(np.int64)
    there = np.flatnonzero(sales)
    return DaySales(
        agents,
        cells,
        (there // max(1, len(cells))).tolist(),
        (there % max(1, len(cells))).tolist(),
        sales[there].tolist(),
        amounts[there].tolist(),
        priced[there].tolist(),
    )
