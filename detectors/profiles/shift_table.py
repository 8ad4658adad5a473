"""Shifts of many series against their own past, by river's ADWIN: one row a series."""

from statistics import median
from typing import Final, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from river.__version__ import __version__ as river_version
from river._river_rust.drift import AdaptiveWindowing

from detectors.basis.event_time import Day
from detectors.basis.saved_state import read_state
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.profiles.series_table import Strange
from detectors.profiles.shift_start import Starts

FORM: Final = f"shift 2, river {river_version}"

FURTHEST: Final = 4.0
"""Standard deviations from the centre at which a value is held: no single one can fill a window."""

_LARGEST: Final = 1e150
"""Values are held here, so that differences and ratios stay finite."""

_DEVIATIONS: Final = 1.4826
"""Standard deviations a median absolute deviation of normal numbers is worth."""

_ROOM: Final = 64

_KNOWN: Final = -1
"""Values gathered by a row that knows its past."""

_Column = TypeVar("_Column", Reals, Integers, Booleans)


class ShiftRow(Struct, array_like=True):
    """One row in a snapshot; ``gathered`` is None unless the row gathers its past."""

    centre: float
    scale: float
    ready: bool
    gathered: list[float] | None
    window: bytes
    total: float
    count: int
    start: list[float]


class ShiftTable:
    """Standard deviations from a series' own past in adaptive windows (Bifet and Gavalda, 2007).

    Centre and scale are the median and the median absolute deviation of the first values, and of
    the first ones after a shift: a scale that followed every value would hide a slow shift and be
    blinded by one wrong value. After a shift the window begins anew, as in `river.drift.ADWIN`.

    It is river's own window, without the class around it: `river.drift` also loads a detector that
    needs scipy, two seconds and 100 MB. The window writes its state as plain numbers.

    Parameters
    ----------
    confidence, warm_up, smallest_scale
        Those of `detectors.profiles.shift.Shift`.
    """

    def __init__(self, confidence: float, warm_up: int, smallest_scale: float) -> None:
        self._confidence: Final = confidence
        self._warm_up: Final = warm_up
        self._smallest_scale: Final = smallest_scale
        self._windows: Final[list[AdaptiveWindowing]] = []
        self._gathered = np.zeros((0, warm_up))
        self._gathering = np.zeros(0, np.int64)
        self._centres = np.zeros(0)
        self._scales = np.ones(0)
        self._ready = np.zeros(0, np.bool_)
        self._totals = np.zeros(0)
        self._counts = np.zeros(0, np.int64)
        self._starts: Final = Starts()

    @property
    def form(self) -> str:
        """The version of the layout of a row, and of river, whose windows are in it."""
        return FORM

    def __len__(self) -> int:
        return len(self._windows)

    def add(self) -> int:
        """Make a row for a series that has no values yet, and give its number."""
        row = len(self._windows)
        if row >= self._centres.size:
            self._centres = _longer(self._centres, 0.0)
            self._scales = _longer(self._scales, 1.0)
            self._totals = _longer(self._totals, 0.0)
            self._counts = _longer(self._counts, 0)
            self._ready = _longer(self._ready, 0)
            self._gathering = _longer(self._gathering, _KNOWN)
            gathered = self._gathered
            self._gathered = np.zeros((self._gathering.size, self._warm_up))
            self._gathered[:row] = gathered[:row]  # what is not written takes no memory
        self._starts.add(row)
        self._windows.append(self._fresh())
        self._gathering[row] = 0
        return row

    def ready(self, rows: Integers) -> Booleans:
        """Tell which rows know their past."""
        ready: Booleans = self._ready[rows]
        return ready

    def observe(
        self, day: Day, rows: Integers, values: Reals, mirrored: Booleans | None = None
    ) -> list[Strange]:
        """Receive a value of each of some different rows on a day; give the shifts they complete.

        Where `mirrored` holds, a value counts as one as far on the other side of the centre, once
        the row has one.
        """
        values = np.minimum(np.maximum(values, -_LARGEST), _LARGEST)
        standard = np.empty(rows.size)
        if mirrored is None:
            mirrored = np.zeros(rows.size, np.bool_)
        ready = self._ready[rows]
        _standardise(self._centres, self._scales, rows, mirrored & ready, values, standard)
        every = bool(ready.all())
        seen = self._update(
            day, rows if every else rows[ready], standard if every else standard[ready]
        )
        if _gather(self._gathered, self._gathering, rows, values):
            for row in rows[self._gathering[rows] == self._warm_up].tolist():
                self._gathering[row] = _KNOWN
                self._take_as_past(row)
        return seen

    def would_shift(self, row: int, value: float) -> bool:
        """Return whether a value would complete a shift as the next one of its row."""
        if not self._ready[row]:
            return False
        window = self._fresh()
        window.__setstate__(self._windows[row].__getstate__())
        held = min(max(value, -_LARGEST), _LARGEST)
        standard = self._held(np.array((held - self._centres[row]) / self._scales[row]))
        return bool(window.update(float(standard)))

    def row_state(self, row: int) -> bytes:
        """Return the state of a row."""
        return msgspec.msgpack.encode(self.row(row))

    def load_row(self, row: int, state: bytes) -> None:
        """Restore the state of a row; see `SeriesTable`."""
        self.set_row(row, read_state(state, ShiftRow, "a row of shifts"))

    def row(self, row: int) -> ShiftRow:
        """Return what is known of a row."""
        return ShiftRow(
            float(self._centres[row]),
            float(self._scales[row]),
            bool(self._ready[row]),
            None if self._gathering[row] == _KNOWN else self._gathered_by(row),
            self._windows[row].__getstate__(),
            float(self._totals[row]),
            int(self._counts[row]),
            self._starts.row_state(row),
        )

    def set_row(self, row: int, state: ShiftRow) -> None:
        """Restore what is known of a row."""
        self._centres[row], self._scales[row] = state.centre, state.scale
        self._ready[row] = state.ready
        self._totals[row], self._counts[row] = state.total, state.count
        self._starts.load_row(row, state.start)
        self._windows[row].__setstate__(state.window)
        gathered = state.gathered
        self._gathering[row] = _KNOWN if gathered is None else len(gathered)
        self._gathered[row, : len(gathered or ())] = gathered or ()

    def _update(self, day: Day, rows: Integers, standard: Reals) -> list[Strange]:
        totals, counts = self._totals[rows], self._counts[rows]
        self._starts.update(day, rows, standard, totals / np.maximum(counts, 1))
        self._totals[rows], self._counts[rows] = totals + standard, counts + 1
        windows = self._windows
        return [
            self._shifted(row)
            for row, value in zip(rows.tolist(), standard.tolist(), strict=True)
            if windows[row].update(value)
        ]

    def _shifted(self, row: int) -> Strange:
        """Begin the window of a row anew, and gather its past."""
        start = self._starts.start(row)
        before = int(self._counts[row]) - start.count
        level = (float(self._totals[row]) - start.total) / before if before else 0.0
        change = (start.total / start.count - level) * float(self._scales[row])
        self._begin(row)
        self._starts.begin(row)
        self._gathering[row] = 0
        return Strange(row, 1.0, start.day, start.count, change)

    def _gathered_by(self, row: int) -> list[float]:
        gathered: list[float] = self._gathered[row, : self._gathering[row]].tolist()
        return gathered

    def _take_as_past(self, row: int) -> None:
        values: list[float] = self._gathered[row].tolist()
        centre = median(values)
        spread = _DEVIATIONS * median(abs(value - centre) for value in values)
        scale = max(spread, self._smallest_scale)
        self._centres[row], self._scales[row], self._ready[row] = centre, scale, True
        self._begin(row)
        total, count = 0.0, 0
        for value in self._held((np.array(values) - centre) / scale).tolist():
            total, count = total + value, count + 1
            if self._windows[row].update(value):
                self._begin(row)
                total, count = 0.0, 0
        self._totals[row], self._counts[row] = total, count

    def _begin(self, row: int) -> None:
        self._windows[row] = self._fresh()
        self._totals[row], self._counts[row] = 0.0, 0

    def _held(self, standard: Reals) -> Reals:
        return np.minimum(np.maximum(standard, -FURTHEST), FURTHEST)

    def _fresh(self) -> AdaptiveWindowing:
        return AdaptiveWindowing(delta=self._confidence, clock=1)


def _longer(column: _Column, value: float) -> _Column:
    return np.concatenate([column, np.full(column.size + _ROOM, value, column.dtype)])


@compiled
def _standardise(
    centres: Reals, scales: Reals, rows: Integers, turned: Booleans, values: Reals, standard: Reals
) -> None:
    """Fill in the values in standard deviations, held; mirror those that are `turned`, in place."""
    for position in range(rows.size):
        row = rows[position]
        value, centre = values[position], centres[row]
        held = min(max((value - centre) / scales[row], -FURTHEST), FURTHEST)
        if turned[position]:
            held, values[position] = -held, 2.0 * centre - value
        standard[position] = held


@compiled
def _gather(gathered: Reals, gathering: Integers, rows: Integers, values: Reals) -> bool:
    """Add a value to each row that gathers its past; return whether one has gathered enough."""
    enough = False
    for position in range(rows.size):
        row = rows[position]
        if gathering[row] >= 0:
            gathered[row, gathering[row]] = values[position]
            gathering[row] += 1
            enough |= gathering[row] == gathered.shape[1]
    return enough
