"""The arrays of a table of evidence: one element a row, and places for the terms of some rows."""

from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.prior import LEVELS, ODDS_RATIOS
from detectors.evidence.recursion import NO_PLACE, TERMS, EvidenceState

NO_DAY: Final = int(np.iinfo(np.int64).min)
"""`EvidenceState.last_day` before the first outcome."""

_MORE: Final = 64
"""Rows, or places, that full arrays are made longer by, beside a quarter of what they have."""

MORE_STARTS: Final = 8
"""Starts of a row, at first and when they are too few: of 75 terms, nearly all have the same."""

_CELLS: Final = len(ODDS_RATIOS) * LEVELS


class RowStore:
    """Keeps rows without places, and gives places to some.

    Parameters
    ----------
    capacity
        How many rows there is room for at first.

    Attributes
    ----------
    state
        The arrays; they are replaced when they grow.
    """

    def __init__(self, capacity: int) -> None:
        self.state = _empty(0, capacity, MORE_STARTS)
        self._length = 0
        self._free: list[int] = []

    def __len__(self) -> int:
        return self._length

    @property
    def places(self) -> int:
        """How many there are, free ones included."""
        return len(self.state.belief)

    def add(self) -> int:
        """Make a row that has had no outcome; return its number."""
        row = self._length
        rows = self.state.place.size
        if row == rows:
            self.state = _larger(self.state, 0, row // 4 + _MORE)
        self._length = row + 1
        return row

    def asleep(self, rows: Integers) -> Integers:
        """Return those of some rows that have no place, each once, in their order."""
        without = self.state.place[rows] == NO_PLACE
        return np.unique(rows[without]) if without.any() else rows[:0]

    def lacks_places(self, number: int) -> bool:
        """Return whether fewer places than so many are free."""
        return number > len(self._free)

    def make(self, rows: Integers, spreads: int, belief: Reals) -> None:
        """Give places to rows without one, which have followed so many spreads."""
        if self.lacks_places(rows.size):
            known = self.places
            more = max(rows.size - len(self._free), known // 4 + _MORE)
            self.state = _larger(self.state, more, 0)
            self._free += range(known + more - 1, known - 1, -1)
        state, keep = self.state, len(self._free) - rows.size
        places = np.array(self._free[keep:], np.int64)
        del self._free[keep:]
        for terms in _terms(state):
            terms[places] = 0
        state.references[places, 0] = _CELLS
        state.belief[places] = belief
        state.place[rows], state.settled[rows] = places, spreads

    def begin_anew(self, rows: Integers, spreads: Integers, beliefs: Reals) -> None:
        """Let rows that have just got places have had no outcome."""
        state = self.state
        for array in _of_rows(state)[2:]:  # all but the place, and the spreads it has followed
            array[rows] = 0
        state.last_day[rows], state.settled[rows] = NO_DAY, spreads
        state.belief[state.place[rows]] = beliefs

    def last_days(self, rows: int) -> Integers:
        """Return the day of the latest outcome of the first rows."""
        return self.state.last_day[:rows]

    def restart(self, row: int) -> None:
        """Reset the evidence of a row that has a place, and its agent-days."""
        state = self.state
        for terms in _terms(state)[1:]:  # all but the belief
            terms[state.place[row]] = 0
        state.references[state.place[row], 0] = _CELLS
        state.evidence[row] = state.agent_days[row] = 0

    def make_more_starts(self) -> None:
        """Make room for more starts of each row."""
        state, places = self.state, self.places
        known = state.references.shape[1]
        room = _empty(places, 0, known + MORE_STARTS)
        for own, its in zip(_terms(room), _terms(state), strict=True):
            own[:, : its.shape[1]] = its
        self.state = EvidenceState._make([*_terms(room), *_of_rows(state)])

    def take(self, row: int, source: Self, source_row: int, *, is_new: bool) -> None:
        """Be what a row of another store is, which has a place unless it `is_new`."""
        state, other = self.state, source.state
        if is_new:
            self._free_places([row])
        elif state.place[row] == NO_PLACE:
            self.make(np.array([row], np.int64), 0, other.belief[other.place[source_row]])
            state = self.state
        if not is_new:
            while self.state.references.shape[1] < other.references.shape[1]:
                self.make_more_starts()
            state = self.state
            place, its_place = state.place[row], other.place[source_row]
            for own, its in zip(_terms(state), _terms(other), strict=True):
                own[place, its.shape[1] :] = 0  # there may be room for more starts here
                own[place, : its.shape[1]] = its[its_place]
        place = state.place[row]
        for own, its in zip(_of_rows(state), _of_rows(other), strict=True):
            own[row] = its[source_row]
        state.place[row] = place

    def copy(self, held: Booleans) -> Self:
        """Return an independent store that is equal to this one, with places for `held` rows."""
        state, rows = self.state, np.flatnonzero(held)
        same = type(self)(0)
        terms = (array[state.place[rows]] for array in _terms(state))
        same.state = EvidenceState._make([*terms, *(array.copy() for array in _of_rows(state))])
        same.state.place[:] = NO_PLACE
        same.state.place[rows] = np.arange(rows.size)
        same._length = self._length  # noqa: SLF001 - of this class
        return same

    def give_back(self, idle: Booleans) -> None:
        """Take their places from rows."""
        place = self.state.place[: self._length]
        self._free_places(np.flatnonzero(idle & (place != NO_PLACE)).tolist())

    def _free_places(self, rows: list[int]) -> None:
        place = self.state.place
        self._free += [taken for taken in place[rows].tolist() if taken != NO_PLACE]
        place[rows] = NO_PLACE


def _arrays(state: EvidenceState) -> tuple[NDArray[Any], ...]:
    return tuple(state)


def _terms(state: EvidenceState) -> tuple[NDArray[Any], ...]:
    """Return the arrays that have an element a place."""
    return _arrays(state)[:TERMS]


def _of_rows(state: EvidenceState) -> tuple[NDArray[Any], ...]:
    """Return the arrays that have an element a row, whether it has a place or not."""
    return _arrays(state)[TERMS:]


def _larger(state: EvidenceState, places: int, rows: int) -> EvidenceState:
    """Return the arrays with so many more places, or rows; the others are the same."""
    known_places, known_rows = len(state.belief), state.place.size
    if places:
        room = _empty(known_places + places, 0, state.references.shape[1])
        for larger, full in zip(_terms(room), _terms(state), strict=True):
            larger[:known_places] = full
        return EvidenceState._make([*_terms(room), *_of_rows(state)])
    room = _empty(0, known_rows + rows, 0)
    for larger, full in zip(_of_rows(room), _of_rows(state), strict=True):
        larger[:known_rows] = full
    return EvidenceState._make([*_terms(state), *_of_rows(room)])


def _empty(places: int, rows: int, starts: int) -> EvidenceState:
    grid = (places, len(ODDS_RATIOS), LEVELS)
    return EvidenceState(
        belief=np.zeros((places, LEVELS)),
        mixture=np.zeros(grid),
        best_share=np.zeros(grid),
        best_start=np.zeros(grid, np.uint8),
        references=np.zeros((places, starts), np.uint8),
        start_day=np.zeros((places, starts), np.int32),
        start_outcomes=np.zeros((places, starts), np.int32),
        start_observed=np.zeros((places, starts), np.int32),
        start_expected=np.zeros((places, starts)),
        place=np.full(rows, NO_PLACE, np.int32),
        settled=np.zeros(rows, np.int32),
        evidence=np.zeros(rows),
        agent_days=np.zeros(rows, np.int64),
        last_day=np.full(rows, NO_DAY, np.int64),
        outcomes=np.zeros(rows, np.int64),
        observed=np.zeros(rows, np.int64),
        expected=np.zeros(rows),
        variance=np.zeros(rows),
    )
