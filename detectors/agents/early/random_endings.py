"""Endings of the early tier's shadow null: sales at risk that end by chance, day by day."""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.null.random_keys import mixed, seed_offset
from detectors.evidence.arrays import Integers
from detectors.evidence.compilation import compiled

_DAY: Final = 0xD6E8FEB86659FD93
_NUMBER: Final = np.uint64(0xA0761D6478BD642F)
"""Odd numbers: they keep days, and identical sales, apart."""


class NameCodes:
    """Numbers below 2^32 that stand for names, kept as long as the names are the same object."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._codes = np.zeros(0, np.uint64)

    def of(self, names: Sequence[str]) -> NDArray[np.uint64]:
        """Return the number of each name; the names must not be changed."""
        # Identity is enough, and cheap: `NameTable.names` is the same object until names change.
        if names is not self._names:
            self._names = names
            self._codes = np.array([crc32(name.encode()) for name in names], np.uint64)
        return self._codes


class RandomEndings:
    """Deals endings to sales at risk, by random keys that each of them draws anew every day.

    Parameters
    ----------
    seed
        Chooses the keys.
    """

    def __init__(self, seed: int) -> None:
        self._offset: Final = seed_offset(seed)
        self._agents: Final = NameCodes()
        self._cells: Final = NameCodes()

    def of(self, exposure: DayExposure, chosen: Integers, limits: Integers) -> Integers:
        """Return how many sales of each of some groups at risk are dealt an ending on the day.

        `chosen` are the positions of these groups, `limits` are theirs. A sale ends if its key is
        at most the limit of its group, which is the cut-off of its cell: the share of sales that
        ended there (see `cutoffs_by_share`).
        """
        agents, cells = self._agents.of(exposure.agent_names), self._cells.of(exposure.cell_names)
        # A group is known by the names of agent and cell, not by their numbers: those depend on
        # who else sells in the partition, and the deal must not.
        groups = agents[exposure.agents[chosen]] << np.uint64(32)
        groups |= cells[exposure.cells[chosen]]
        first = np.uint64((self._offset + _DAY * exposure.day) % 2**64)
        ended = np.zeros(groups.size, np.int64)
        _deal(groups + first, exposure.at_risk[chosen], limits, ended)
        return ended


@compiled
def _deal(
    identities: NDArray[np.uint64], at_risk: Integers, limits: Integers, ended: Integers
) -> None:
    """Count the random keys up to the limit in each group of sales at risk."""
    for group in range(identities.size):
        limit, identity = limits[group], identities[group]
        if limit < 0:  # `NONE_BAD`: no key is that small
            continue
        for _ in range(at_risk[group]):
            ended[group] += np.int64(mixed(identity)) <= limit
            identity += _NUMBER
