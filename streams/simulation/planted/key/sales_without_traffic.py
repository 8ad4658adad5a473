"""The seller books sales to customers whom nobody met, day after day, and meets few."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags
from streams.simulation.deeds import Deed
from streams.simulation.planted.form import ABSENT, DaysSales, Form, Happening
from streams.simulation.planted.traffic import MET, before

TALKS: Final = 0.35
"""Interactions for each of these sales."""


class SalesWithoutTraffic(Form):
    """The planted form of ``sales_without_traffic``."""

    pattern: ClassVar[str] = "sales_without_traffic"
    rates: ClassVar[tuple[float, float]] = (0.75, 0.90)
    deeds: ClassVar[tuple[Deed, ...]] = (MET,)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return which sales name no interaction, for there was none."""
        return {"interaction_id": [ABSENT if is_bad else None for is_bad in sales.bad.tolist()]}

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return with whom the seller speaks for all that."""
        talks = sales.generator.poisson(TALKS, sales.bad.size)
        return [before(sales, MET, np.where(sales.bad, talks, 0))]

    def unmet(self, sales: DaysSales) -> Flags:
        """Return which customers nobody met."""
        return sales.bad
