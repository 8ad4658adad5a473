"""Slots of agents in cells: one for each pair that ever occurred, and for the cells it lies in."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.totals.slot_table import (
    Arrays,
    empty_places,
    find,
    make,
    nodes_of,
    places_of,
    rows_of,
)
from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Booleans, Integers
from detectors.messages.cell_columns import integers
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
    paths
        (room, depths): the agent's slots from the root down to this one, then `NO_SLOT`.
    """

    def __init__(self) -> None:
        self.tree: Final = CellTree()
        self._pair = np.zeros(_ROOM, np.int64)
        self.paths = np.full((_ROOM, 1), NO_SLOT, np.int32)
        self._asked_for = np.zeros(_ROOM, np.bool_)
        self._places = empty_places(_ROOM)
        self._length = 0

    def slot(self, row: int, cell: Cell) -> int:
        """Return the slot of an agent and a cell, or the nearest one that is in the tree.

        One is made for a new pair.
        """
        return int(self.slots(np.array([row]), np.array([self.tree.nearest(cell)]))[0])

    def slots(self, rows: Integers, nodes: Integers) -> Integers:
        """Return the slot of each pair of an agent and a node, making those that are new."""
        parents, depths = self.tree.parents(), self.tree.depths()
        slots = np.empty(rows.size, np.int64)
        missing = find(self._places, self._pair, rows, nodes, slots)
        if missing:
            deepest = int(depths[nodes].max()) + 1
            self._make_room(self._length + missing * deepest, deepest)
            arrays = Arrays(self._pair, self.paths, self._places)
            self._length = make(arrays, self._length, rows, nodes, parents, slots)
        self._asked_for[slots] = True
        return slots

    def of_agents(self, rows: Iterable[int]) -> Integers:
        """Return the slots of some agents, in their order."""
        return np.flatnonzero(np.isin(rows_of(self._pair[: self._length]), [*rows]))

    def row(self, slots: Integers) -> Integers:
        """Return the agents of slots."""
        return rows_of(self._pair[slots])

    def node(self, slots: Integers) -> Integers:
        """Return the nodes of slots."""
        return nodes_of(self._pair[slots])

    def are_asked_for(self, slots: Integers) -> Booleans:
        """Return of slots whether each was asked for, not only on the way to one that was."""
        return self._asked_for[slots]

    def wider(self, slots: Integers) -> Integers:
        """Return the same agent's slots in the cells in which those of some slots lie."""
        depths = self.tree.depths()[self.node(slots)]
        wider = np.where(depths > 0, self.paths[slots, depths - 1], NO_SLOT)
        return wider.astype(np.int64)

    def __len__(self) -> int:
        return self._length

    def snapshot(self) -> SlotsState:
        """Return the whole state."""
        used = self._pair[: self._length]
        return SlotsState(
            names=self.tree.cells(),
            rows=rows_of(used).astype("<i8").tobytes(),
            cells=nodes_of(used).astype("<i8").tobytes(),
            asked_for=self._asked_for[: self._length].tobytes(),
        )

    def restore(self, state: SlotsState) -> None:
        """Restore a state that `snapshot` returned, into an index that is still empty."""
        nodes = np.array([self.tree.node(cell) for cell in state.names], np.int64)
        self.slots(integers(state.rows), nodes[integers(state.cells)])
        self._asked_for[: self._length] = np.frombuffer(state.asked_for, np.bool_)

    def _make_room(self, length: int, depths: int) -> None:
        room, known = self._pair.size, self.paths.shape[1]
        more = (0, max(length, room + room // 4) - room if length > room else 0)
        if more[1]:
            self._pair, self._asked_for = np.pad(self._pair, more), np.pad(self._asked_for, more)
            self._places = places_of(self._pair, self._length)
        if more[1] or depths > known:
            deeper = (0, max(depths - known, 0))
            self.paths = np.pad(self.paths, (more, deeper), constant_values=NO_SLOT)
