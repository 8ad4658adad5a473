"""The slots at which the trials of a day count."""

from collections.abc import Callable
from typing import Final

import numpy as np

from detectors.agents.totals.slots import SlotIndex
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Integers
from detectors.messages.outcome_columns import OutcomeColumns

_NOBODY: Final = -1
"""The row of a sale without an agent."""

_UNKNOWN: Final = -2


class TrialSlots:
    """Finds the slot of each trial's agent and cell, making those that are new.

    Parameters
    ----------
    names
        What the numbers of agents and cells stand for.
    index
        All slots.
    row
        Returns the row of an agent.
    """

    def __init__(self, names: TrialNames, index: SlotIndex, row: Callable[[AgentId], int]) -> None:
        self._names: Final = names
        self._index: Final = index
        self._row: Final = row
        self._row_of = np.full(0, _UNKNOWN, np.int64)
        self._node_of = np.zeros(0, np.int64)
        self._tree_size = 0
        self._forgotten = names.forgotten

    def of(
        self, outcomes: OutcomeColumns, trials: TrialColumns
    ) -> tuple[OutcomeColumns, TrialColumns, Integers]:
        """Return the outcomes that have an agent, the same in columns, and their slots.

        Sales that nobody made are in everybody's baseline, and nobody is judged by them.
        """
        if self._of_before():
            self._forgotten = self._names.forgotten
            self._row_of, self._node_of = self._row_of[:0], self._node_of[:0]
        rows = self._rows(trials.agents)
        made = rows != _NOBODY
        if not made.all():
            random_keys = trials.random_keys
            trials = TrialColumns(
                trials.agents[made],
                trials.cells[made],
                trials.bad[made],
                random_keys[made] if random_keys.size else random_keys,
            )
            outcomes, rows = outcomes.chosen(made), rows[made]
        return outcomes, trials, self._index.slots(rows, self._nodes()[trials.cells])

    def _of_before(self) -> bool:
        """Return whether what is known is of numbers that mean nothing any more."""
        return self._names.forgotten != self._forgotten

    def _rows(self, agents: Integers) -> Integers:
        """Return the row of each agent; new agents get theirs in the order of their trials."""
        names = self._names.agents
        missing = len(names) - self._row_of.size
        if missing:
            self._row_of = np.pad(self._row_of, (0, missing), constant_values=_UNKNOWN)
        rows: Integers = self._row_of[agents]
        new = rows == _UNKNOWN
        if new.any():
            for agent in dict.fromkeys(agents[new].tolist()):
                agent_id = names[agent]
                self._row_of[agent] = _NOBODY if agent_id is None else self._row(agent_id)
            rows = self._row_of[agents]
        return rows

    def _nodes(self) -> Integers:
        """Return the node of each cell, or of the one in which it counts."""
        cells, tree = self._names.cells, self._index.tree
        if len(tree) > self._tree_size:  # what counted in a wider cell may have one of its own now
            self._tree_size, self._node_of = len(tree), np.zeros(0, np.int64)
        known = self._node_of.size
        if len(cells) > known:
            nodes = np.array(tree.nearest_of(cells[known:]), np.int64)
            self._node_of = np.concatenate([self._node_of, nodes])
        return self._node_of
