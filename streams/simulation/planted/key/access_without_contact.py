"""The seller looks customers up, and signs them over without a word with them."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags
from streams.simulation.deeds import Deed, looked_up
from streams.simulation.planted.form import ABSENT, DaysSales, Form, Happening
from streams.simulation.planted.traffic import MET, before

LOOKED_UP_SHARE: Final = 0.6
"""Share of honest sales before which the seller opens the customer's record."""

_LOOKED_UP: Final = looked_up("sales")


class AccessWithoutContact(Form):
    """The planted form of ``access_without_contact``."""

    pattern: ClassVar[str] = "access_without_contact"
    rates: ClassVar[tuple[float, float]] = (0.40, 0.60)
    deeds: ClassVar[tuple[Deed, ...]] = (MET, _LOOKED_UP)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return which sales name no interaction, for there was none."""
        return {"interaction_id": [ABSENT if is_bad else None for is_bad in sales.bad.tolist()]}

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return who was looked up."""
        by_agents = sales.seller != sales.nobody
        which = by_agents & (sales.bad | sales.drawn(LOOKED_UP_SHARE))
        return [before(sales, _LOOKED_UP, which.astype(np.int64))]

    def unmet(self, sales: DaysSales) -> Flags:
        """Return which customers nobody met."""
        return sales.bad
