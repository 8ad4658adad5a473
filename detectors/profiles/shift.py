"""Shift of a series against its own past, by river's ADWIN."""

from typing import Annotated, Final

import numpy as np
from msgspec import Meta, Struct

from detectors.basis.event_time import Day
from detectors.contract.claim import DAY, Claim, Levels
from detectors.contract.observation import Observation, Score
from detectors.contract.snapshots import seal, unseal
from detectors.profiles.shift_table import FORM, ShiftRow, ShiftTable

_ROW: Final = np.zeros(1, np.int64)
_LAST_DAY: Final = 1e12
"""Days further from 1970 than this are one day: they must fit an integer."""


class Shift(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="shift"
):
    """A lasting change of the level of one number, up or down.

    Attributes
    ----------
    confidence
        ADWIN's delta. Its promise, one false cut of a window with at most this probability, is for
        numbers within [0, 1] that are independent; ours are standard deviations: count its alarms.
    warm_up
        Values that give the centre and the scale, at first and again after each shift.
    smallest_scale
        Below it no scale is believed, in the unit of the values.

    """

    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.01
    warm_up: Annotated[int, Meta(ge=5, le=365)] = 30
    smallest_scale: Annotated[float, Meta(ge=1e-12, le=1e12)] = 1e-6

    def build(self, snapshot: bytes | None = None) -> "ShiftDetector":
        """Build it; see `detectors.contract.detector`."""
        return ShiftDetector(self, snapshot)

    def table(self) -> ShiftTable:
        """Build the same for many series at once."""
        return ShiftTable(self.confidence, self.warm_up, self.smallest_scale)

    def claim(self) -> Claim:
        """See three standard deviations within twenty observations."""
        return Claim(
            ordinary=Levels((40.0,), (5.0,)),
            changed=Levels((55.0,), (5.0,)),
            ready_after=self.warm_up,
            seen_within=20,
        )


class ShiftDetector:
    """One row of a `ShiftTable`, behind the contract of detectors.

    A score is 1 if a shift would be found, and else 0: ADWIN knows no more.
    """

    def __init__(self, config: Shift, snapshot: bytes | None) -> None:
        self._config: Final = config
        self._table: Final = config.table()
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
