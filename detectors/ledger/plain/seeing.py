"""Plain accounts counted by site: sales of a day, first uses of young ones, and the used ones."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from detectors.basis.event_time import DAY, Day
from detectors.evidence.arrays import Integers
from detectors.ledger.plain.cohorts import RowCohorts
from detectors.ledger.plain.layout import NO_NAME, PLAIN, Numbers
from detectors.ledger.plain.store import PlainStore
from detectors.ledger.seeing import Reach, SiteSeen
from detectors.messages.seen import AGENT_GROUPS, DAYS_TOLD, group_of

_SOLD: Final = DAYS_TOLD
_CAME: Final = DAYS_TOLD + 1
_CAME_USED: Final = _CAME + AGENT_GROUPS
_WIDTH: Final = _CAME_USED + AGENT_GROUPS
"""Columns: the days, sales, and by groups of agents the oldest young sales, and the used ones."""


def seen_of(store: PlainStore, cohorts: RowCohorts, day: Day, reach: Reach) -> Iterator[SiteSeen]:
    """Give what was seen by the end of a day, by site."""
    known = set(cohorts.days())
    ages = [age for age in range(reach.young) if day - age in known]
    if not ages:
        return
    cohort_rows = [cohorts.of(Day(day - age)) for age in ages]
    rows = np.concatenate(cohort_rows)
    age = np.repeat(ages, [len(some) for some in cohort_rows])
    columns = store.arrays.rows
    # What was sold before is forgotten, so it was too long ago to count.
    is_plain = columns["state"][rows] == PLAIN
    rows, age = rows[is_plain], age[is_plain]
    # A row of the table for each site that is there, not for each name that is known.
    site = columns["site"][rows].astype(np.int64) - NO_NAME
    sites = np.flatnonzero(np.bincount(site))
    place = np.zeros(int(site.max(initial=0)) + 1, np.int64)
    place[sites] = np.arange(sites.size)
    start = place[site] * _WIDTH
    ago = day - np.floor_divide(columns["uses"][rows, 0], DAY)
    is_used = (columns["used"][rows] > 0) & (ago >= 0)
    is_lately = is_used & (ago < reach.told)
    came = age == reach.young - 1
    groups = _groups(store, rows[came])
    places = [
        start[is_lately] + (DAYS_TOLD - 1 - ago[is_lately].astype(np.int64)),
        start[age == 0] + _SOLD,
        start[came] + _CAME + groups,
        (start[came] + _CAME_USED + groups)[is_used[came]],
    ]
    size = int(start.max(initial=0)) + _WIDTH
    table = np.bincount(np.concatenate(places), minlength=size).reshape(-1, _WIDTH)
    numbers = np.flatnonzero(table.any(axis=1))
    for number in numbers.tolist():
        named = sites[number] + NO_NAME
        name = None if named == NO_NAME else store.texts_of(np.array([named]))[0]
        counts = table[number].tolist()
        came_used = counts[_CAME_USED:]
        yield SiteSeen(name, counts[_SOLD], counts[:_SOLD], counts[_CAME:_CAME_USED], came_used)


def _groups(store: PlainStore, rows: Numbers) -> Integers:
    """Return the group of the agent of each row."""
    agents, place = np.unique(store.arrays.rows["agent"][rows], return_inverse=True)
    is_named = agents != NO_NAME
    groups = np.full(len(agents), group_of(None), dtype=np.int64)
    groups[is_named] = [group_of(name) for name in store.texts_of(agents[is_named])]
    return groups[place]
