"""The seller changes how the customer can be reached, within days of the sale."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, done
from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form, Happening

EDITED_WITHIN: Final = 7.0
"""Days after the sale."""

HONEST_SHARE: Final = 0.02
"""Share of all sales whose seller corrects a mistake of theirs so."""

_EDITS: Final = done("contact_change", "agent", by_seller=True)


class EditedContact(Form):
    """The planted form of ``edited_contact``."""

    pattern: ClassVar[str] = "edited_contact"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_EDITS,)

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return what sellers edit."""
        rows = np.flatnonzero(sales.bad | sales.drawn(HONEST_SHARE))
        days = sales.generator.uniform(0.01, EDITED_WITHIN, rows.size)
        times = sales.time[rows] + (days * DAY_IN_MILLISECONDS).astype(np.int64)
        return [Happening(_EDITS, rows, times)]
