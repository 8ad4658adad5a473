"""A day's trials, added up by group and cell."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Integers
from detectors.evidence.compilation import compiled
from detectors.messages.within import ROW, GroupRows, held

_NONE: Final = -1
"""No group, or no place."""


class Trials(NamedTuple):
    """Trials of a day, one or several of an agent and a cell an element of each array."""

    agents: Integers
    """Positions in the names of agents."""
    cells: Integers
    number: Integers
    bad: Integers


def grouped(
    trials: Trials,
    agent_names: Sequence[AgentId | None],
    cell_names: Sequence[Cell],
    group_of: Mapping[AgentId, str],
    left_out: Collection[AgentId],
) -> GroupRows:
    """Return the trials of those who belong to a group, groups and cells in their order.

    Agents `left_out` of the peers are in no group either: what is expected is without them.
    """
    present = np.flatnonzero(np.bincount(trials.agents))
    agents = [agent_names[agent] for agent in present.tolist()]
    known = [None if one is None or one in left_out else group_of.get(one) for one in agents]
    groups = sorted({name for name in known if name is not None})
    if not groups:
        return GroupRows()
    number = {name: position for position, name in enumerate(groups)}
    group = np.full(len(agent_names), _NONE, np.int64)
    group[present] = [_NONE if name is None else number[name] for name in known]
    rows, there = _added_up(*trials, group, len(groups), len(cell_names))
    names = tuple([cell_names[position] for position in there.tolist()])
    return GroupRows(tuple(groups), names, held(rows))


@compiled
def _added_up(
    agents: Integers,
    cells: Integers,
    number: Integers,
    bad: Integers,
    group_of: Integers,
    groups: int,
    most_cells: int,
) -> tuple[Integers, Integers]:
    """Return rows of `GroupRows`, and the cells that have any; `group_of` is that of each agent."""
    place = np.full(most_cells, _NONE, np.int64)
    for trial in range(agents.size):
        if group_of[agents[trial]] != _NONE:
            place[cells[trial]] = 0
    there = np.flatnonzero(place != _NONE)
    for position in range(there.size):
        place[there[position]] = position
    trials, matured, ended = np.zeros((3, groups, there.size), np.int64)
    for trial in range(agents.size):
        group, cell = group_of[agents[trial]], place[cells[trial]]
        if group != _NONE:
            trials[group, cell] += 1
            matured[group, cell] += number[trial]
            ended[group, cell] += bad[trial]
    rows = np.empty((np.count_nonzero(trials), ROW), np.int64)
    row = 0
    for group in range(groups):
        for cell in range(there.size):
            if trials[group, cell]:
                rows[row] = (group, cell, matured[group, cell], ended[group, cell])
                row += 1
    return rows, there
