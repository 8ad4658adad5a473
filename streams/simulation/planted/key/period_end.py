"""An agent keeps sales for the last days of a month: as many as else, but then."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags, Floats
from streams.simulation.planted.form import ABSENT, DAY_IN_MILLISECONDS, DaysSales, Form

LAST_DAYS: Final = 5.0

ASSISTED: Final = "web_assisted"
"""The channel of what the shop sold and an agent is said to have sold."""


class PeriodEnd(Form):
    """The planted form of ``period_end``: what is sold late is not sold before.

    No form makes a sale. So one that is kept back is nobody's, and in the last days one of the shop
    is the seller's for it, or one of a colleague.
    """

    pattern: ClassVar[str] = "period_end"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return for which sales no seller is named, and for which another one."""
        months = sales.time.astype("datetime64[ms]").astype("datetime64[M]")
        ends = (months + 1).astype("datetime64[ms]").astype(np.int64)
        left = (ends - sales.time) / DAY_IN_MILLISECONDS
        agents: list[Any] = [None] * sales.bad.size
        channels: list[Any] = [None] * sales.bad.size
        for place in np.flatnonzero(sales.bad & (left > LAST_DAYS)).tolist():
            seller = int(sales.seller[place])
            sales.memory[seller] = sales.memory.get(seller, 0) + 1
            agents[place] = ABSENT
        free = iter(_of_others(sales, left <= LAST_DAYS))
        for seller, place in zip(_due(sales, left), free, strict=False):
            sales.memory[seller] -= 1
            agents[place] = sales.ids[seller]
            channels[place] = ASSISTED if sales.seller[place] == sales.nobody else None
        return {"agent_id": agents, "channel": channels}


def _due(sales: DaysSales, left: Floats) -> list[int]:
    """Return who books a sale more on this day, once for each: as many on each day that is left."""
    days = int(np.ceil(left.min(initial=1.0)))
    return [
        seller
        for seller, kept in sorted(sales.memory.items())
        if days <= LAST_DAYS
        for _ in range(-(-kept // days))
    ]


def _of_others(sales: DaysSales, late: Flags) -> list[int]:
    """Return which sales of these days are of nobody who keeps any back, the shop's first."""
    keeps = np.isin(sales.seller, np.array(list(sales.memory), dtype=np.int64))
    places = np.flatnonzero(late & ~keeps)
    in_order = np.argsort(sales.seller[places] != sales.nobody, kind="stable")
    return [int(place) for place in places[in_order]]
