"""Customers who are told to wait until the commission is safe leave in the days after it."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled
from streams.simulation.planted.form import DaysSales, Ends, Form

CLIFF_DAYS: Final = (11, 15)
"""From the day after the clawback to the day before the end of the pattern's window."""


class ClawbackCliff(Form):
    """The planted form of ``clawback_cliff``; few customers of honest agents leave just then."""

    pattern: ClassVar[str] = "clawback_cliff"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (cancelled("customer_request", "customer"),)

    def ends(self, sales: DaysSales) -> Ends:
        """Return a day after the cliff for each bad sale."""
        days = sales.generator.integers(*CLIFF_DAYS, sales.bad.size)
        return Ends(days, np.where(sales.bad, 0, -1))
