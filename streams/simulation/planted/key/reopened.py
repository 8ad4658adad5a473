"""The seller closes what they sold a day later, and sells it to the same customer again."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled
from streams.simulation.planted.form import DaysSales, Ends, Form
from streams.simulation.planted.key.customers import Fields, chained, empty

CLOSED_AFTER: Final = 1
"""Days after which a sale is cancelled that is sold again."""

LONGEST: Final = 4
AGAIN_AFTER: Final = (1.9, 25.0)
"""Days between two openings."""

HONEST_SHARE: Final = 0.01
"""Share of all sales whose customer leaves the next day, and may come back to the seller."""


class Reopened(Form):
    """The planted form of ``reopened``."""

    pattern: ClassVar[str] = "reopened"
    rates: ClassVar[tuple[float, float]] = (0.40, 0.60)
    deeds: ClassVar[tuple[Deed, ...]] = (
        cancelled("customer_request", "agent", by_seller=True),
        cancelled("customer_request", "customer"),
    )

    def fields(self, sales: DaysSales) -> Fields:
        """Return the customers to whom something is sold again."""
        found = empty(sales, "customer_id")
        leaves = self.ends(sales).deed >= 0
        places = np.flatnonzero(leaves).tolist()
        for place, chain in chained(sales, places, LONGEST, AGAIN_AFTER, by_product=True):
            found["customer_id"][place] = chain.customer
        return found

    def ends(self, sales: DaysSales) -> Ends:
        """Return the day after the sale for those that are closed."""
        # By the number of the sale, since it is asked twice.
        honest = (sales.number * 7_919) % 1_000 < 1_000 * HONEST_SHARE
        deed = np.where(sales.bad, 0, np.where(honest, 1, -1))
        return Ends(np.full(sales.bad.size, CLOSED_AFTER), deed)
