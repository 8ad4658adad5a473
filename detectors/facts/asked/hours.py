"""For which hours agents are on the roster, as patterns ask for it."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import OfAgent, RosteredHours
from detectors.facts.account import Verdict
from detectors.facts.contact import AGENT, value_of
from detectors.facts.sales import Flags, Sales
from detectors.facts.staff.staff import Staff

Judge = Callable[[Seconds, Staff, Seconds], Verdict]
"""Of when a sale was made, who made it, and the end of its window."""


class HoursKnown:
    """The answer to `Hours`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def judged(self, judge: Judge) -> npt.NDArray[np.uint8]:
        """Return the verdict of a function on each sale, excluded where nobody has looked."""
        rows = zip(self._sales.rows, self._sales.end.tolist(), strict=True)
        verdicts = [
            Verdict.EXCLUDED if sold.staff is None else judge(sold.sale.at, sold.staff, end)
            for sold, end in rows
        ]
        return np.array(verdicts, dtype=np.uint8)


class Hours(Struct, frozen=True):
    """For which hours the agent of a sale is on the roster, before it and after it.

    It is asked across accounts, of the ledger of that agent.
    """

    field: str = AGENT

    @property
    def events(self) -> tuple[type[OfAgent], ...]:
        """The types of events that tell it."""
        return (RosteredHours,)

    def answer(self, sales: Sales) -> HoursKnown:
        """Return what is known of it."""
        return HoursKnown(sales)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the agent is unknown."""
        known = [value_of(row.sale, row.sale.contact, AGENT) for row in sales.rows]
        return np.array([not one for one in known], dtype=np.bool_)
