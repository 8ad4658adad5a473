"""The seller sells one customer many things within days; honest bundles are sold in one call."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.planted.form import DaysSales, Form
from streams.simulation.planted.key.customers import Fields, chained, customer_id, empty

LONGEST: Final = 8
AGAIN_AFTER: Final = (0.0, 6.0)
"""Days between two sales to the customer."""

HONEST_SHARE: Final = 0.05
"""Share of the calls that are sold together with the seller's next one."""


class Stacking(Form):
    """The planted form of ``stacking``."""

    pattern: ClassVar[str] = "stacking"
    rates: ClassVar[tuple[float, float]] = (0.30, 0.50)

    def fields(self, sales: DaysSales) -> Fields:
        """Return the customers, and the interactions of bundles."""
        found = empty(sales, "customer_id", "interaction_id")
        bad = np.flatnonzero(sales.bad).tolist()
        for place, chain in chained(sales, bad, LONGEST, AGAIN_AFTER, by_product=False):
            found["customer_id"][place] = chain.customer
        honest = sales.drawn(HONEST_SHARE) & sales.spoken & ~sales.bad
        for place in np.flatnonzero(honest).tolist():
            later = np.flatnonzero(sales.seller[place + 1 :] == sales.seller[place])
            if later.size and sales.spoken[following := place + 1 + int(later[0])]:
                found["customer_id"][following] = customer_id(int(sales.account[place]))
                found["interaction_id"][following] = f"i-{int(sales.number[place]) + 1:08d}"
        return found
