"""Slots of agents in cells: one for each pair that ever occurred, and for the cells it lies in."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Booleans, Integers
from detectors.evidence.compilation import compiled
from detectors.peers.cells import CellTree
from detectors.peers.leave_one_out import NO_SLOT

_ROOM: Final = 64


class SlotsState(Struct, array_like=True):
    """All that `SlotIndex` remembers, slot by slot.

    Attributes
    ----------
    names
        The cells.
    rows, cells
        Of each slot its agent, and its cell as an index of `names`: integers of 8 bytes, little
        endian.
    asked_for
        Whether it was asked for, or only lies on the way to one that was: one byte each.
    """

    names: list[Cell]
    rows: bytes
    cells: bytes
    asked_for: bytes


class SlotIndex:
    """Numbers pairs of an agent and a cell from 0 on; the cells a cell lies in come before it.

    Agents are numbered from 0 without gaps; an agent's number is the row of their evidence. Totals
    that count by the same index have the same slots.

    Attributes
    ----------
    tree
        The cells.
    row, node
        (room,): of each slot the agent and the node of the cell.
    paths
        (room, depths): the agent's slots from the root down to this one, then `NO_SLOT`.
    """

    def __init__(self) -> None:
        self.tree: Final = CellTree()
        self.row = np.zeros(_ROOM, np.int64)
        self.node = np.zeros(_ROOM, np.int64)
        self.paths = np.full((_ROOM, 1), NO_SLOT)
        self._asked_for = np.zeros(_ROOM, np.bool_)
        self._of_agent: Final[list[dict[int, int]]] = []
        self._length = 0
        self._new: list[tuple[int, int, int]] = []

    def slot(self, row: int, cell: Cell) -> int:
        """Return the slot of an agent and a cell, making one for a new pair."""
        return int(self.slots([(row, cell)])[0])

    def slots(self, pairs: Iterable[tuple[int, Cell]]) -> Integers:
        """Return the slot of each pair of an agent and a cell, making those that are new."""
        node = self.tree.node
        slots = np.array([self._slot(row, node(cell)) for row, cell in pairs], np.int64)
        self._add_new()
        self._asked_for[slots] = True
        return slots

    def of_agent(self, row: int) -> dict[int, int]:
        """Return the slots of an agent by their nodes."""
        return self._of_agent[row] if row < len(self._of_agent) else {}

    def are_asked_for(self, slots: Integers) -> Booleans:
        """Return of slots whether each was asked for, not only on the way to one that was."""
        return self._asked_for[slots]

    def wider(self, slots: Integers) -> Integers:
        """Return the same agent's slots in the cells in which those of some slots lie."""
        depths = self.tree.depths()[self.node[slots]]
        return np.where(depths > 0, self.paths[slots, depths - 1], NO_SLOT)

    def __len__(self) -> int:
        return self._length

    def snapshot(self) -> SlotsState:
        """Return the whole state."""
        used = slice(self._length)
        return SlotsState(
            names=self.tree.cells(),
            rows=self.row[used].astype("<i8").tobytes(),
            cells=self.node[used].astype("<i8").tobytes(),
            asked_for=self._asked_for[used].tobytes(),
        )

    def restore(self, state: SlotsState) -> None:
        """Restore a state that `snapshot` returned, into an index that is still empty."""
        nodes = [self.tree.node(cell) for cell in state.names]
        rows = np.frombuffer(state.rows, "<i8").tolist()
        cells = np.frombuffer(state.cells, "<i8").tolist()
        for row, cell in zip(rows, cells, strict=True):
            self._slot(row, nodes[cell])
        self._add_new()
        self._asked_for[: self._length] = np.frombuffer(state.asked_for, np.bool_)

    def _slot(self, row: int, node: int) -> int:
        while row >= len(self._of_agent):
            self._of_agent.append({})
        of_agent = self._of_agent[row]
        slot = of_agent.get(node)
        if slot is None:
            wider = NO_SLOT if node == 0 else self._slot(row, self.tree.parent(node))
            slot = of_agent[node] = self._length + len(self._new)
            self._new.append((row, node, wider))
        return slot

    def _add_new(self) -> None:
        """Enter the new slots into the arrays, those of wider cells first."""
        if not self._new:
            return
        new = np.array(self._new, np.int64)
        depths, end = self.tree.depths(), self._length + len(new)
        self._make_room(end, int(depths[new[:, 1]].max()) + 1)
        _enter(new, self._length, depths, self.row, self.node, self.paths)
        self._length, self._new = end, []

    def _make_room(self, length: int, depths: int) -> None:
        room, known = self.row.size, self.paths.shape[1]
        more = (0, max(length, 2 * room) - room if length > room else 0)
        if more[1]:
            self.row, self.node = np.pad(self.row, more), np.pad(self.node, more)
            self._asked_for = np.pad(self._asked_for, more)
        if more[1] or depths > known:
            deeper = (0, max(depths - known, 0))
            self.paths = np.pad(self.paths, (more, deeper), constant_values=NO_SLOT)


@compiled
def _enter(
    new: Integers, first: int, depths: Integers, row: Integers, node: Integers, paths: Integers
) -> None:
    """Enter new slots from number `first` on: of each the agent, the node and the wider slot."""
    for position in range(new.shape[0]):
        slot = first + position
        row[slot], node[slot], wider = new[position]
        depth = depths[node[slot]]
        for above in range(depth):  # the path of the wider cell, one level less deep
            paths[slot, above] = paths[wider, above]
        paths[slot, depth] = slot
