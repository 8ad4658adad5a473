"""What the members of each group did on a day, for the comparison of an agent within their group.

`docs/statistics.md`, section 9, *Common causes*. Numbers are of 4 bytes, little endian.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.basis.identifiers import Cell

_NUMBER: Final = np.dtype("<i4")
ROW: Final = 4
"""The numbers of a row of `GroupRows`."""


class GroupRows(Struct, frozen=True, array_like=True):
    """What one agents partition saw of the groups of one kind, by one tier, on one day.

    ``rows`` are four integers each: a group and a cell by their positions, outcomes that matured,
    and bad ones among them (in the early tier: sales at risk, and ended ones). Corrections take
    back what matured before: numbers may be below 0.
    """

    groups: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    rows: bytes = b""

    def is_whole(self) -> bool:
        """Return whether the numbers are as many, and as large, as the names allow."""
        if len(self.rows) % (ROW * _NUMBER.itemsize):
            return False
        rows = numbers(self.rows)
        most = np.array([len(self.groups), len(self.cells)])
        return bool(((rows[:, :2] >= 0) & (rows[:, :2] < most)).all())


class GroupDay(Struct, frozen=True, array_like=True, gc=False):
    """What was ``bad`` in a group on a day, and ``expected`` of it among all."""

    bad: int
    expected: float


def numbers(held: bytes) -> NDArray[np.int64]:
    """Return rows as they were held, shape (rows, ROW)."""
    return np.frombuffer(held, _NUMBER).astype(np.int64).reshape(-1, ROW)


def held(rows: NDArray[np.int64]) -> bytes:
    """Return the bytes of rows, one after the other."""
    return rows.astype(_NUMBER).tobytes()
