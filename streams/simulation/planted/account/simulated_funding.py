"""Money of the customer's other account comes in, and goes back a few days later."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags
from streams.simulation.deeds import Deed, done
from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form, Happening

FUNDED_WITHIN: Final = 3.0
"""Days after the sale."""

BACK_AFTER: Final = (2.0, 7.0)
"""Days."""

HONEST_SHARE: Final = 0.01
"""Share of all customers who try the account so, and let it be."""

_IN: Final = done("deposit", "customer")._replace(amount=1.0, from_elsewhere=True)
_OUT: Final = done("withdrawal", "customer")._replace(amount=0.95, from_elsewhere=True)


class SimulatedFunding(Form):
    """The planted form of ``simulated_funding``."""

    pattern: ClassVar[str] = "simulated_funding"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_IN, _OUT)

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return how the money moves."""
        rows = np.flatnonzero(sales.bad | sales.drawn(HONEST_SHARE))
        came = sales.generator.uniform(0.01, FUNDED_WITHIN, rows.size)
        went = came + sales.generator.uniform(*BACK_AFTER, rows.size)
        return [
            Happening(deed, rows, sales.time[rows] + (days * DAY_IN_MILLISECONDS).astype(np.int64))
            for deed, days in ((_IN, came), (_OUT, went))
        ]

    def unused(self, sales: DaysSales) -> Flags:
        """Return the accounts that are for nothing else."""
        return sales.bad
