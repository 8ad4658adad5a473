"""What each agent of one partition sold on a day, and how that compares with his colleagues."""

from collections.abc import Sequence
from math import log
from operator import add
from typing import Final

import numpy as np
from msgspec import Struct, field

from detectors.evidence.arrays import Integers, Reals
from detectors.messages.outcomes import AgentId, Cell, SaleMade
from detectors.messages.sold import DaySold, SoldTotals
from detectors.peers.cells import wider

_MOST_KNOWN: Final = 10_000

_THOUSANDTHS: Final = 1_000.0


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


class Compared(Struct, frozen=True):
    """One number of some agents on a day, as places in `DaySales.agents`."""

    places: Integers
    values: Reals


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
    sales = np.bincount(pairs)
    amounts = np.bincount(pairs, weights=log_amounts).astype(np.int64)
    there = np.flatnonzero(sales)
    return DaySales(
        agents,
        cells,
        (there // max(1, len(cells))).tolist(),
        (there % max(1, len(cells))).tolist(),
        sales[there].tolist(),
        amounts[there].tolist(),
    )


def day_sold(sales: DaySales) -> DaySold:
    """Give what all agents together sold."""
    cell = np.array(sales.cell, np.int64)
    numbers = np.bincount(cell, weights=sales.sales, minlength=len(sales.cells))
    amounts = np.bincount(cell, weights=sales.log_amounts, minlength=len(sales.cells))
    cells = {
        name: SoldTotals(int(number), int(amount))
        for name, number, amount in zip(
            sales.cells, numbers.tolist(), amounts.tolist(), strict=True
        )
    }
    return DaySold(len(sales.agents), int(_log_sales(sales).sum()), cells)


def volumes(own: DaySales, everybody: DaySold) -> Compared:
    """Compare each agent's number of sales with those of his colleagues at work.

    The value is its logarithm minus the mean of theirs: a mean of the numbers would follow the one
    who sells most, and tell of all others when he changes. One who was at work alone has no value.
    """
    others = everybody.at_work - 1
    if others < 1:
        return Compared(np.zeros(0, np.int64), np.zeros(0))
    his = _log_sales(own)
    values = (his - (everybody.log_sales - his) / others) / _THOUSANDTHS
    return Compared(np.arange(his.size), values)


def amounts(own: DaySales, everybody: DaySold) -> Compared:
    """Compare each agent's amounts with those of his colleagues in the same cells that day.

    The value is the mean logarithm, minus what it would be had he sold at the mean of the others.
    Sales that nobody else made the like of are left out; one who has no others has no value.
    """
    totals = [everybody.cells.get(name, SoldTotals()) for name in own.cells]
    cell = np.array(own.cell, np.int64)
    number, amount = np.array(own.sales, np.int64), np.array(own.log_amounts, np.int64)
    others = np.array([total.sales for total in totals], np.int64)[cell] - number
    theirs = np.array([total.log_amounts for total in totals], np.int64)[cell] - amount
    like = others > 0
    agent = np.array(own.agent, np.int64)[like]
    excess = amount[like] - number[like] * theirs[like] / others[like]
    sums = np.bincount(agent, weights=excess, minlength=len(own.agents))
    counts = np.bincount(agent, weights=number[like], minlength=len(own.agents))
    places = np.flatnonzero(counts)
    return Compared(places, sums[places] / (_THOUSANDTHS * counts[places]))


def _log_sales(sales: DaySales) -> Integers:
    """Give the logarithm of the number of sales of each agent, in thousandths."""
    agent = np.array(sales.agent, np.int64)
    numbers = np.bincount(agent, weights=sales.sales, minlength=len(sales.agents))
    if numbers.max(initial=0.0) < _LOGARITHMS.size:
        return _LOGARITHMS[numbers.astype(np.int64)]
    return np.array([_thousandths(number) for number in numbers.tolist()], np.int64)


def _thousandths(number: float) -> int:
    return round(_THOUSANDTHS * log(number))


_LOGARITHMS: Final = np.array([0, *map(_thousandths, range(1, 1_000))], np.int64)
"""Those of the numbers of sales that are common."""
