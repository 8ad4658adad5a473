"""The slots at which the trials of a day count, looked up fast."""

from collections.abc import Callable, Collection
from itertools import compress
from operator import attrgetter
from typing import Final

import numpy as np

from detectors.agents.totals.slots import SlotIndex
from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Integers
from detectors.messages.outcomes import Outcome

_NOBODY: Final = -1
"""The slot of a sale without an agent."""

_pair: Final = attrgetter("agent_id", "cell")


class TrialSlots:
    """Finds the slot of each trial's agent and cell, making those that are new.

    Parameters
    ----------
    index
        All slots.
    row
        Returns the row of an agent.
    """

    def __init__(self, index: SlotIndex, row: Callable[[AgentId], int]) -> None:
        self._index: Final = index
        self._row: Final = row
        self._known: Final[dict[tuple[AgentId | None, Cell], int]] = {}

    def of(
        self, outcomes: list[Outcome], random_keys: Integers
    ) -> tuple[list[Outcome], Integers, Integers]:
        """Return the outcomes that have an agent, with their slots and random keys, if any.

        Sales that nobody made are in everybody's baseline, and nobody is judged by them.
        """
        slots = self._slots(outcomes)
        has_agent = slots != _NOBODY
        if has_agent.all():
            return outcomes, slots, random_keys
        return (
            list(compress(outcomes, has_agent)),
            slots[has_agent],
            random_keys[has_agent] if random_keys.size else random_keys,
        )

    def _slots(self, outcomes: list[Outcome]) -> Integers:
        known, pairs = self._known, [*map(_pair, outcomes)]
        # Nearly every day has only known pairs: one look-up each, and no test before it.
        try:
            found = [known[pair] for pair in pairs]
        except KeyError:
            self._make(dict.fromkeys([pair for pair in pairs if pair not in known]))
            found = [known[pair] for pair in pairs]
        return np.array(found, np.int64)

    def _make(self, new: Collection[tuple[AgentId | None, Cell]]) -> None:
        pairs = [(self._row(agent_id), cell) for agent_id, cell in new if agent_id is not None]
        made = iter(self._index.slots(pairs).tolist())
        self._known.update({pair: _NOBODY if pair[0] is None else next(made) for pair in new})
