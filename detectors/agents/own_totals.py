"""What each agent's own outcomes were, so that he can be left out of his peers."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.outcomes import Cell, Totals
from detectors.peers.expectation import expectations

_ROOM: Final = 64


class OwnTotals:
    """Totals per agent and cell, in arrays: one place for each pair that ever occurred.

    Agents are numbered from 0 without gaps; an agent's number is the row of his evidence.
    """

    def __init__(self) -> None:
        self._cells: Final[dict[Cell, int]] = {}
        self._places_of: Final[list[dict[Cell, int]]] = []
        self._length = 0
        self._row = np.zeros(_ROOM, np.int64)
        self._cell = np.zeros(_ROOM, np.int64)
        self._matured = np.zeros(_ROOM, np.int64)
        self._bad = np.zeros(_ROOM, np.int64)
        self._matured_anywhere = np.zeros(_ROOM, np.int64)
        self._bad_anywhere = np.zeros(_ROOM, np.int64)

    def place(self, row: int, cell: Cell) -> int:
        """Give the place of an agent and a cell, making one for a new pair."""
        while row >= len(self._places_of):
            self._add_agent()
        places = self._places_of[row]
        place = places.get(cell)
        if place is None:
            place = places[cell] = self._add_place(row, cell)
        return place

    def rows(self, places: Integers) -> Integers:
        """Give the agent of each place."""
        return self._row[places]

    def count(self, places: Integers, bad: Booleans) -> None:
        """Count matured outcomes, one at each of `places` (which may repeat)."""
        rows = self._row[places]
        np.add.at(self._matured, places, 1)
        np.add.at(self._matured_anywhere, rows, 1)
        np.add.at(self._bad, places[bad], 1)
        np.add.at(self._bad_anywhere, rows[bad], 1)

    def change(self, place: int, matured: int, bad: int) -> None:
        """Add to the outcomes and the bad ones of one place; both may be negative."""
        row = self._row[place]
        self._matured[place] += matured
        self._matured_anywhere[row] += matured
        self._bad[place] += bad
        self._bad_anywhere[row] += bad

    def expectations(
        self, places: Integers, everybody: Mapping[Cell, Totals], shrinkage: float
    ) -> Reals:
        """Give what is expected of a sale at each place, the agent himself left out.

        `everybody` are the totals of all agents, those counted here among them.
        """
        nothing = Totals()
        known = [everybody.get(cell, nothing) for cell in self._cells]
        bad = np.array([total.bad for total in known], np.int64)
        matured = np.array([total.matured for total in known], np.int64)
        cells, rows = self._cell[places], self._row[places]
        return expectations(
            bad[cells] - self._bad[places],
            matured[cells] - self._matured[places],
            sum(total.bad for total in everybody.values()) - self._bad_anywhere[rows],
            sum(total.matured for total in everybody.values()) - self._matured_anywhere[rows],
            shrinkage,
        )

    def snapshot(self) -> list[dict[Cell, Totals]]:
        """Give the totals of every agent, in the order of their numbers."""
        return [
            {
                cell: Totals(int(self._matured[place]), int(self._bad[place]))
                for cell, place in places.items()
            }
            for places in self._places_of
        ]

    def restore(self, state: list[dict[Cell, Totals]]) -> None:
        """Take over a state given by `snapshot`, into totals that are still empty."""
        for row, totals in enumerate(state):
            for cell, total in totals.items():
                self.change(self.place(row, cell), total.matured, total.bad)

    def _add_agent(self) -> None:
        if len(self._places_of) == self._matured_anywhere.size:
            self._matured_anywhere = _doubled(self._matured_anywhere)
            self._bad_anywhere = _doubled(self._bad_anywhere)
        self._places_of.append({})

    def _add_place(self, row: int, cell: Cell) -> int:
        place = self._length
        if place == self._row.size:
            self._row, self._cell = _doubled(self._row), _doubled(self._cell)
            self._matured, self._bad = _doubled(self._matured), _doubled(self._bad)
        self._row[place] = row
        self._cell[place] = self._cells.setdefault(cell, len(self._cells))
        self._length += 1
        return place


def _doubled(array: Integers) -> Integers:
    return np.concatenate([array, np.zeros_like(array)])
