"""Customers say that they never ordered: half of them cancel, the others complain."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, cancelled, done
from streams.simulation.planted.form import (
    DAY_IN_MILLISECONDS,
    DaysSales,
    Ends,
    Form,
    Happening,
)

DENIED_AFTER: Final = (12, 29)
"""Days after the sale, with the first bill."""

CANCELS_SHARE: Final = 0.5

HONEST_SHARE: Final = 0.01
"""Share of all customers who complain so of what somebody at home ordered."""

_CANCELS: Final = cancelled("never_ordered", "customer")
_COMPLAINS: Final = done("complaint", "customer")._replace(result="never_ordered")


class DeniedSale(Form):
    """The planted form of ``denied_sale``."""

    pattern: ClassVar[str] = "denied_sale"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_CANCELS, _COMPLAINS)

    def ends(self, sales: DaysSales) -> Ends:
        """Return who cancels."""
        days = sales.generator.integers(*DENIED_AFTER, sales.bad.size)
        return Ends(days, np.where(sales.bad & sales.drawn(CANCELS_SHARE), 0, -1))

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return who complains; of those who cancelled nothing more is heard."""
        rows = np.flatnonzero(sales.bad | sales.drawn(HONEST_SHARE))
        days = sales.generator.uniform(*DENIED_AFTER, rows.size)
        times = sales.time[rows] + (days * DAY_IN_MILLISECONDS).astype(np.int64)
        return [Happening(_COMPLAINS, rows, times)]
