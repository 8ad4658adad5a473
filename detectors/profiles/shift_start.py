"""When a shift began, and how large it is: the last zero of a sum that grows with it."""

from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled

_SLACK: Final = 0.3
"""Standard deviations by which a value must lie off to count as shifted."""

_WAYS: Final = 2
"""Up and down: a number of each way stands in a row beside that of the other."""

_SUM, _SINCE, _TOTAL, _COUNT = 0, _WAYS, 2 * _WAYS, 3 * _WAYS
_COLUMNS: Final = 4 * _WAYS

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
            known = self._table
            self._table = np.zeros((len(known) + row + _ROOM, _COLUMNS))
            self._table[: len(known)] = known

    def update(self, day: Day, rows: Integers, values: Reals, means: Reals) -> None:
        """Receive a value of each of some different rows on a day, in standard deviations.

        `means` are those of the values before.
        """
        _follow(self._table, float(day), rows, values, means)

    def start(self, row: int) -> ShiftStart:
        """Return the start of what a row seems to do, upwards or downwards."""
        state = self._table[row]
        way = int(np.argmax(state[_SUM : _SUM + _WAYS]))
        since, total, count = (state[column + way] for column in (_SINCE, _TOTAL, _COUNT))
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


@compiled
def _follow(table: Reals, day: float, rows: Integers, values: Reals, means: Reals) -> None:
    for position in range(rows.size):
        row, value = rows[position], values[position]
        off = value - means[position]
        for way in range(_WAYS):
            goes_on = table[row, _SUM + way] > 0.0
            if not goes_on:
                table[row, _SINCE + way] = day
            table[row, _TOTAL + way] = table[row, _TOTAL + way] * goes_on + value
            table[row, _COUNT + way] = table[row, _COUNT + way] * goes_on + 1.0
            table[row, _SUM + way] = max(table[row, _SUM + way] + (off - _SLACK), 0.0)
            off = -off
