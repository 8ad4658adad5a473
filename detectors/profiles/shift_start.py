"""When a shift began, and how large it is: the last zero of a sum that grows with it."""

from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.evidence.arrays import Integers, Reals

_SLACK: Final = 0.3
"""Standard deviations by which a value must lie off to count as shifted."""

_UP_AND_DOWN: Final = np.array([1.0, -1.0])

_SUM: Final = slice(0, 2)
_SINCE: Final = slice(2, 4)
_TOTAL: Final = slice(4, 6)
_COUNT: Final = slice(6, 8)
_COLUMNS: Final = 8
"""Two of each, for the way up and the way down."""

_ROOM: Final = 64


class ShiftStart(Struct, frozen=True):
    """The day since which values are shifted, the sum of the values since then, their number."""

    day: Day
    total: float
    count: int


class Starts:
    """Follows where a shift of each of many series would begin, upwards and downwards.

    ADWIN finds that there was one, but its window keeps many values from before. The last zero of a
    CUSUM is the likeliest start (Page, Continuous Inspection Schemes, Biometrika, 1954).
    """

    def __init__(self) -> None:
        self._table = np.zeros((0, _COLUMNS))

    def add(self, row: int) -> None:
        """Make a row; rows are made in their order."""
        if row >= len(self._table):
            self._table = np.concatenate([self._table, np.zeros((row + _ROOM, _COLUMNS))])

    def update(self, day: Day, rows: Integers, values: Reals, means: Reals) -> None:
        """Receive a value of each of some different rows on a day, in standard deviations.

        `means` are those of the values before.
        """
        table = self._table[rows]
        sums, totals, counts = table[:, _SUM], table[:, _TOTAL], table[:, _COUNT]
        goes_on = sums > 0.0
        since = table[:, _SINCE]
        since[...] = np.where(goes_on, since, day)
        totals *= goes_on
        counts *= goes_on
        totals += values[:, np.newaxis]
        counts += 1.0
        sums += _UP_AND_DOWN * (values - means)[:, np.newaxis] - _SLACK
        np.maximum(sums, 0.0, out=sums)
        self._table[rows] = table

    def start(self, row: int) -> ShiftStart:
        """Return the start of what a row seems to do, upwards or downwards."""
        table = self._table[row]
        way = int(np.argmax(table[_SUM]))
        since, total, count = (table[column][way] for column in (_SINCE, _TOTAL, _COUNT))
        return ShiftStart(Day(int(since)), float(total), int(count))

    def begin(self, row: int) -> None:
        """Forget what a row seemed to do."""
        self._table[row] = 0.0

    def row_state(self, row: int) -> list[float]:
        """Return the state of a row."""
        state: list[float] = self._table[row].tolist()
        return state

    def load_row(self, row: int, state: list[float]) -> None:
        """Restore the state of a row."""
        self._table[row] = state
