"""Names of the cells within which sellers are compared."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from detectors.basis.identifiers import Cell, cell_of
from detectors.events.event import Sale

TENURE: Final = "tenure"
"""A field of a cell that is no field of the sale: the agents stage adds it."""

_MOST_KNOWN: Final = 10_000


class CellNames:
    """Names a cell by the values of some fields of a sale, separated by an unescaped ``/``.

    A value that is missing reads ``-``; ``tenure`` is left out.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        named = [field for field in fields if field != TENURE]
        # One name twice: of a single name `attrgetter` would return the value, not a tuple.
        self._values: Final = attrgetter(*named, *named[:1]) if named else _nothing
        self._length: Final = len(named)
        self._known: Final[dict[tuple[str | None, ...], Cell]] = {}

    def of(self, sale: Sale) -> Cell:
        """Return the name of the cell of a sale."""
        values = self._values(sale)
        cell = self._known.get(values)
        if cell is None:
            # A field with a new value in every sale must not fill the memory.
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            cell = self._known[values] = cell_of(values[: self._length])
        return cell


def _nothing(sale: Sale) -> tuple[str, ...]:
    del sale
    return ()
