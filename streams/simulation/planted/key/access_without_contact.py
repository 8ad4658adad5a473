"""The seller looks customers up, and signs them over without a word with them."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags
from streams.simulation.deeds import Deed, looked_up, met
from streams.simulation.planted.form import ABSENT, DaysSales, Form, Happening

LOOKED_UP_SHARE: Final = 0.6
"""Share of honest sales before which the seller opens the customer's record."""

UNRECORDED_SHARE: Final = 0.03
"""Share of honest sales of which the interaction is on no record."""

MINUTES_BEFORE: Final = (3.0, 40.0)
"""Of the sale, within its day."""

_MET: Final = met("sales")
_LOOKED_UP: Final = looked_up("sales")


class AccessWithoutContact(Form):
    """The planted form of ``access_without_contact``; the others have a record of who met whom."""

    pattern: ClassVar[str] = "access_without_contact"
    rates: ClassVar[tuple[float, float]] = (0.40, 0.60)
    deeds: ClassVar[tuple[Deed, ...]] = (_MET, _LOOKED_UP)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return which sales name no interaction, for there was none."""
        return {"interaction_id": [ABSENT if is_bad else None for is_bad in sales.bad.tolist()]}

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return who met whom, and who was looked up."""
        by_agents = sales.seller != sales.nobody
        contact = by_agents & ~sales.bad & ~sales.drawn(UNRECORDED_SHARE)
        record = by_agents & (sales.bad | sales.drawn(LOOKED_UP_SHARE))
        return [_before(sales, _MET, contact), _before(sales, _LOOKED_UP, record)]


def _before(sales: DaysSales, deed: Deed, which: Flags) -> Happening:
    rows = np.flatnonzero(which)
    minutes = sales.generator.uniform(*MINUTES_BEFORE, rows.size)
    return Happening(deed, rows, sales.time[rows] - (minutes * 60_000.0).astype(np.int64))
