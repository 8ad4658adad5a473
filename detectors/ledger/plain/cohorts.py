"""Rows of sales in the order of time: as `detectors.ledger.cohorts`, in columns."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.basis.event_time import Day, Seconds, end_of_day, start_of_day
from detectors.evidence.arrays import Reals
from detectors.ledger.plain.layout import Numbers


class _Cohort:
    """The rows of one day, and when each was sold."""

    def __init__(self) -> None:
        self.rows: Numbers = np.empty(0, dtype=np.int32)
        self.at: Reals = np.empty(0)
        self.added: list[Numbers] = []
        self.added_at: list[Reals] = []

    def put_in_order(self) -> None:
        if not self.added:
            return
        rows = np.concatenate([self.rows, *self.added])
        at = np.concatenate([self.at, *self.added_at])
        # What was read is older than all that was added, so it stays where it is.
        order = np.argsort(at, kind="stable")
        self.rows, self.at = rows[order], at[order]
        self.added, self.added_at = [], []


class RowCohorts:
    """Rows by the day of their sale, read by one pointer for each age.

    Parameters
    ----------
    ages
        In seconds. The last must be the largest: with it a sale is forgotten.
    """

    def __init__(self, ages: Sequence[float]) -> None:
        self._ages: Final = tuple(ages)
        self._days: Final[dict[Day, _Cohort]] = {}
        self._positions: Final[list[dict[Day, int]]] = [{} for _ in ages]

    def add(self, rows: Numbers, at: Reals) -> None:
        """Add rows sold at some times; none must be older than any that has been returned."""
        days = np.floor_divide(at, 86_400.0).astype(np.int64)
        for day in np.unique(days):
            chosen = days == day
            cohort = self._days.setdefault(Day(int(day)), _Cohort())
            cohort.added.append(rows[chosen])
            cohort.added_at.append(at[chosen])

    def days(self) -> list[Day]:
        """Return the days there are, in their order."""
        return sorted(self._days)

    def of(self, day: Day) -> Numbers:
        """Return all rows of a day."""
        cohort = self._days[day]
        cohort.put_in_order()
        return cohort.rows

    def reach(self, index: int, before: Seconds) -> Numbers:
        """Return the rows that reached the age `index` before a time and were not returned before.

        `index` is -1 for the last age.
        """
        age, positions = self._ages[index], self._positions[index]
        reached = [np.empty(0, dtype=np.int32)]
        for day in sorted(self._days):
            if start_of_day(day) + age >= before:
                break
            cohort = self._days[day]
            cohort.put_in_order()
            start = positions.get(day, 0)
            if start == len(cohort.rows):
                continue
            # The sum is rounded, so it is compared and not the time: as for every other sale.
            end = bisect_left(cohort.at + age, before, start)
            reached.append(cohort.rows[start:end])
            positions[day] = end
        if index == -1:
            self._forget(Seconds(before - age))
        return np.concatenate(reached)

    def _forget(self, before: Seconds) -> None:
        for day in [day for day in self._days if end_of_day(day) < before]:
            del self._days[day]
            for positions in self._positions:
                positions.pop(day, None)
