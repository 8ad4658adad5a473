"""Own totals that each break one law."""

from collections.abc import Iterable

import numpy as np

from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.event_time import Day
from detectors.evidence.arrays import Booleans, Integers
from detectors.messages.cell_columns import CellTable
from detectors.peers.leave_one_out import TOUCHED
from tests.detectors.peers.market import SETTINGS


class _Own(OwnTotals):
    def __init__(self) -> None:
        super().__init__(SETTINGS.peers, SlotIndex())


class StaysAmongThePeers(_Own):
    """Does not know what an agent's own outcomes were."""

    def count(
        self, slots: Integers, matured: Integers, bad: Integers, counted: Booleans | None = None
    ) -> None:
        del counted
        super().count(slots, matured, bad, np.zeros(slots.size, np.bool_))


class TakesOutWhoeverIsLeftOut(_Own):
    """Subtracts an agent's outcomes from totals that do not hold them."""

    def count(
        self, slots: Integers, matured: Integers, bad: Integers, counted: Booleans | None = None
    ) -> None:
        del counted
        super().count(slots, matured, bad)


class RemembersThePast(_Own):
    """Subtracts a past that is no longer in the totals."""

    def forget(self, row: int) -> None:
        pass


class ReportsNoPast(_Own):
    """Forgets an agent's past without reporting it to the peers."""

    def past(self, rows: Iterable[int]) -> CellTable:
        super().past(rows)
        return CellTable()


class NeverFades(_Own):
    """Keeps an agent's recent outcomes recent for ever."""

    def begin(self, day: Day) -> None:
        super().begin(day)
        self._slots.table[:, TOUCHED] = day
