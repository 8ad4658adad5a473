"""The ring of counters by age: how many sales of each agent can still go bad, day by day.

`docs/statistics.md`, section 5, mode C: what the early tier needs to know of the sales of a window
is how many of each age were at risk on a day, and how many of those ended badly on it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.early.name_table import Name, NameTable
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName
from detectors.evidence.arrays import Booleans, Integers
from detectors.evidence.compilation import compiled
from detectors.messages.outcomes import SaleEnded, SaleMade, SalesDay

_INTEGER: Final = np.dtype("<i8")

_MANY: Final = 1_000
"""Cells of which no names for all ages are kept."""


class DayExposure(Struct, frozen=True):
    """Sales at risk on one day, a row for each agent, age and cell that has any.

    ``agents`` and ``cells`` are positions in ``agent_names`` and ``cell_names``; a cell is named
    ``age/cell``, the age in days. ``at_risk`` counts sales that had not ended before the day,
    ``ended`` those of them that ended badly on it. The rows of one agent are in the order of age,
    then of cell, whoever else sells in this partition: sums over them are exactly reproducible.
    """

    day: Day
    agent_names: Sequence[AgentId]
    agents: Integers
    cell_names: Sequence[Cell]
    cells: Integers
    at_risk: Integers
    ended: Integers

    @property
    def is_empty(self) -> bool:
        """Whether no sale is at risk on the day."""
        return not self.at_risk.size


class SoldState(Struct, array_like=True):
    """Sales of one day in a snapshot, as little-endian 64-bit integers."""

    agents: bytes
    cells: bytes
    counts: bytes
    sale_hashes: bytes
    groups: bytes


class AtRiskState(Struct):
    """An `AtRisk` in a snapshot: ``sold`` is by day."""

    agents: list[AgentId]
    cells: list[Cell]
    sold: dict[Day, SoldState]


class _Sold(Struct):
    """Sales of one day: groups by agent and cell, and the group of each sale (-1: it has ended).

    ``agents``, ``cells`` and ``counts`` are of groups; ``sale_hashes``, in ascending order, and
    ``groups`` are of sales.
    """

    agents: Integers
    cells: Integers
    counts: Integers
    sale_hashes: Integers
    groups: Integers


class AtRisk:
    """Follows the sales of one pattern from the day they are made until their window has passed.

    Identical sales of one agent and day are one trial: of those only the one with the smallest hash
    is followed. Days are added whole and in their order.

    Parameters
    ----------
    pattern
        The pattern, by whose ``ended`` sales leave.
    window
        In days. On the last of them a sale is ``ceil(window)`` days old.
    """

    def __init__(self, pattern: PatternName, window: float) -> None:
        self._pattern: Final = pattern
        self._oldest: Final = ceil(window)
        self._agents = NameTable[AgentId]()
        self._cells = NameTable[Cell]()
        self._sold: dict[Day, _Sold] = {}
        self._aged: tuple[Sequence[Cell], Sequence[Cell]] = ((), ())

    def __len__(self) -> int:
        """Count the agents remembered."""
        return len(self._agents)

    def advance(self, day: Day, sales: Mapping[Day, SalesDay]) -> DayExposure:
        """Advance to a day; return what was at risk on it.

        `sales` are those of the day, and of earlier days that were not added before it. Sales that
        ended leave after the day on which they ended.
        """
        for earlier in sorted(known for known in sales if known < day):
            self._add(earlier, sales[earlier].made)
            self._leave(sales[earlier].ended.get(self._pattern, ()))
        today = sales.get(day, SalesDay())
        self._add(day, today.made)
        ages = [age for age in range(self._oldest + 1) if day - age in self._sold]
        # A copy, before anyone leaves: who ends on a day was at risk on it.
        at_risk = _joined([self._sold[day - age].counts for age in ages])
        bad = self._leave(today.ended.get(self._pattern, ()))
        exposure = self._exposure(day, ages, at_risk, bad)
        self._forget(day)
        return exposure

    def snapshot(self) -> AtRiskState:
        """Return the whole state."""
        return AtRiskState(
            list(self._agents.names),
            list(self._cells.names),
            {
                day: SoldState(*(array.astype(_INTEGER).tobytes() for array in _arrays(sold)))
                for day, sold in self._sold.items()
            },
        )

    def restore(self, state: AtRiskState) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty."""
        self._agents, self._cells = NameTable(state.agents), NameTable(state.cells)
        self._sold = {
            day: _Sold(
                *(
                    np.frombuffer(saved, _INTEGER).astype(np.int64)
                    for saved in (
                        sold.agents,
                        sold.cells,
                        sold.counts,
                        sold.sale_hashes,
                        sold.groups,
                    )
                )
            )
            for day, sold in state.sold.items()
        }

    def _add(self, day: Day, made: Sequence[SaleMade]) -> None:
        """Follow the sales of a day from now on."""
        if not made:
            return
        agents = self._agents.positions([sale.agent_id for sale in made])
        cells, ranks = _ranks([sale.cell for sale in made])
        sale_hashes = np.array([sale.sale_hash for sale in made], np.int64)
        batches = [sale.batch for sale in made]
        if len(set(batches)) < len(batches):
            trials = _trials(agents, np.array(batches, np.int64), sale_hashes)
            agents, ranks, sale_hashes = agents[trials], ranks[trials], sale_hashes[trials]
        pairs, groups, counts = np.unique(
            agents * len(cells) + ranks, return_inverse=True, return_counts=True
        )
        in_order = np.argsort(sale_hashes)
        self._sold[day] = _Sold(
            pairs // len(cells),
            self._cells.positions(cells)[pairs % len(cells)],
            counts,
            sale_hashes[in_order],
            groups[in_order],
        )

    def _leave(self, ended: Iterable[SaleEnded]) -> dict[Day, Integers]:
        """Remove sales that have ended; count the bad ones in each group, by day sold."""
        by_day: dict[Day, list[SaleEnded]] = {}
        for sale in ended:
            if sale.sold_on in self._sold:
                by_day.setdefault(sale.sold_on, []).append(sale)
        bad: dict[Day, Integers] = {}
        for sold_on, sales in by_day.items():
            sold = self._sold[sold_on]
            sale_hashes = np.array([sale.sale_hash for sale in sales], np.int64)
            agents = self._agents.found([sale.agent_id for sale in sales])
            is_bad = np.array([sale.bad for sale in sales], np.bool_)
            bad[sold_on] = _left(
                sold.sale_hashes, sold.groups, sold.agents, sold.counts, sale_hashes, agents, is_bad
            )
        return bad

    def _exposure(
        self, day: Day, ages: Sequence[int], at_risk: Integers, bad: Mapping[Day, Integers]
    ) -> DayExposure:
        """Return the exposure of all `ages`, one after the other; `bad` is by day sold."""
        number = len(self._cells)
        sold = [self._sold[day - age] for age in ages]
        agents = _joined([one.agents for one in sold])
        cells = _joined([one.cells + age * number for age, one in zip(ages, sold, strict=True)])
        ended = np.zeros(at_risk.size, np.int64)
        end = 0
        for age, one in zip(ages, sold, strict=True):
            start, end = end, end + one.counts.size
            if day - age in bad:
                ended[start:end] = bad[day - age]
        there = np.flatnonzero(at_risk)
        names, cells = self._named(cells[there])
        return DayExposure(
            day, self._agents.names, agents[there], names, cells, at_risk[there], ended[there]
        )

    def _named(self, cells: Integers) -> tuple[Sequence[Cell], Integers]:
        """Return names of aged cells, and the places of `cells` among them."""
        names = self._cells.names
        if len(names) <= _MANY:
            return self._aged_cells(), cells
        # Each of many cells has few ages at a time, so most names would be made for nothing.
        used, places = np.unique(cells, return_inverse=True)
        ages, own = np.divmod(used, len(names))
        aged = zip(ages.tolist(), own.tolist(), strict=True)
        return tuple(Cell(f"{age}/{names[cell]}") for age, cell in aged), places

    def _aged_cells(self) -> Sequence[Cell]:
        """Return the names of all ages of all cells, the same object until there are others."""
        names = self._cells.names
        if names is not self._aged[0]:
            ages = range(self._oldest + 1)
            self._aged = names, tuple(Cell(f"{age}/{name}") for age in ages for name in names)
        return self._aged[1]

    def _forget(self, day: Day) -> None:
        """Drop sales that are too old for the next day, and names that no sale has any more."""
        for sold_on in [known for known in self._sold if known <= day - self._oldest]:
            del self._sold[sold_on]
        sold = list(self._sold.values())
        for moved, one in zip(self._agents.compact([s.agents for s in sold]), sold, strict=False):
            one.agents = moved
        for moved, one in zip(self._cells.compact([s.cells for s in sold]), sold, strict=False):
            one.cells = moved


