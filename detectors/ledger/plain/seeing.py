"""Plain accounts counted by site: sales of a day, and first uses of young sales."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from detectors.basis.event_time import DAY, Day
from detectors.ledger.plain.cohorts import RowCohorts
from detectors.ledger.plain.layout import NO_NAME, PLAIN
from detectors.ledger.plain.store import PlainStore
from detectors.ledger.seeing import Reach
from detectors.messages.seen import DAYS_TOLD

_SOLD: Final = DAYS_TOLD
"""The column after those of the days."""


def seen_of(
    store: PlainStore, cohorts: RowCohorts, day: Day, reach: Reach
) -> Iterator[tuple[str | None, int, list[int]]]:
    """Give the sales of a day and the first uses on each of the last days, by site."""
    known = set(cohorts.days())
    ages = [age for age in range(reach.young) if day - age in known]
    if not ages:
        return
    cohort_rows = [cohorts.of(Day(day - age)) for age in ages]
    rows = np.concatenate(cohort_rows)
    age = np.repeat(ages, [len(some) for some in cohort_rows])
    columns = store.arrays.rows
    is_plain = (columns["state"][rows] == PLAIN) & ~columns["was_sold"][rows]
    rows, age = rows[is_plain], age[is_plain]
    sites = columns["site"][rows].astype(np.int64) - NO_NAME
    ago = day - np.floor_divide(columns["uses"][rows, 0], DAY)
    is_used = (columns["used"][rows] > 0) & (ago >= 0) & (ago < reach.told)
    width = DAYS_TOLD + 1
    size = (int(sites.max(initial=0)) + 1) * width
    places = sites[is_used] * width + (DAYS_TOLD - 1 - ago[is_used].astype(np.int64))
    counts = np.bincount(places, minlength=size)
    counts += np.bincount(sites[age == 0] * width + _SOLD, minlength=size)
    table = counts.reshape(-1, width)
    numbers = np.flatnonzero(table.any(axis=1))
    for number in numbers.tolist():
        name = None if number == 0 else store.texts_of(np.array([number + NO_NAME]))[0]
        yield name, int(table[number, _SOLD]), table[number, :DAYS_TOLD].tolist()
