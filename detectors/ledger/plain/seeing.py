"""Plain accounts counted by site: sales of a day, and first uses of young sales."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from detectors.basis.event_time import DAY, Day
from detectors.evidence.arrays import Integers
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.cohorts import RowCohorts
from detectors.ledger.plain.layout import NO_NAME, PLAIN, Numbers, Rows
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
    table = _counted(store.arrays.rows, rows, age, day, reach.told)
    numbers = np.flatnonzero(table.any(axis=1))
    for number in numbers.tolist():
        name = None if number == 0 else store.texts_of(np.array([number + NO_NAME]))[0]
        yield name, int(table[number, _SOLD]), table[number, :DAYS_TOLD].tolist()


@compiled
def _counted(rows: Rows, chosen: Numbers, ages: Integers, day: int, told: int) -> Integers:
    """Count by site, the first row for none: first uses by day, the last at the end, and sales."""
    sites = 0
    for row in chosen:
        sites = max(sites, rows[row].site - NO_NAME + 1)
    table = np.zeros((sites, DAYS_TOLD + 1), np.int64)
    for index in range(chosen.size):
        one = rows[chosen[index]]
        if one.state != PLAIN or one.was_sold:
            continue
        site = one.site - NO_NAME
        if ages[index] == 0:
            table[site, _SOLD] += 1
        if one.used > 0:
            ago = day - np.int64(one.uses[0] // DAY)
            if 0 <= ago < told:
                table[site, DAYS_TOLD - 1 - ago] += 1
    return table