@compiled
def _left(
    known: Integers,
    groups: Integers,
    agents_of: Integers,
    counts: Integers,
    sale_hashes: Integers,
    agents: Integers,
    is_bad: Booleans,
) -> Integers:
    """Remove sales, by hash and agent, from arrays of a `_Sold`; count bad ones by its groups."""
    bad = np.zeros_like(counts)
    positions = np.searchsorted(known, sale_hashes)
    left = np.full(sale_hashes.size, -1, np.int64)
    for sale in range(sale_hashes.size):
        position = positions[sale]
        # The position of a hash that is not there is that of another sale, or behind the last one.
        if position < known.size and known[position] == sale_hashes[sale]:
            group = groups[position]
            if group >= 0 and agents_of[group] == agents[sale]:
                left[sale] = group
    for sale in range(sale_hashes.size):
        group = left[sale]
        if group >= 0:
            groups[positions[sale]] = -1
            counts[group] -= 1
            bad[group] += is_bad[sale]
    return bad


def _arrays(sold: _Sold) -> tuple[Integers, ...]:
    return (sold.agents, sold.cells, sold.counts, sold.sale_hashes, sold.groups)


def _ranks(names: Sequence[Name]) -> tuple[list[Name], Integers]:
    """Return the distinct names in order, and the rank of each among them."""
    distinct = sorted(set(names))
    rank = {name: position for position, name in enumerate(distinct)}
    return distinct, np.array([rank[name] for name in names], np.int64)


def _trials(agents: Integers, batches: Integers, sale_hashes: Integers) -> Integers:
    """Return the positions of the trials: of each agent and batch, the sale of smallest hash."""
    # A sale that is identical to no other has batch 0: each of those is a batch of its own.
    batches = np.where(batches == 0, -1 - np.arange(batches.size), batches)
    order = np.lexsort((sale_hashes, batches, agents))
    first = np.ones(order.size, np.bool_)
    first[1:] = (np.diff(agents[order]) != 0) | (np.diff(batches[order]) != 0)
    return order[first]


def _joined(parts: Collection[Integers]) -> Integers:
    return np.concatenate([*parts, np.zeros(0, np.int64)])
