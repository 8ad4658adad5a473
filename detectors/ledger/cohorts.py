"""Sales in the order of time: each is visited once at each of some ages."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from detectors.basis.event_time import Day, Seconds, end_of_day, start_of_day
from detectors.facts.sales import Sold

_time: Final = attrgetter("sale.at")


class Cohorts:
    """Sales by the day on which they were made, read by one pointer for each age.

    All sales reach an age in the order in which they were made, so a sale is stored once and not
    once for every deadline. Adding one costs O(1), and so does visiting it, but for a sort of its
    day.

    Parameters
    ----------
    ages
        In seconds. The last must be the largest: with it a sale is forgotten.
    """

    def __init__(self, ages: Sequence[float]) -> None:
        self._ages: Final = tuple(ages)
        self._days: Final[dict[Day, list[Sold]]] = {}
        self._unsorted: Final[set[Day]] = set()
        self._positions: Final[list[dict[Day, int]]] = [{} for _ in ages]

    def __len__(self) -> int:
        return sum(map(len, self._days.values()))

    def add(self, day: Day, sold: Sold) -> None:
        """Store a sale of a day; it must not be older than any that has been returned."""
        cohort = self._days.get(day)
        if cohort is None:
            self._days[day] = [sold]
            return
        # Sorted when it is first read, not on every sale out of order.
        if sold.sale.at < cohort[-1].sale.at:
            self._unsorted.add(day)
        cohort.append(sold)

    def reach(self, index: int, before: Seconds) -> list[Sold]:
        """Return the sales that reached the age `index` before a time and were not returned before.

        `index` is -1 for the last age.
        """
        age = self._ages[index]
        positions = self._positions[index]
        reached: list[Sold] = []
        for day in sorted(self._days):
            if start_of_day(day) + age >= before:
                break
            cohort = self._days[day]
            position = positions.get(day, 0)
            if position == len(cohort):
                continue
            # A sale that was read is older than all that may still be added, so sorting the whole
            # day moves none of the sales before `position`.
            if day in self._unsorted:
                cohort.sort(key=_time)
                self._unsorted.remove(day)
            if cohort[-1].sale.at + age < before:
                end = len(cohort)  # all days but the last one that is reached
            else:
                end = bisect_left(cohort, before, position, key=lambda sold: sold.sale.at + age)
            reached += cohort[position:end]
            positions[day] = end
        if index == -1:
            self._forget(before - age)
        return reached

    def _forget(self, before: Seconds) -> None:
        """Drop the days that ended before a time."""
        for day in [day for day in self._days if end_of_day(day) < before]:
            del self._days[day]
            self._unsorted.discard(day)
            for positions in self._positions:
                positions.pop(day, None)
