"""The places at which the trials of a day count, looked up fast."""

from collections.abc import Callable, Collection
from itertools import compress
from operator import attrgetter
from typing import Final

import numpy as np

from detectors.agents.totals.slots import SlotIndex
from detectors.evidence.arrays import Integers
from detectors.messages.outcomes import AgentId, Cell, Outcome

_NOBODY: Final = -1
"""The place of a sale without an agent."""

_pair: Final = attrgetter("agent_id", "cell")


class TrialSlots:
    """Finds the place of each trial's agent and cell, making those that are new.

    Parameters
    ----------
    index
        All places.
    row
        Gives the row of an agent.
    """

    def __init__(self, index: SlotIndex, row: Callable[[AgentId], int]) -> None:
        self._index: Final = index
        self._row: Final = row
        self._known: Final[dict[tuple[AgentId | None, Cell], int]] = {}

    def of(
        self, outcomes: list[Outcome], random_keys: Integers
    ) -> tuple[list[Outcome], Integers, Integers]:
        """Give the outcomes that have an agent, with their places and marks (maybe there are none).

        Sales that nobody made are in everybody's baseline, and nobody is judged by them.
        """
        slots = self._slots(outcomes)
        his = slots != _NOBODY
        if his.all():
            return outcomes, slots, random_keys
        return (
            list(compress(outcomes, his)),
            slots[his],
            random_keys[his] if random_keys.size else random_keys,
        )

    def _slots(self, outcomes: list[Outcome]) -> Integers:
        known, pairs = self._known, [*map(_pair, outcomes)]
        try:
            found = [known[pair] for pair in pairs]
        except KeyError:
            self._make(dict.fromkeys([pair for pair in pairs if pair not in known]))
            found = [known[pair] for pair in pairs]
        return np.array(found, np.int64)

    def _make(self, new: Collection[tuple[AgentId | None, Cell]]) -> None:
        his = [(self._row(agent_id), cell) for agent_id, cell in new if agent_id is not None]
        made = iter(self._index.slots(his).tolist())
        self._known.update({pair: _NOBODY if pair[0] is None else next(made) for pair in new})
