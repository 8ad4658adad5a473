"""Periods of targets: months, quarters, or those whose first days settings name."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

import numpy as np

from detectors.basis.event_time import DAY
from detectors.facts.sales import Reals

Periods = Literal["month", "quarter"]

_MONTHS: Final[dict[Periods, int]] = {"month": 1, "quarter": 3}
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
