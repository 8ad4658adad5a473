"""Periods of targets: months, quarters, or those whose first days settings name."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from detectors.basis.event_time import DAY, Day, Seconds, start_of_day
from detectors.facts.sales import Reals

Periods = Literal["month", "quarter"]

_MONTHS: Final[dict[Periods, int]] = {"month": 1, "quarter": 3}
_DAYS_A_YEAR: Final = 365.0
_EPOCH: Final = date(1970, 1, 1).toordinal()


def next_period(at: Reals, periods: Periods, begin_on: Sequence[date]) -> Reals:
    """Return when the period after each moment begins (seconds); infinite if nobody knows of one.

    Periods begin at midnight, UTC; on the days `begin_on`, if there are any.
    """
    if begin_on:
        begins = [float(day.toordinal() - _EPOCH) * DAY for day in sorted(begin_on)]
        known = np.array([*begins, np.inf])
        following: Reals = known[np.searchsorted(known, at, side="right")]
        return following
    months = np.floor(at / DAY).astype("datetime64[D]").astype("datetime64[M]")
    number, length = months.astype(np.int64), _MONTHS[periods]
    begins_next = ((number // length + 1) * length).astype("datetime64[M]")
    return begins_next.astype("datetime64[s]").astype(np.float64)


def ends_a_year(periods: Periods, begin_on: Sequence[date]) -> float:
    """Return how many periods end within a year, at most."""
    if not begin_on:
        return 12.0 / _MONTHS[periods]
    begins = sorted(set(begin_on))
    shortest = min((later - one).days for one, later in pairwise([*begins, date.max]))
    return max(1.0, _DAYS_A_YEAR / shortest)


@lru_cache(maxsize=1_024)
def period_after(day: Day, periods: Periods, begin_on: tuple[date, ...]) -> Seconds:
    """Return the same for all moments of one day."""
    begins = next_period(np.array([start_of_day(day)]), periods, begin_on)
    return Seconds(float(begins[0]))
