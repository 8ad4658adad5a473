"""The seller replaces what a customer has by the like of it, every few days."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form
from streams.simulation.planted.key.customers import HONEST_LENGTH, Fields, chained, empty, sale_id

LONGEST: Final = 6
AGAIN_AFTER: Final = (2.0, 60.0)
"""Days between two replacements."""

HONEST_SHARE: Final = 0.03
"""Share of all sales that replace an earlier one once."""


class Twisting(Form):
    """The planted form of ``twisting``."""

    pattern: ClassVar[str] = "twisting"
    rates: ClassVar[tuple[float, float]] = (0.30, 0.50)

    def fields(self, sales: DaysSales) -> Fields:
        """Return the customers, and what each sale to them replaces."""
        found = empty(sales, "customer_id", "replaces_sale_id")
        bad = np.flatnonzero(sales.bad)
        honest = np.flatnonzero(
            sales.drawn(HONEST_SHARE) & ~np.isin(sales.seller, sales.seller[bad])
        )
        links = chained(sales, bad.tolist(), LONGEST, AGAIN_AFTER, by_product=True)
        links += chained(sales, honest.tolist(), HONEST_LENGTH, AGAIN_AFTER, by_product=True)
        for place, chain in links:
            found["customer_id"][place] = chain.customer
            found["replaces_sale_id"][place] = sale_id(chain.number)
        return found
