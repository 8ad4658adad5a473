"""What agents had to do with customers, as patterns ask for it: interactions, and accesses."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import Access, Interaction, OfAgent
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.contact import AGENT, value_of
from detectors.facts.sales import Flags, Sales
from detectors.facts.traffic.touches import Touches

Judge = Callable[[SaleRecord, Touches, Seconds], Verdict]
"""Of a sale, what its agent had to do with customers, and the latest time (seconds) of another
source that may be before the sale: nothing after it may be asked for."""


class TrafficKnown:
    """The answer to `Traffic`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def judged(self, judge: Judge) -> npt.NDArray[np.uint8]:
        """Return the verdict of a function on each sale, excluded where nobody has looked."""
        forgiven = self._sales.forgiven
        verdicts = [
            Verdict.EXCLUDED
            if sold.touches is None
            else judge(sold.sale, sold.touches, min(Seconds(end), Seconds(sold.sale.at + forgiven)))
            for sold, end in zip(self._sales.rows, self._sales.end.tolist(), strict=True)
        ]
        return np.array(verdicts, dtype=np.uint8)


class Traffic(Struct, frozen=True):
    """What the agent of a sale had to do with customers before it.

    It is asked across accounts, of the ledger of that agent. It needs to know the agent and the
    customer. ``accesses``: those to data of customers count as well as interactions.
    """

    field: str = AGENT
    accesses: bool = True

    @property
    def events(self) -> tuple[type[OfAgent], ...]:
        """The types of events that tell it."""
        return (Interaction, Access) if self.accesses else (Interaction,)

    def answer(self, sales: Sales) -> TrafficKnown:
        """Return what is known of it."""
        return TrafficKnown(sales)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the customer or the agent is unknown."""
        return np.array([not _is_known(row.sale) for row in sales.rows], dtype=np.bool_)


def _is_known(sale: SaleRecord) -> bool:
    return bool(sale.customer and value_of(sale, sale.contact, AGENT))
