"""Cells as a tree: "product/channel" lies in "product", and that in the root, which is all."""

from collections.abc import Collection
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Integers

ROOT: Final = Cell("")
"""The cell in which every other lies; node 0 of every tree."""


_MOST_BESIDE: Final = 20_000
"""Cells without a node of which it is remembered where they count: most come day after day."""


def wider(cell: Cell) -> Cell:
    r"""Return the cell without its last field; without any field it is the root.

    Fields are separated by "/"; one that belongs to a value is written "\/", a backslash "\\".

    Examples
    --------
    >>> wider("card/phone"), wider("card"), wider("a\\/b")
    ('card', '', '')
    """
    if "\\" not in cell:  # nearly always; what follows looks at every character
        return Cell(cell[: max(cell.rfind("/"), 0)])
    end = 0
    escaped = False
    for position, character in enumerate(cell):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "/":
            end = position
    return Cell(cell[:end])


class CellTree:
    """Numbers cells and all cells they lie in: nodes from 0, the root, each after its parent.

    The numbers depend on the order in which cells become known; nothing computed from sums over
    nodes does, as long as these sums are exact.
    """

    def __init__(self) -> None:
        self._nodes: Final[dict[Cell, int]] = {ROOT: 0}
        self._beside: Final[dict[Cell, int]] = {}
        """What `nearest` gave for cells without a node, until there is another node."""
        self._parents: Final = [0]
        self._depths: Final = [0]
        self._arrays: tuple[Integers, Integers] | None = None

    def __len__(self) -> int:
        return len(self._parents)

    def node(self, cell: Cell) -> int:
        """Return the node of a cell, making it and its parents if they are new."""
        node = self._nodes.get(cell)
        if node is None:
            parent = self.node(wider(cell))
            node = self._nodes[cell] = len(self._parents)
            self._parents.append(parent)
            self._depths.append(self._depths[parent] + 1)
            self._arrays = None
            if self._beside:
                self._beside.clear()
        return node

    def nodes(self, cells: Collection[Cell]) -> list[int]:
        """Return the nodes of cells, making those that are new."""
        # Nearly always all are known: one look-up each, and no test before it.
        known = self._nodes
        try:
            return [known[cell] for cell in cells]
        except KeyError:
            return [self.node(cell) for cell in cells]

    def nearest(self, cell: Cell) -> int:
        """Return the node of a cell, or of the narrowest known one in which it lies."""
        node = self._nodes.get(cell)
        if node is None:
            node = self._beside.get(cell)
        if node is None:
            node = self.nearest(wider(cell))
            if len(self._beside) >= _MOST_BESIDE:
                self._beside.clear()
            self._beside[cell] = node
        return node

    def nearest_of(self, cells: Collection[Cell]) -> list[int]:
        """Return what `nearest` does of each cell."""
        known = self._nodes
        try:
            return [known[cell] for cell in cells]
        except KeyError:
            return [self.nearest(cell) for cell in cells]

    def missing(self, cell: Cell) -> list[Cell]:
        """Return the cell and those it lies in, as far as they have no node, narrow ones first."""
        cells: list[Cell] = []
        while cell not in self._nodes:
            cells.append(cell)
            cell = wider(cell)
        return cells

    def parent(self, node: int) -> int:
        """Return the node in which another lies; the root lies in itself."""
        return self._parents[node]

    def cells(self) -> list[Cell]:
        """Return the cell of every node, in the order of nodes."""
        return list(self._nodes)

    def parents(self) -> Integers:
        """Return the node in which each lies, in the order of nodes."""
        return self._as_arrays()[0]

    def depths(self) -> Integers:
        """Return how deep each node lies, the root at 0, in the order of nodes."""
        return self._as_arrays()[1]

    def _as_arrays(self) -> tuple[Integers, Integers]:
        if self._arrays is None:
            self._arrays = np.array(self._parents), np.array(self._depths)
        return self._arrays
