"""What is expected of the members of groups, taken together, by what is known of all agents."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell, GroupKind, PatternName
from detectors.evidence.arrays import Integers
from detectors.messages.outcomes import DayReport
from detectors.messages.within import GroupDay, GroupRows, numbers
from detectors.peers.compared import Compared
from detectors.peers.population import Population

_NO_PLACE: Final = -1


def group_days(
    reports: Sequence[DayReport],
    populations: Mapping[PatternName, Population],
    compared: Mapping[GroupKind, Compared],
) -> dict[PatternName, dict[GroupKind, dict[str, GroupDay]]]:
    """Return what the members of each group did on a day, after it was added to `populations`.

    Groups are in the order of their names; sums over cells are made in the order of the cells'
    names, so partitions change no bit of them. Of groups that are not `compared` nothing is told.
    """
    told = sorted({name for report in reports for name in report.within})
    kinds = sorted({kind for report in reports for one in report.within.values() for kind in one})
    for kind in kinds:
        compared[kind].admit(
            [one[kind] for report in reports for one in report.within.values() if kind in one]
        )
    return {
        name: {
            kind: _days(
                [one.within[name][kind] for one in reports if kind in one.within.get(name, {})],
                populations[name],
                compared[kind].names,
            )
            for kind in kinds
        }
        for name in told
        if name in populations
    }


def _days(
    parts: Sequence[GroupRows], population: Population, compared: AbstractSet[str]
) -> dict[str, GroupDay]:
    groups = sorted({name for part in parts for name in part.groups if name in compared})
    cells = sorted({cell for part in parts for cell in part.cells})
    if not groups:
        return {}
    place_of = {name: place for place, name in enumerate(groups)}
    column_of = {cell: column for column, cell in enumerate(cells)}
    # A number for each group and cell that has outcomes, not for all that there might be.
    rows = np.concatenate([_renumbered(part, place_of, column_of) for part in parts])
    rows = rows[rows[:, 0] != _NO_PLACE]
    numbered, of = np.unique(rows[:, 0] * len(cells) + rows[:, 1], return_inverse=True)
    matured = np.bincount(of, rows[:, 2], numbered.size)
    places, columns = np.divmod(numbered, len(cells))
    expected = np.bincount(places, matured * population.expected(cells)[columns], len(groups))
    bad = np.bincount(rows[:, 0], rows[:, 3], len(groups))
    told = zip(groups, bad.tolist(), expected.tolist(), strict=True)
    return {name: GroupDay(int(ended), due) for name, ended, due in told}


def _renumbered(
    part: GroupRows, place_of: Mapping[str, int], column_of: Mapping[Cell, int]
) -> Integers:
    rows = numbers(part.rows)
    places = np.array([place_of.get(name, _NO_PLACE) for name in part.groups], np.int64)
    columns = np.array([column_of[cell] for cell in part.cells], np.int64)
    rows[:, 0], rows[:, 1] = places[rows[:, 0]], columns[rows[:, 1]]
    return rows
