"""The seller cancels before the first bill can tell the customer of the sale."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled
from streams.simulation.planted.form import DaysSales, Ends, Form

DAYS_BEFORE_THE_BILL: Final = (16, 29)


class SelfCancelled(Form):
    """The planted form of ``self_cancelled``."""

    pattern: ClassVar[str] = "self_cancelled"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (cancelled("other", "agent", by_seller=True),)

    def ends(self, sales: DaysSales) -> Ends:
        """Return a day before the first bill for each bad sale."""
        days = sales.generator.integers(*DAYS_BEFORE_THE_BILL, sales.bad.size)
        return Ends(days, np.where(sales.bad, 0, -1))
