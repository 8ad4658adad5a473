"""Accounts without a sale, by the day on which they may be forgotten."""

from typing import Final

import numpy as np

from detectors.basis.event_time import Day, Seconds, day_of
from detectors.evidence.arrays import Integers
from detectors.ledger.plain.layout import Numbers, Store
from detectors.ledger.plain.leaving import leave_alone


class Waiting:
    """Rows of accounts that are known by their uses only; each waits in the list of one day.

    Parameters
    ----------
    kept_for
        Seconds after its last use in which such an account is still needed.
    """

    def __init__(self, kept_for: float) -> None:
        self._kept_for: Final = kept_for
        self._days: Final[dict[Day, list[Numbers]]] = {}

    def add(self, store: Store, rows: Numbers) -> None:
        """Let rows wait until the day on which, by their last use, nobody needs them any more."""
        if not len(rows):
            return
        chosen = store.rows[rows]
        last = chosen["uses"][np.arange(len(rows)), chosen["used"].astype(np.int64) - 1]
        days = np.floor_divide(last + self._kept_for, 86_400.0).astype(np.int32)
        store.rows["due"][rows] = days
        for day in np.unique(days):
            self._days.setdefault(Day(int(day)), []).append(rows[days == day])

    def forget(self, store: Store, watermark: Seconds, counts: Integers) -> None:
        """Forget those that nobody needs any more, and count them."""
        if watermark == -np.inf:
            return
        today = day_of(watermark)
        for day in sorted(day for day in self._days if day <= today):
            waiting = np.unique(np.concatenate(self._days.pop(day)))
            later = np.zeros(len(waiting) + 1, dtype=np.int32)
            leave_alone(store, waiting, day, watermark, self._kept_for, counts, later)
            self.add(store, later[1 : later[0] + 1])
