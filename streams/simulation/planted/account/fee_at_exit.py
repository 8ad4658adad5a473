"""Nobody names the fee, and customers who want to leave soon are charged it."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled
from streams.simulation.planted.form import DaysSales, Ends, Form, given

LEAVES_AFTER: Final = (11, 29)
"""Days after the sale."""

HONEST_SHARE: Final = 0.03
"""Share of all sales that are left so soon for a fee, which the customer had been told of."""

FEE: Final = 0.1
"""As a share of the price."""


class FeeAtExit(Form):
    """The planted form of ``fee_at_exit``."""

    pattern: ClassVar[str] = "fee_at_exit"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (
        cancelled("customer_request", "customer")._replace(fee=FEE),
    )

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return whether fees were disclosed, where somebody speaks."""
        return {"fees_disclosed": given(~sales.bad, sales.spoken)}

    def ends(self, sales: DaysSales) -> Ends:
        """Return who leaves for a fee."""
        days = sales.generator.integers(*LEAVES_AFTER, sales.bad.size)
        return Ends(days, np.where(sales.bad | sales.drawn(HONEST_SHARE), 0, -1))
