"""How many cells there may be: as many as a review has room for, which is one message."""

from collections.abc import Iterable
from typing import Final

from detectors.basis.identifiers import Cell

ROW: Final = 80
"""Bytes of a cell in a review beside its name: four numbers of peers and four of everybody, a
cut-off, and what tells how long the name is."""

FREQUENT: Final = 20
"""So many outcomes on one day are more than values that occur once ever bring."""


class Room:
    """Gives places to cells of all patterns, and of groups, until a number of bytes is full.

    In the first half every cell gets one; in the second a cell that is frequent on a day. So a
    flood of values that occur once leaves room for those that do not. A place is never given back:
    who has one follows from the days alone, whatever came between.

    Parameters
    ----------
    size
        In bytes.
    frequent
        How many outcomes on one day give a cell a place in the second half of the room.

    Attributes
    ----------
    used
        Bytes of the cells that have a place.
    cells
        How many these are.
    """

    def __init__(self, size: int, frequent: int = FREQUENT) -> None:
        self._size: Final = size
        self._frequent: Final = frequent
        self.used = 0
        self.cells = 0

    @property
    def share(self) -> float:
        """The share of the room that is used."""
        return self.used / self._size

    def take(self, cells: Iterable[Cell], outcomes: int) -> bool:
        """Give places to a cell and those it lies in, or to none; return which.

        `outcomes` are those of the cell on the day.
        """
        needed = [ROW + len(cell.encode()) for cell in cells]
        if self.used + sum(needed) > self._most(outcomes):
            return False
        self._add(needed)
        return True

    def is_full_for(self, outcomes: int) -> bool:
        """Return whether no cell with so few outcomes on the day will get a place any more."""
        return self.used + ROW >= self._most(outcomes)

    def keep(self, cells: Iterable[Cell]) -> None:
        """Give places to cells that must have one, or that had one when the state was saved."""
        self._add([ROW + len(cell.encode()) for cell in cells])

    def _most(self, outcomes: int) -> int:
        return self._size if outcomes >= self._frequent else self._size // 2

    def _add(self, needed: list[int]) -> None:
        self.used += sum(needed)
        self.cells += len(needed)
