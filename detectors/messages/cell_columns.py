"""Totals of cells in columns: the name of each cell once, and beside it rows of numbers in bytes.

Numbers are of 8 bytes, little endian, one row a cell in the order of ``cells``. No cell is there
twice.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.basis.identifiers import Cell

NUMBER_BYTES: Final = 8

TOTALS: Final = 4
"""The numbers of a cell in a `CellTable`, see there."""

DAY_TOTALS: Final = 4
"""The numbers of a cell in `DayTotals`, see there."""

_INTEGER: Final = np.dtype("<i8")
_REAL: Final = np.dtype("<f8")


class CellTable(Struct, frozen=True, array_like=True):
    """What is known of cells up to and including a day.

    ``numbers`` are four reals a cell. Outcomes that matured, and bad ones among them, are
    cumulative. Recent bad outcomes, and how many the cumulative totals of their days would have led
    one to expect, weigh days down by their age (half-life of the market).
    """

    cells: tuple[Cell, ...] = ()
    numbers: bytes = b""


class KnownTotals(Struct, frozen=True, array_like=True):
    """What is known of one pattern at the end of a day.

    ``peers`` and ``everybody`` are the numbers of two `CellTable`; without the shadow null the
    second is empty, and so are ``null_cutoffs``: an integer a cell, the largest random key that
    counts as a bad outcome there (-1: none).
    """

    cells: tuple[Cell, ...] = ()
    peers: bytes = b""
    everybody: bytes = b""
    null_cutoffs: bytes = b""

    def of_peers(self) -> CellTable:
        """Return the totals without agents under an open alert."""
        return CellTable(self.cells, self.peers)

    def of_everybody(self) -> CellTable:
        """Return the totals that the shadow null is judged by."""
        return CellTable(self.cells, self.everybody) if self.everybody else CellTable()


NOTHING_KNOWN: Final = KnownTotals()


class DayTotals(Struct, frozen=True, array_like=True):
    """What one day adds to the totals of cells.

    ``numbers`` are four integers a cell: outcomes that matured and bad ones among them (in an early
    cell, sales at risk and ended ones), then the part of both that must make nobody's baseline.
    ``random_keys`` are the integers, at least 0, of the trials of the first cell, then of the
    second and so on; ``keys_of`` is how many of them each cell has. Both are empty without any.
    """

    cells: tuple[Cell, ...] = ()
    numbers: bytes = b""
    keys_of: bytes = b""
    random_keys: bytes = b""


def integers(held: bytes, columns: int = 1) -> NDArray[np.int64]:
    """Return integers as they were held, shape (rows, columns), or (rows,) for one column."""
    numbers = np.frombuffer(held, _INTEGER).astype(np.int64)
    return numbers if columns == 1 else numbers.reshape(-1, columns)


def reals(held: bytes, columns: int) -> NDArray[np.float64]:
    """Return reals as they were held, shape (rows, columns)."""
    return np.frombuffer(held, _REAL).astype(np.float64).reshape(-1, columns)


def held_integers(numbers: NDArray[np.int64]) -> bytes:
    """Return the bytes of integers, row by row."""
    return numbers.astype(_INTEGER).tobytes()


def held_reals(numbers: NDArray[np.float64]) -> bytes:
    """Return the bytes of reals, row by row."""
    return numbers.astype(_REAL).tobytes()


def are_numbers(held: bytes, size: int) -> bool:
    """Return whether bytes are as many numbers."""
    return len(held) == size * NUMBER_BYTES


def are_finite(cells: Sequence[Cell], held: bytes) -> bool:
    """Return whether bytes are the finite numbers of a `CellTable` of these cells."""
    return are_numbers(held, len(cells) * TOTALS) and bool(
        np.isfinite(np.frombuffer(held, _REAL)).all()
    )
