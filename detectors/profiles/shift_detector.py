"""One series and its shifts, behind the contract of detectors."""

from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.contract.claim import DAY
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal
from detectors.profiles.shift_table import FORM, ShiftRow, ShiftTable

_ROW: Final = np.zeros(1, np.int64)
_LAST_DAY: Final = 1e12
"""Days further from 1970 than this are one day: they must fit an integer."""


class ShiftDetector:
    """One row of a table that has no other.

    A score is 1 if a shift would be found, and else 0: ADWIN knows no more.
    """

    def __init__(self, config: Struct, table: ShiftTable, snapshot: bytes | None) -> None:
        self._config: Final = config
        self._table: Final = table
        self._table.add()
        if snapshot is not None:
            self._table.set_row(0, unseal(snapshot, config, FORM, ShiftRow))

    def score_one(self, x: Observation) -> Score:
        """Score 1 if `x` would complete a shift, else 0."""
        (value,) = x.of_width(1)
        shifts = self._table.would_shift(0, value)
        return Score(float(shifts), ready=bool(self._table.ready(_ROW)[0]))

    def learn_one(self, x: Observation) -> None:
        """Take a value in."""
        values = np.array(x.of_width(1))
        day = Day(int(min(max(x.at // DAY, -_LAST_DAY), _LAST_DAY)))
        self._table.observe(day, _ROW, values)

    def snapshot(self) -> bytes:
        """Return all of the state."""
        return seal(self._config, FORM, self._table.row(0))
