"""What each agent of one partition sold on a day, as counts and sums."""

from math import log
from typing import Final

import numpy as np
from msgspec import Struct, field

from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Integers, Reals
from detectors.messages.sold import DaySold, SoldTotals

THOUSANDTHS: Final = 1_000.0
"""Logarithms are summed as whole thousandths: such sums are the same in any order."""


class DaySales(Struct, frozen=True, array_like=True):
    """Sales of a day, in the order of the agents' names, then of the cells'.

    ``agents`` and ``cells`` are distinct and sorted; a cell is the widest below the root. The lists
    of integers have one element for each agent and cell with sales: places in those two, and what
    `SoldTotals` holds.
    """

    agents: list[AgentId] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    agent: list[int] = field(default_factory=list)
    cell: list[int] = field(default_factory=list)
    sales: list[int] = field(default_factory=list)
    log_amounts: list[int] = field(default_factory=list)
    priced: list[int] = field(default_factory=list)


class Compared(Struct, frozen=True):
    """One number of some agents on a day, as places in `DaySales.agents`."""

    places: Integers
    values: Reals


def day_sold(sales: DaySales) -> DaySold:
    """Add up what all agents together sold."""
    cell = np.array(sales.cell, np.int64)
    numbers = np.bincount(cell, weights=sales.sales, minlength=len(sales.cells))
    amounts = np.bincount(cell, weights=sales.log_amounts, minlength=len(sales.cells))
    priced = np.bincount(cell, weights=sales.priced, minlength=len(sales.cells))
    cells = {
        name: SoldTotals(int(number), int(amount), int(known))
        for name, number, amount, known in zip(
            sales.cells, numbers.tolist(), amounts.tolist(), priced.tolist(), strict=True
        )
    }
    return DaySold(len(sales.agents), int(log_sales(sales).sum()), cells)


def log_sales(sales: DaySales) -> Integers:
    """Return the logarithm of the number of sales of each agent, in thousandths."""
    agent = np.array(sales.agent, np.int64)
    numbers = np.bincount(agent, weights=sales.sales, minlength=len(sales.agents))
    if numbers.max(initial=0.0) < _LOGARITHMS.size:
        return _LOGARITHMS[numbers.astype(np.int64)]
    return np.array([_thousandths(number) for number in numbers.tolist()], np.int64)


def _thousandths(number: float) -> int:
    return round(THOUSANDTHS * log(number))


_LOGARITHMS: Final = np.array([0, *map(_thousandths, range(1, 1_000))], np.int64)
"""Those of the numbers of sales that are common."""
