"""Customers who are called back do not know of the sale."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, done
from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form, Happening

CALLED_SHARE: Final = 0.5
"""Share of all sales that somebody else calls back, whoever sold them."""

CALLED_AFTER: Final = (1.0, 10.0)
"""Days after the sale."""

HONEST_SHARE: Final = 0.03
"""Share of all customers called back who confirm nothing on the telephone."""

_CONFIRMED: Final = done("verification", "agent")._replace(result="confirmed")
_REFUSED: Final = done("verification", "agent")._replace(result="not_confirmed")


class FailedVerification(Form):
    """The planted form of ``failed_verification``."""

    pattern: ClassVar[str] = "failed_verification"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_CONFIRMED, _REFUSED)

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return what those who are called back say."""
        called = sales.drawn(CALLED_SHARE)
        refused = sales.bad | sales.drawn(HONEST_SHARE)
        days = sales.generator.uniform(*CALLED_AFTER, called.size)
        times = sales.time + (days * DAY_IN_MILLISECONDS).astype(np.int64)
        said = ((_CONFIRMED, called & ~refused), (_REFUSED, called & refused))
        return [Happening(deed, np.flatnonzero(who), times[who]) for deed, who in said]
