"""What is known of one pattern, of all agents but those left out and of all: totals per cell."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell, cell_of
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.messages.cell_columns import (
    DAY_TOTALS,
    CellTable,
    DayTotals,
    KnownTotals,
    held_integers,
    held_reals,
    integers,
    reals,
)
from detectors.peer_settings import ReferenceRate
from detectors.peers.bad_market import MarketDay
from detectors.peers.cells import CellTree
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
from detectors.peers.null_cutoffs import cutoffs_by_rank, cutoffs_by_share
from detectors.peers.recent import REMEMBERED_DAYS, faded
from detectors.peers.room import Room

_PEERS, _EVERYBODY = range(2)


class Population:
    """Totals per cell, ever and recent, a day at a time.

    Parameters
    ----------
    left
        What is left of a recent number after some days, as `fading` returns it.
    shrinkage
        How many outcomes the wider cell is worth against a cell's own.
    room
        What gives places to cells. What has none counts in the narrowest cell around it that has.
    everybody
        Whether totals of all agents are kept, too, for the shadow null.
    by_age
        Whether the first field of a cell is an age: ages are few, and always have a place.
    references
        Rates known from elsewhere: outcomes of nobody, with which all are compared for good.

    Attributes
    ----------
    newest
        The whole market on the day reviewed last; None before the first.
    """

    def __init__(
        self,
        left: Reals,
        shrinkage: float,
        room: Room,
        *,
        everybody: bool,
        by_age: bool = False,
        references: Iterable[ReferenceRate] = (),
    ) -> None:
        self._left: Final = left
        self._shrinkage: Final = shrinkage
        self._room: Final = room
        self._by_age: Final = by_age
        self._tree: Final = CellTree()
        self.newest: MarketDay | None = None
        self._known: set[Cell] = set()
        self._cells: tuple[Cell, ...] = ()
        self._nodes = np.zeros(0, np.int64)
        self._tables = np.zeros((2 if everybody else 1, 1, COLUMNS))
        self._expected: Reals | None = None
        """What `expected` rests on, of every node, until the next day."""
        self._refer_to(references)

    def review(
        self,
        reports: Sequence[DayTotals],
        forgotten: Sequence[CellTable],
        days: int,
        *,
        calmed: bool = False,
    ) -> KnownTotals:
        """Add one day; return what is known at its end, cells in the order of their names.

        Parameters
        ----------
        reports
            What the day adds, of different agents.
        forgotten
            The pasts of agents who leave the peers, as they were at the end of the last day.
        days
            How many days ago that was.
        calmed
            Whether what was recent then is forgotten.
        """
        self._expected = None
        self._admit(reports)
        places = [self._places(report.cells) for report in reports]
        pasts = [self._places(past.cells) for past in forgotten]
        # The past of agents who leave goes first: it is as of the last day, and has not faded yet.
        for past, nodes in zip(forgotten, pasts, strict=True):
            np.subtract.at(self._tables[_PEERS], nodes, reals(past.numbers, COLUMNS))
        if calmed:
            self._tables[_PEERS][:, [RECENT_BAD, RECENT_EXPECTED]] = 0.0
        added = np.zeros((len(self._tree), 2), np.int64)
        for report, nodes in zip(reports, places, strict=True):
            _add(added, nodes, integers(report.numbers, DAY_TOTALS))
        left, before = float(self._left[min(days, REMEMBERED_DAYS)]), self._rates_and_bad()
        _pass(self._tables, added, self._tree.parents(), left, self._shrinkage)
        self.newest = self._market_day(added, *before)
        return self._totals(self._cutoffs(reports, places, added))

    def expected(self, cells: Sequence[Cell]) -> Reals:
        """Return the probability that a sale goes bad in each cell, by all agents who count."""
        if self._expected is None:
            table, parents = self._tables[_PEERS].copy(), self._tree.parents()
            sum_up(parents, table)
            self._expected = _probabilities(parents, table, self._shrinkage)
        expected: Reals = self._expected[self._tree.nearest_of(cells)]
        return expected

    def state(self) -> KnownTotals:
        """Return the totals of every cell that has any, in the order of their names."""
        return self._totals(b"")

    def restore(self, state: KnownTotals) -> None:
        """Restore the `state` of another population, into one that is still empty."""
        self._keep(state.cells)
        self._places(state.cells)
        for table, numbers in zip(self._tables, (state.peers, state.everybody), strict=False):
            table[self._nodes] = reals(numbers, COLUMNS)

    def _refer_to(self, references: Iterable[ReferenceRate]) -> None:
        """Count outcomes known from elsewhere, before all others."""
        for one in references:
            cell = cell_of(() if one.product is None else (one.product,))
            self._keep({cell})
            (node,) = self._places({cell})
            self._tables[:, node, MATURED] += one.outcomes
            self._tables[:, node, BAD] += one.bad

    def _rates_and_bad(self) -> tuple[Reals, float]:
        """Return the rate of every node over all time, and how many bad outcomes that rests on."""
        parents, ever = self._tree.parents(), self._tables[_PEERS][:, : BAD + 1].copy()
        sum_up(parents, ever)
        return baseline(parents, ever, self._shrinkage), float(ever[0, BAD])

    def _market_day(self, added: Integers, rates: Reals, known_bad: float) -> MarketDay:
        # Rates are multiples of 1 / FINENESS: the sums are exact, in whatever order cells became
        # known.
        recent = self._tables[_PEERS].sum(axis=0)
        _, level = level_of_all(0.0, 0.0, recent[RECENT_BAD], recent[RECENT_EXPECTED])
        expected = float((np.maximum(added[:, MATURED], 0) * rates).sum())
        return MarketDay(max(int(added[:, BAD].sum()), 0), expected, known_bad, level)

    def _totals(self, null_cutoffs: bytes) -> KnownTotals:
        numbers = [held_reals(table[self._nodes]) for table in self._tables]
        everybody = numbers[_EVERYBODY] if len(numbers) > 1 else b""
        return KnownTotals(self._cells, numbers[_PEERS], everybody, null_cutoffs)

    def _cutoffs(
        self, reports: Sequence[DayTotals], places: Sequence[Integers], added: Integers
    ) -> bytes:
        if len(self._tables) == 1:
            return b""
        dealt = [both for both in zip(reports, places, strict=True) if both[0].random_keys]
        if dealt:
            cutoffs = cutoffs_by_rank(
                np.concatenate([integers(report.random_keys) for report, _ in dealt]),
                np.concatenate(
                    [np.repeat(nodes, integers(report.keys_of)) for report, nodes in dealt]
                ),
                added[:, BAD],
            )
        else:
            cutoffs = cutoffs_by_share(added[:, MATURED], added[:, BAD])
        return held_integers(cutoffs[self._nodes])

    def _admit(self, reports: Sequence[DayTotals]) -> None:
        """Give places to the cells of a day that have none, those with the most outcomes first."""
        tree, outcomes = self._tree, dict[Cell, int]()
        for report in reports:
            if self._known.issuperset(report.cells):
                continue
            matured = integers(report.numbers, DAY_TOTALS)[:, 0]
            for cell, number in zip(report.cells, matured.tolist(), strict=True):
                if cell not in self._known:
                    outcomes[cell] = outcomes.get(cell, 0) + number
        if self._by_age:
            self._keep({Cell(cell.partition("/")[0]) for cell in outcomes})
        for cell in sorted(outcomes, key=lambda cell: (-outcomes[cell], cell)):
            if self._room.is_full_for(outcomes[cell]):  # and for all that follow
                return
            if self._room.take(tree.missing(cell), outcomes[cell]):
                tree.node(cell)

    def _keep(self, cells: Iterable[Cell]) -> None:
        """Give cells places, whether there is room or not."""
        for cell in cells:
            self._room.keep(self._tree.missing(cell))
            self._tree.node(cell)

    def _places(self, cells: Collection[Cell]) -> Integers:
        """Return the nodes in which cells count; these are told of from now on."""
        tree, nodes = self._tree, self._tree.nearest_of(cells)
        if not self._known.issuperset(cells):
            self._tell({tree.cell(node) for node in set(nodes)})
        return np.array(nodes, np.int64)

    def _tell(self, cells: set[Cell]) -> None:
        new = sorted(cells - self._known)
        if not new:
            return
        self._known.update(new)
        # Sorted by name, so that `totals` does not depend on the order in which cells came.
        places = [bisect_left(self._cells, cell) for cell in new]
        self._nodes = np.insert(self._nodes, places, self._tree.nodes(new))
        self._cells = tuple(sorted((*self._cells, *new)))
        missing = len(self._tree) - self._tables.shape[1]
        self._tables = np.pad(self._tables, ((0, 0), (0, missing), (0, 0)))


@compiled
def _add(added: Integers, nodes: Integers, numbers: Integers) -> None:
    """Add the numbers of `DayTotals` to each node, without those of agents who make no baseline."""
    for cell in range(nodes.size):
        for column in range(2):
            added[nodes[cell], column] += numbers[cell, column] - numbers[cell, column + 2]


@compiled
def _pass(tables: Reals, added: Integers, parents: Integers, left: float, shrinkage: float) -> None:
    """Let a day pass: what was recent fades, and what the day adds to each node is counted."""
    nodes = parents.size
    ever = np.empty((nodes, BAD + 1))
    for table in tables:
        for node in range(nodes):
            matured, bad = added[node]
            table[node, MATURED] += matured
            table[node, BAD] += bad
            for column in (RECENT_BAD, RECENT_EXPECTED):
                table[node, column] = faded(table[node, column], left)
            table[node, RECENT_BAD] += bad
            ever[node, MATURED], ever[node, BAD] = table[node, MATURED], table[node, BAD]
        # After today's outcomes were added, so that an agent who knows the totals of the review
        # gets the very same rates (see `baseline`).
        sum_up(parents, ever)
        rates = baseline(parents, ever, shrinkage)
        for node in range(nodes):
            table[node, RECENT_EXPECTED] += added[node, MATURED] * rates[node]


@compiled
def _probabilities(parents: Integers, table: Reals, shrinkage: float) -> Reals:
    """Return what is expected of a sale in each node; `table` includes the narrower ones."""
    probabilities, rates, ratios = (
        np.empty(parents.size),
        np.empty(parents.size),
        np.empty(parents.size),
    )
    for node in range(parents.size):
        matured, bad = table[node, MATURED], table[node, BAD]
        recent, usual = table[node, RECENT_BAD], table[node, RECENT_EXPECTED]
        if node == 0:
            level = level_of_all(matured, bad, recent, usual)
        else:
            wider = (rates[parents[node]], ratios[parents[node]])
            level = level_within(wider, matured, bad, recent, usual, shrinkage)
        rates[node], ratios[node] = level
        probabilities[node] = moved(level)
    return probabilities
