"""What is expected of the members of groups, taken together, by what is known of all agents."""

from collections.abc import Mapping, Sequence

import numpy as np

from detectors.basis.identifiers import GroupKind, PatternName
from detectors.messages.outcomes import DayReport
from detectors.messages.within import GroupDay, GroupRows, numbers
from detectors.peers.population import Population


def group_days(
    reports: Sequence[DayReport], populations: Mapping[PatternName, Population]
) -> dict[PatternName, dict[GroupKind, dict[str, GroupDay]]]:
    """Return what the members of each group did on a day, after it was added to `populations`.

    Groups are in the order of their names; sums over cells are made in the order of the cells'
    names, so partitions change no bit of them.
    """
    told = sorted({name for report in reports for name in report.within})
    kinds = sorted({kind for report in reports for one in report.within.values() for kind in one})
    return {
        name: {
            kind: _days(
                [one.within[name][kind] for one in reports if kind in one.within.get(name, {})],
                populations[name],
            )
            for kind in kinds
        }
        for name in told
        if name in populations
    }


def _days(parts: Sequence[GroupRows], population: Population) -> dict[str, GroupDay]:
    groups = sorted({name for part in parts for name in part.groups})
    cells = sorted({cell for part in parts for cell in part.cells})
    if not cells:
        return {}
    place_of = {name: place for place, name in enumerate(groups)}
    column_of = {cell: column for column, cell in enumerate(cells)}
    shape = (len(groups), len(cells))
    matured, bad = np.zeros(shape), np.zeros(len(groups))
    for part in parts:
        rows = numbers(part.rows)
        places = np.array([place_of[name] for name in part.groups])[rows[:, 0]]
        columns = np.array([column_of[cell] for cell in part.cells])[rows[:, 1]]
        cells_of = places * len(cells) + columns
        matured += np.bincount(cells_of, rows[:, 2], matured.size).reshape(shape)
        bad += np.bincount(places, rows[:, 3], len(groups))
    expected = (matured * population.expected(cells)).sum(axis=1)
    return {
        name: GroupDay(int(bad[place]), float(expected[place])) for place, name in enumerate(groups)
    }
