"""All touches of one agent: sets by day, so that order and repeats cannot matter."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from detectors.basis.event_time import Day, Seconds, day_of, end_of_day, start_of_day
from detectors.facts.traffic.touch import NOBODY_KNOWS_WHO, Touched

MOST_A_DAY: Final = 1_000
"""Touches of one agent on one UTC day that are kept, the first ones. No person has so many: it
bounds what a login of many, or of a machine, costs."""


class DayTouches(Struct, array_like=True):
    """Touches of one day, each once, in the order of time.

    ``whole_until``: the first one that is not among them has this time (seconds), None if all are.
    """

    touched: list[Touched]
    whole_until: Seconds | None = None

    def add(self, one: Touched) -> bool:
        """Add one; return whether that changed anything. It is a set of the first ones."""
        place = bisect_right(self.touched, one)
        if place and self.touched[place - 1] == one:
            return False
        if self.whole_until is not None and one.at >= self.whole_until:
            return False
        self.touched.insert(place, one)
        if len(self.touched) > MOST_A_DAY:
            # Those of its very time go as well: which of them came first nobody can tell.
            self.whole_until = self.touched[-1].at
            while self.touched and self.touched[-1].at >= self.whole_until:
                self.touched.pop()
        return True


class DaySummary(NamedTuple):
    """Of a day, in the order of time: when there was an interaction, or an access that names one.

    ``met`` without, and ``met_or_named`` with the accesses. ``alike``: whether one of those who
    were met was looked up as well.
    """

    met: list[Seconds]
    met_or_named: list[Seconds]
    alike: bool


class Touches:
    """The touches of one agent.

    What is asked about a time depends on no touch after it.

    Parameters
    ----------
    days
        Those that are known, by the day.
    """

    def __init__(self, days: dict[Day, DayTouches] | None = None) -> None:
        self.days: Final = {} if days is None else days
        self._by_customer: Final[dict[Day, dict[int, list[Touched]]]] = {
            day: _by_customer(some.touched) for day, some in self.days.items()
        }
        self._summaries: Final[dict[Day, DaySummary]] = {}

    def __bool__(self) -> bool:
        return bool(self.days)

    def add(self, one: Touched) -> bool:
        """Add a touch; return whether that changed anything."""
        day = day_of(one.at)
        touches = self.days.setdefault(day, DayTouches([]))
        before = touches.whole_until
        if not touches.add(one):
            return False
        self._summaries.pop(day, None)
        if touches.whole_until == before:
            insort(self._by_customer.setdefault(day, {}).setdefault(one.customer, []), one)
        else:
            self._by_customer[day] = _by_customer(touches.touched)
        return True

    def forget(self, day: Day) -> None:
        """Drop a day that nobody asks about any more."""
        self.days.pop(day, None)
        self._by_customer.pop(day, None)
        self._summaries.pop(day, None)

    def accesses(self, customer: int, since: float, until: float) -> list[Touched]:
        """Return when data of a customer was looked at between times, in no interaction named."""
        return [one for one in self._of(customer, since, until) if not one.met]

    def met(self, customer: int, since: float, until: float) -> bool:
        """Return whether there was an interaction with a customer between times."""
        return any(one.met for one in self._of(customer, since, until))

    def met_somebody(self, since: float, until: float) -> bool:
        """Return whether there was one of which nobody can tell with whom."""
        return self.met(NOBODY_KNOWS_WHO, since, until)

    def names_alike(self, since: float, until: float) -> bool:
        """Return whether on some UTC day a customer was both met and looked up, between times.

        If nobody was, the two sources may spell the ids of customers in two ways.
        """
        return any(
            self._summary(day).alike
            if since <= start_of_day(day) and end_of_day(day) <= until
            else _alike(one for one in self.days[day].touched if since <= one.at <= until)
            for day in _days(since, until)
            if day in self.days
        )

    def interactions(self, since: float, until: float) -> int:
        """Count the interactions between times; an access that names one is one more."""
        return sum(
            _between(self._summary(day).met_or_named, since, until)
            for day in _days(since, until)
            if day in self.days
        )

    def is_whole(self, since: float, until: float) -> bool:
        """Return whether all of a time are kept."""
        limits = [self.days[day].whole_until for day in _days(since, until) if day in self.days]
        return all(limit is None or limit > until for limit in limits)

    def longest_silence(self, since: float, until: float) -> int:
        """Return the longest run of UTC days without an interaction, in days, between times."""
        longest = run = 0
        for day in _days(since, until):
            is_met = day in self.days and _between(self._summary(day).met, since, until)
            run = 0 if is_met else run + 1
            longest = max(longest, run)
        return longest

    def _of(self, customer: int, since: float, until: float) -> Iterator[Touched]:
        days = (self._by_customer[day] for day in _days(since, until) if day in self._by_customer)
        for some in days:
            for one in some.get(customer, ()):
                if since <= one.at <= until:
                    yield one

    def _summary(self, day: Day) -> DaySummary:
        """Return that of a day that is known, made anew only after it has changed."""
        known = self._summaries.get(day)
        if known is None:
            touched = self.days[day].touched
            known = self._summaries[day] = DaySummary(
                [one.at for one in touched if not one.looked],
                [one.at for one in touched if one.met],
                _alike(touched),
            )
        return known


def _alike(touched: Iterable[Touched]) -> bool:
    """Return whether one of those who were met was looked up as well."""
    met, looked = set[int](), set[int]()
    for one in touched:
        (looked if one.looked else met).add(one.customer)
    return bool((met & looked) - {NOBODY_KNOWS_WHO})


def _between(times: Sequence[Seconds], since: float, until: float) -> int:
    """Count the times, which are in order, from one to another inclusive."""
    return max(0, bisect_right(times, until) - bisect_left(times, since))


def _days(since: float, until: float) -> Iterator[Day]:
    return map(Day, range(day_of(Seconds(since)), day_of(Seconds(until)) + 1))


def _by_customer(touched: Iterable[Touched]) -> dict[int, list[Touched]]:
    found: dict[int, list[Touched]] = {}
    for one in touched:
        found.setdefault(one.customer, []).append(one)
    return found
