"""Each agent's own outcomes, so that the agent can be left out of their peers."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.totals.outweighing import Beside, beside
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.messages.cell_columns import (
    CellTable,
    held_integers,
    held_reals,
    integers,
    reals,
)
from detectors.peer_settings import PeerSettings
from detectors.peers import leave_one_out
from detectors.peers.expectation import COLUMNS, RECENT_BAD, RECENT_EXPECTED
from detectors.peers.leave_one_out import (
    ALL_COLUMNS,
    NO_SLOT,
    NODE,
    OWN_RECENT_EXPECTED,
    RECORD,
    TOUCHED,
    Added,
    Expected,
    Market,
    Slots,
)
from detectors.peers.recent import fading

_LONG_AGO: Final = -(2**40)
"""A day before all others: up to it the numbers of a new slot, all 0, have faded."""

_NONE: Final = np.zeros(0, np.int64)
_NOTHING: Final = Added(_NONE, _NONE, _NONE, np.zeros(0, np.bool_))


class OwnTotalsState(Struct, array_like=True):
    """All that `OwnTotals` remember, slot by slot of their index.

    Attributes
    ----------
    day
        The last day.
    touched
        The day up to which the recent numbers have faded: integers of 8 bytes, little endian.
    table
        The totals: six floats of 8 bytes, little endian.
    """

    day: Day | None
    touched: bytes
    table: bytes


class OwnTotals:
    """Totals per agent and cell, in arrays: one slot for each pair that ever occurred.

    Agents are numbered from 0 without gaps; an agent's number is the row of their evidence. A pair
    also has slots for the cells its cell lies in.

    Each day goes through the same steps: `begin` and `know`; then `forget`, `change` and `count`,
    `forget` before the other two; then `compare` with what is known of all agents. So an agent's
    own numbers are always contained in those of everybody, and what is left is that of the others.

    Parameters
    ----------
    settings
        Whom an agent is compared with.
    """

    def __init__(self, settings: PeerSettings, index: SlotIndex) -> None:
        self.index: Final = index
        self._shrinkage: Final = settings.shrinkage
        self._left: Final = fading(settings.market_half_life)
        self._slots = Slots(_records(len(index.paths)), index.paths)
        self._made = 0
        self._nodes_known: tuple[Sequence[Cell], Integers] = ((), _NONE)
        self._day: Day | None = None
        self._counted: list[Added] | None = None

    def begin(self, day: Day) -> None:
        """Begin a day: what was recent fades.

        Raises
        ------
        ValueError
            If it is not later than all days before it.
        """
        if self._day is not None and day <= self._day:
            raise ValueError(f"day {day} must come after day {self._day}")
        self._day = day
        self._counted = []

    def know(self, cells: Sequence[Cell]) -> None:
        """Receive the cells in which anything is counted, before anything of the day is.

        What lies in none of them counts in the narrowest of them around it, as in the totals of
        everybody.
        """
        self._nodes(cells)

    def forget(self, row: int) -> None:
        """Forget an agent's past, because from this day on the peers are without it.

        It is what `past` returned for the report of this day.
        """
        if self._open_list():
            raise RuntimeError("agents must be forgotten before anything of the day is counted")
        self._made_room().table[self.index.of_agents([row]), :COLUMNS] = 0.0

    def count(
        self, slots: Integers, matured: Integers, bad: Integers, counted: Booleans | None = None
    ) -> None:
        """Count outcomes of the day and the bad ones among them, some at each of `slots`.

        Slots may repeat. `counted` is False where an agent is left out of the peers: what nobody
        is compared with must not be taken out of it. Numbers may be negative. The arrays are kept
        until `compare`: the caller must not change them.
        """
        if counted is None:
            counted = np.ones(slots.size, np.bool_)
        self._open_list().append(Added(slots, matured, bad, counted))

    def change(self, slot: int, matured: int, bad: int, *, counted: bool = True) -> None:
        """Count as `count` does, for one slot."""
        self.count(
            np.array([slot], np.int64),
            np.array([matured], np.int64),
            np.array([bad], np.int64),
            np.array([counted], np.bool_),
        )

    def compare(self, known: CellTable) -> Expected:
        """Receive what is known of all agents at the end of the day, those counted here included.

        From it follows how many bad outcomes were to be expected of what each agent has counted.
        Return what is expected of a sale at each slot that was counted last, its own agent left
        out.
        """
        counted, tree, slots = self._open_list(), self.index.tree, self._made_room()
        self._counted = None
        if not counted:
            counted = [_NOTHING]
        last = counted[-1]
        added = last if len(counted) == 1 else _joined(counted)
        market = Market(
            self._nodes(known.cells),
            reals(known.numbers, COLUMNS),
            tree.parents(),
            self._shrinkage,
        )
        expected = Expected(np.empty(last.slots.size), np.empty(last.slots.size))
        leave_one_out.compare(slots, added, market, self._today(), self._left, expected)
        return expected

    def calm(self) -> None:
        """Forget what was recent, as everybody does on this day; after `forget`."""
        if self._open_list():
            raise RuntimeError("recent numbers go before anything of the day is counted")
        recent = [RECENT_BAD, RECENT_EXPECTED, OWN_RECENT_EXPECTED]
        self._made_room().table[:, recent] = 0.0

    def beside(self, slots: Integers, known: CellTable) -> Beside:
        """Return how the agent of each of some slots stands beside all others.

        Call it after `compare`, with the same `known`. Those who are left out of the peers are no
        others.
        """
        nodes, numbers = self._nodes(known.cells), reals(known.numbers, COLUMNS)
        return beside(self._slots, slots, nodes, numbers, self.index.tree.parents())

    def past(self, rows: Iterable[int]) -> CellTable:
        """Return all that is counted of some agents, as it stands at the end of the last day.

        Cells are in the order of their names, without those in which nothing is.
        """
        index = self.index
        slots = index.of_agents(rows)
        table = self._up_to_date(slots).table
        # A slot includes the narrower cells; taking each from its parent leaves what was counted in
        # the cell itself. The subtraction is exact, see `FINENESS`.
        own = np.zeros((len(index), COLUMNS))
        own[slots] = table[slots, :COLUMNS]
        wider = index.wider(slots)
        np.subtract.at(own, wider[wider != NO_SLOT], table[slots[wider != NO_SLOT], :COLUMNS])
        counted = slots[index.are_asked_for(slots)]
        by_node = np.zeros((len(index.tree), COLUMNS))
        np.add.at(by_node, index.node(counted), own[counted])
        names = index.tree.cells()
        nodes = sorted(np.flatnonzero(by_node.any(axis=1)).tolist(), key=names.__getitem__)
        return CellTable(tuple(names[node] for node in nodes), held_reals(by_node[nodes]))

    def snapshot(self) -> OwnTotalsState:
        """Return the whole state but the index, between two days."""
        table = self._made_room().table[: len(self.index)]
        return OwnTotalsState(
            day=self._day,
            touched=held_integers(table[:, TOUCHED].astype(np.int64)),
            table=held_reals(table[:, :ALL_COLUMNS]),
        )

    def restore(self, state: OwnTotalsState) -> None:
        """Restore a state that `snapshot` returned, into empty totals by the same index."""
        self._day = state.day
        table = self._made_room().table[: len(self.index)]
        table[:, TOUCHED] = integers(state.touched)
        table[:, :ALL_COLUMNS] = reals(state.table, ALL_COLUMNS)

    def _today(self) -> Day:
        return Day(0) if self._day is None else self._day

    def _open_list(self) -> list[Added]:
        """Return what was counted today, while the day is open for it."""
        if self._counted is None:
            raise RuntimeError("outcomes are counted after begin and before compare")
        return self._counted

    def _up_to_date(self, chosen: Integers) -> Slots:
        """Return all slots; the recent numbers of the chosen ones are faded up to the last day."""
        slots = self._made_room()
        leave_one_out.fade(slots, chosen, self._today(), self._left)
        return slots

    def _made_room(self) -> Slots:
        """Return all slots, with room for those that the index has made."""
        index, slots = self.index, self._slots
        size, table = len(index), slots.table
        if size > len(table):
            table = _records(size + size // 2)
            table[: self._made] = slots.table[: self._made]
        if table is not slots.table or index.paths is not slots.paths:
            self._slots = slots = Slots(table, index.paths)
        if self._made < size:
            new = np.arange(self._made, size)
            slots.table[new, TOUCHED], slots.table[new, NODE] = _LONG_AGO, index.node(new)
            self._made = size
        return slots

    def _nodes(self, cells: Sequence[Cell]) -> Integers:
        """Return the nodes of cells; of the same tuple as the last time without looking."""
        if cells is not self._nodes_known[0]:
            self._nodes_known = cells, np.array(self.index.tree.nodes(cells), np.int64)
        return self._nodes_known[1]


def _joined(parts: Sequence[Added]) -> Added:
    return Added(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _records(size: int) -> Reals:
    """Return room for records of slots, each in one line of the processor's cache.

    Nothing is written to it: memory that is not used yet is not taken.
    """
    numbers = np.zeros((size + 1) * RECORD)
    first = -(numbers.ctypes.data // numbers.itemsize) % RECORD
    return numbers[first : first + size * RECORD].reshape(size, RECORD)
