"""Names in arrays: each name has a position, and names that are used no more are dropped."""

from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from detectors.evidence.arrays import Integers

_ROOM: Final = 64

UNKNOWN: Final = -1
"""The position of a name that is not in the table."""

Name = TypeVar("Name", bound=str)
"""What is named: agents or cells."""


class NameTable(Generic[Name]):
    """Numbers names in the order in which they were first seen."""

    def __init__(self, names: Iterable[Name] = ()) -> None:
        self._positions: dict[Name, int] = {name: position for position, name in enumerate(names)}
        self._names: tuple[Name, ...] = ()

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def names(self) -> Sequence[Name]:
        """All names, in the order of their positions; the same object until there are others."""
        if len(self._names) != len(self._positions):
            self._names = tuple(self._positions)
        return self._names

    def positions(self, names: Iterable[Name]) -> Integers:
        """Return the positions of names, adding those that are new."""
        positions = self._positions
        return np.array([positions.setdefault(name, len(positions)) for name in names], np.int64)

    def found(self, names: Iterable[Name]) -> Integers:
        """Return the positions of names, `UNKNOWN` for those that are not in the table."""
        return np.array([self._positions.get(name, UNKNOWN) for name in names], np.int64)

    def compact(self, used: Sequence[Integers]) -> Sequence[Integers]:
        """Drop names that are in none of the arrays of positions `used`, if there are many.

        Return the arrays with the positions that names have after that.
        """
        if len(self) <= _ROOM:
            return used
        is_used = np.zeros(len(self), np.bool_)
        for positions in used:
            is_used[positions] = True
        kept = np.flatnonzero(is_used)
        # Only once most of it is garbage: renumbering every array costs more than some idle names.
        if len(self) <= _ROOM + 2 * kept.size:
            return used
        names = self.names
        self._names = ()
        self._positions = {names[position]: new for new, position in enumerate(kept.tolist())}
        moved = np.cumsum(is_used) - 1
        return [moved[positions] for positions in used]
