"""Which agents the shadow null judges: all, or one in so many, by a hash of the name."""

from collections.abc import Collection
from itertools import islice
from typing import Final
from zlib import crc32

import numpy as np

from detectors.agents.null.random_keys import draw_keys
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Integers

NO_ROW: Final = -1
"""The row of an agent whom the shadow null does not judge."""


class NullRows:
    """Numbers the agents whom the shadow null judges from 0 on, in the order of their rows.

    Whom it judges follows from the name and the seed alone: so it is the same in any partitioning,
    and nobody can be chosen for what they sell.

    Parameters
    ----------
    seed
        Chooses them.
    one_in
        One agent in how many is judged.
    """

    def __init__(self, seed: int, one_in: int) -> None:
        self._seed: Final = seed
        self._largest_key: Final = 2**63 // one_in - 1
        self._rows = np.zeros(0, np.int64)
        self._number = 0

    def __len__(self) -> int:
        """Count the agents whom it judges."""
        return self._number

    def of(self, agents: Collection[AgentId]) -> Integers:
        """Return the row in the shadow null of each agent, `NO_ROW` of those it does not judge.

        `agents` are those of the last call, and maybe more after them.
        """
        known = self._rows.size
        if len(agents) > known:
            names = [agent_id.encode() for agent_id in islice(agents, known, None)]
            hashes = np.array([crc32(name) for name in names], np.uint64)
            chosen = draw_keys(hashes, self._seed) <= self._largest_key
            rows = np.where(chosen, self._number + np.cumsum(chosen) - 1, NO_ROW)
            self._rows = np.concatenate([self._rows, rows])
            self._number += int(np.count_nonzero(chosen))
        return self._rows
