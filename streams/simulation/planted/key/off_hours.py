"""The seller goes on booking after their shift, which is half as long; others seldom do so."""

from typing import ClassVar, Final

import numpy as np

from streams.simulation.deeds import Deed, on_shift
from streams.simulation.planted.form import DaysSales, Form, Happening

HONEST_SHARE: Final = 0.01
"""Of all sales, those on whose day the shift was half as long and overtime was not entered."""

_WHOLE, _HALF = on_shift(1.0), on_shift(0.5)


class OffHours(Form):
    """The planted form of ``off_hours``."""

    pattern: ClassVar[str] = "off_hours"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_WHOLE, _HALF)

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return the roster of who sells on that day, told before the first sale."""
        first: dict[int, int] = {}
        for place, seller in enumerate(sales.seller.tolist()):
            first.setdefault(seller, place)
        first.pop(sales.nobody, None)
        short = {*sales.seller[sales.bad | sales.drawn(HONEST_SHARE)].tolist()}
        whole = [place for seller, place in first.items() if seller not in short]
        half = [place for seller, place in first.items() if seller in short]
        return [_told(_WHOLE, whole, sales), _told(_HALF, half, sales)]


def _told(deed: Deed, places: list[int], sales: DaysSales) -> Happening:
    rows = np.array(places, dtype=np.int64)
    return Happening(deed, rows, sales.time[rows] - 60_000)
