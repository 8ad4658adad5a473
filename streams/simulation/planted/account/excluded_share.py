"""A colleague writes down a reason that counts against nobody, whatever the customer's was."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled
from streams.simulation.planted.form import DaysSales, Ends, Form

EXCUSED_DAYS: Final = (0, 9)
"""Within the window of ``quick_cancellation``, which then leaves the sale out."""


class ExcludedShare(Form):
    """The planted form of ``excluded_share``; two in a thousand honest sales are excused."""

    pattern: ClassVar[str] = "excluded_share"
    rates: ClassVar[tuple[float, float]] = (0.15, 0.30)
    deeds: ClassVar[tuple[Deed, ...]] = (cancelled("duplicate", "agent"),)

    def ends(self, sales: DaysSales) -> Ends:
        """Return a day within the window for each bad sale."""
        days = sales.generator.integers(*EXCUSED_DAYS, sales.bad.size)
        return Ends(days, np.where(sales.bad, 0, -1))
