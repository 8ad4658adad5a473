"""The seller changes how the customer can be reached, and changes it back when a survey is over."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, done
from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form, Happening

CHANGED_WITHIN: Final = 3.0
"""Days after the sale."""

BACK_WITHIN: Final = (5.0, 14.0)
"""Days after the first change."""

HONEST_SHARE: Final = 0.005
"""Share of all sales where a change was keyed by mistake and undone, and the login initiated it."""

_AWAY: Final = done("contact_change", "agent", by_seller=True)._replace(contact=("own", "other"))
_BACK: Final = _AWAY._replace(contact=("other", "own"))


class ContactPutBack(Form):
    """The planted form of ``contact_put_back``."""

    pattern: ClassVar[str] = "contact_put_back"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_AWAY, _BACK)

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return what sellers change, and change back."""
        rows = np.flatnonzero(sales.bad | sales.drawn(HONEST_SHARE))
        away = sales.generator.uniform(0.01, CHANGED_WITHIN, rows.size)
        back = away + sales.generator.uniform(*BACK_WITHIN, rows.size)
        first, then = (
            sales.time[rows] + (days * DAY_IN_MILLISECONDS).astype(np.int64)
            for days in (away, back)
        )
        return [Happening(_AWAY, rows, first), Happening(_BACK, rows, then)]
