"""What the outcomes of each agent add up to, for whoever asks whether they are among the best.

Sums of two periods are kept, the present one and the one before it. So they are of the last one or
two years, and forget what is older.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from detectors.agents.mature.best_levels import Tempered
from detectors.basis.event_time import Day
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.evidence.recursion import WHOLE

PERIOD: Final = 365
"""Days of a period; it begins when the number of the day is a multiple of this."""

OUTCOMES: Final = 0
BAD: Final = 1
EXPECTED: Final = 2
TEMPERED_BAD: Final = 3
TEMPERED_EXPECTED: Final = 4
TEMPERED_SQUARES: Final = 5
FIRST_DAY: Final = 6
LAST_DAY: Final = 7
COLUMNS: Final = 8
"""Columns of the sums. The last two are days: the first and the last with an outcome, or 0."""

NO_ROW: Final = -1
"""Of an agent who has none."""

_TEMPERED: Final = slice(TEMPERED_BAD, TEMPERED_SQUARES + 1)

_REAL: Final = np.dtype("<f8")


class GoodSumsState(Struct, array_like=True):
    """A `GoodSums` in a snapshot: arrays as little-endian 64-bit numbers."""

    period: int
    present: bytes
    before: bytes


class Sums(NamedTuple):
    """Outcomes of an agent, in the last two periods, and the first and the last day with one."""

    outcomes: int
    bad: int
    expected: float
    tempered: Tempered
    first_day: Day
    last_day: Day


@compiled
def _add(
    sums: Reals,
    day: int,
    rows: Integers,
    probabilities: Reals,
    exponents: Integers,
    bad: Booleans,
) -> None:
    """Add outcomes to the sums of their rows; those of exponent 0 say nothing."""
    for index in range(rows.size):
        if exponents[index] == 0:
            continue
        row, expected = rows[index], probabilities[index]
        weight = exponents[index] / WHOLE
        sums[row, OUTCOMES] += 1.0
        sums[row, EXPECTED] += expected
        sums[row, TEMPERED_EXPECTED] += weight * expected
        sums[row, TEMPERED_SQUARES] += weight * expected * expected
        sums[row, LAST_DAY] = day
        if sums[row, FIRST_DAY] == 0.0:
            sums[row, FIRST_DAY] = day
        if bad[index]:
            sums[row, BAD] += 1.0
            sums[row, TEMPERED_BAD] += weight


class GoodSums:
    """Sums by the row of an agent; rows are numbered from 0 without gaps."""

    def __init__(self) -> None:
        self._period = 0
        self._present: Reals = np.zeros((0, COLUMNS))
        self._before: Reals = np.zeros((0, COLUMNS))

    def add(
        self,
        day: Day,
        rows: Integers,
        probabilities: Reals,
        exponents: Integers,
        bad: Booleans,
    ) -> None:
        """Add the outcomes of a day; arguments are those of `CorrectableEvidence.judge`."""
        self.begin(day)
        if rows.size:
            self._grow(int(rows.max()) + 1)
            _add(self._present, day, rows, probabilities, exponents, bad)

    def begin(self, day: Day) -> None:
        """Begin a day, which is no earlier than those before it."""
        period = day // PERIOD
        if period != self._period:
            follows = period == self._period + 1
            self._before = self._present if follows else np.zeros_like(self._present)
            self._period, self._present = period, np.zeros_like(self._present)

    def correct(
        self, row: int, day: Day, probability: float, exponent: int, *, was: bool, bad: bool | None
    ) -> None:
        """Change an outcome that was added on `day`; None withdraws it."""
        sums = self._present if day // PERIOD == self._period else self._before
        if exponent == 0 or row >= len(sums):
            return
        weight, change = exponent / WHOLE, int(bad is True) - int(was)
        sums[row, BAD] += change
        sums[row, TEMPERED_BAD] += weight * change
        if bad is None:
            sums[row, OUTCOMES] -= 1.0
            sums[row, EXPECTED] -= probability
            sums[row, TEMPERED_EXPECTED] -= weight * probability
            sums[row, TEMPERED_SQUARES] -= weight * probability * probability

    def notable(self, least: int, between_agent_sd: float, most: float) -> Integers:
        """Return the rows of at least so many outcomes whose shrunk ratio is below `most`.

        The ratio is bad outcomes to those expected, as of an honest agent (see `ratio_of_honest`).
        """
        sums, strength = self._both(np.arange(len(self._present))), between_agent_sd**-2.0
        ratio = (sums[:, BAD] + strength) / (sums[:, EXPECTED] + strength)
        return np.flatnonzero((sums[:, OUTCOMES] >= least) & (ratio < most))

    def tempered(self, rows: Integers) -> Tempered:
        """Return the tempered sums of some rows; of `NO_ROW`, and a row without outcomes, zeros."""
        return Tempered(*self._both(rows)[:, _TEMPERED].T)

    def of(self, row: int) -> Sums | None:
        """Return the sums of a row; None if it has no outcomes."""
        if row >= len(self._present):
            return None
        (both,) = self._both(np.array([row]))
        days = [sums[row] for sums in (self._before, self._present) if row < len(sums)]
        heard = [day for day in days if day[LAST_DAY]]
        if not both[OUTCOMES] or not heard:
            return None
        return Sums(
            int(both[OUTCOMES]),
            int(both[BAD]),
            float(both[EXPECTED]),
            self.tempered(np.array([row])),
            Day(int(heard[0][FIRST_DAY])),
            Day(int(heard[-1][LAST_DAY])),
        )

    def snapshot(self) -> GoodSumsState:
        """Return the whole state."""
        held = (sums.astype(_REAL).tobytes() for sums in (self._present, self._before))
        return GoodSumsState(self._period, *held)

    def restore(self, state: GoodSumsState) -> None:
        """Restore a state that `snapshot` returned."""
        self._period = state.period
        self._present, self._before = (
            np.frombuffer(held, _REAL).astype(np.float64).reshape(-1, COLUMNS)
            for held in (state.present, state.before)
        )

    def _both(self, rows: Integers) -> Reals:
        """Return the sums of some rows over both periods, a new array."""
        both: Reals = np.zeros((rows.size, COLUMNS))
        for sums in (self._before, self._present):
            there = (rows != NO_ROW) & (rows < len(sums))
            both[there] += sums[rows[there]]
        # What is taken away again may leave a little less than nothing.
        return np.maximum(both, 0.0)

    def _grow(self, rows: int) -> None:
        """Have so many rows, and no more: equal sums have equal snapshots."""
        if rows > len(self._present):
            more = np.zeros((rows - len(self._present), COLUMNS))
            self._present = np.concatenate((self._present, more))
