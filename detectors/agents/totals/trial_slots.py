"""The slots at which the trials of a day count, looked up by their places."""

from collections.abc import Callable
from itertools import compress
from typing import Final

import numpy as np

from detectors.agents.totals.places import Places, TrialColumns
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Integers
from detectors.messages.outcomes import Outcome

_NOBODY: Final = -1
"""The slot, and the row, of a sale without an agent."""

_UNKNOWN: Final = -2


class TrialSlots:
    """Finds the slot of each trial's agent and cell, making those that are new.

    Parameters
    ----------
    places
        The pairs of agents and cells.
    index
        All slots.
    row
        Returns the row of an agent.
    """

    def __init__(self, places: Places, index: SlotIndex, row: Callable[[AgentId], int]) -> None:
        self._places: Final = places
        self._index: Final = index
        self._row: Final = row
        self._slot_of = np.full(0, _UNKNOWN, np.int64)

    def of(
        self, outcomes: list[Outcome], trials: TrialColumns
    ) -> tuple[list[Outcome], TrialColumns, Integers]:
        """Return the outcomes that have an agent, the same in columns, and their slots.

        Sales that nobody made are in everybody's baseline, and nobody is judged by them.
        """
        slots = self._known()[trials.places]
        new = slots == _UNKNOWN
        if new.any():
            self._make(list(dict.fromkeys(trials.places[new].tolist())))
            slots = self._slot_of[trials.places]
        made = slots != _NOBODY
        if made.all():
            return outcomes, trials, slots
        random_keys = trials.random_keys[made] if trials.random_keys.size else trials.random_keys
        chosen = TrialColumns(trials.places[made], trials.bad[made], random_keys)
        return list(compress(outcomes, made)), chosen, slots[made]

    def _known(self) -> Integers:
        missing = len(self._places) - self._slot_of.size
        if missing:
            self._slot_of = np.pad(self._slot_of, (0, missing), constant_values=_UNKNOWN)
        return self._slot_of

    def _make(self, new: list[int]) -> None:
        """Make slots for new places, rows of new agents in the order of their trials."""
        pairs = [self._places.pair(place) for place in new]
        rows = [_NOBODY if agent is None else self._row(agent) for agent, _ in pairs]
        nodes = self._index.tree.nodes([cell for _, cell in pairs])
        of_agents = np.array(rows) != _NOBODY
        slots = np.full(len(new), _NOBODY, np.int64)
        slots[of_agents] = self._index.slots(np.array(rows)[of_agents], np.array(nodes)[of_agents])
        self._slot_of[new] = slots
