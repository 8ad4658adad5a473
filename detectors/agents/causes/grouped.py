"""A day's trials, added up by group and cell."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from detectors.agents.early.agent_days import counted_endings
from detectors.agents.early.at_risk import DayExposure
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.basis.identifiers import AgentId, Cell, GroupKind
from detectors.evidence.arrays import Integers
from detectors.evidence.compilation import compiled
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
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
def _by_group(group: Integers, groups: int) -> tuple[Integers, Integers]:
    """Return where the trials of each group begin, and the trials of one after the other."""
    first = np.zeros(groups + 1, np.int64)
    for one in group:
        if one != _NONE:
            first[one + 1] += 1
    first = np.cumsum(first)
    of_group, free = np.empty(first[groups], np.int64), first.copy()
    for trial in range(group.size):
        if group[trial] != _NONE:
            of_group[free[group[trial]]] = trial
            free[group[trial]] += 1
    return first, of_group


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
    """Return rows of `GroupRows`, and the cells that have any; `group_of` is that of each agent.

    The work grows with the trials, not with all the pairs of a group and a cell.
    """
    group = group_of[agents]
    first, of_group = _by_group(group, groups)
    place = np.full(most_cells, _NONE, np.int64)
    for trial in of_group:
        place[cells[trial]] = 0
    there = np.flatnonzero(place != _NONE)
    for position in range(there.size):
        place[there[position]] = position
    known = np.full(there.size, _NONE, np.int64)
    told, matured, ended = np.empty((3, there.size), np.int64)
    rows = np.empty((of_group.size, ROW), np.int64)
    row = 0
    for one in range(groups):
        size = 0
        for trial in of_group[first[one] : first[one + 1]]:
            cell = place[cells[trial]]
            if known[cell] != one:
                known[cell] = one
                told[size], matured[cell], ended[cell] = cell, 0, 0
                size += 1
            matured[cell] += number[trial]
            ended[cell] += bad[trial]
        for cell in np.sort(told[:size]):
            rows[row] = (one, cell, matured[cell], ended[cell])
            row += 1
    return rows[:row], there


def of_trials(
    columns: TrialColumns,
    corrections: Sequence[tuple[Outcome, Verdict]],
    names: TrialNames,
    groups: Mapping[GroupKind, Mapping[AgentId, str]],
    left_out: Collection[AgentId],
) -> dict[GroupKind, GroupRows]:
    """Return what matured in the groups of each kind on a day, and what became of it since.

    What is corrected is taken back on the day on which that is known.
    """
    bad = columns.bad.astype(np.int64)
    trials = Trials(columns.agents, columns.cells, np.ones_like(bad), bad)
    if corrections:
        corrected = [outcome for outcome, _ in corrections]
        taken_back = [-int(outcome.verdict is Verdict.EXCLUDED) for outcome in corrected]
        changes = [
            (outcome.verdict is Verdict.BAD) - (before is Verdict.BAD)
            for outcome, before in corrections
        ]
        trials = Trials(
            np.append(trials.agents, names.agents_of(corrected)),
            np.append(trials.cells, names.cells_of(corrected)),
            np.append(trials.number, np.array(taken_back, np.int64)),
            np.append(trials.bad, np.array(changes, np.int64)),
        )
    return _of_kinds(trials, (names.agents, names.cells), groups, left_out)


def of_exposure(
    exposure: DayExposure,
    most_on_a_day: int,
    groups: Mapping[GroupKind, Mapping[AgentId, str]],
    left_out: Collection[AgentId],
) -> dict[GroupKind, GroupRows]:
    """Return what the sales at risk in the groups of each kind did on a day."""
    agents, at_risk, ended = exposure.agents, exposure.at_risk, exposure.ended
    counted = counted_endings(agents, at_risk, ended, len(exposure.agent_names), most_on_a_day)
    trials = Trials(agents, exposure.cells, at_risk, counted)
    return _of_kinds(trials, (exposure.agent_names, exposure.cell_names), groups, left_out)


def _of_kinds(
    trials: Trials,
    names: tuple[Sequence[AgentId | None], Sequence[Cell]],
    groups: Mapping[GroupKind, Mapping[AgentId, str]],
    left_out: Collection[AgentId],
) -> dict[GroupKind, GroupRows]:
    told = {kind: grouped(trials, *names, members, left_out) for kind, members in groups.items()}
    return {kind: rows for kind, rows in told.items() if rows.groups}
