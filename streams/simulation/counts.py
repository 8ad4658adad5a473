"""Counts of what a simulation has emitted so far."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from streams.simulation.day import Day
from streams.simulation.occurrences import DEEDS, Occurrences
from streams.simulation.sales import Sales


@dataclass
class EventCounts:
    """Counts of emitted events: by type, and sales of planted agents before and after the change.

    `sales_before` and `sales_after` are keyed by the agent's number. A day counts once it is drawn.
    """

    events: Counter[str] = field(default_factory=Counter)
    sales_before: Counter[int] = field(default_factory=Counter)
    sales_after: Counter[int] = field(default_factory=Counter)

    def add(self, day: Day, sales: Sales, occurrences: Occurrences) -> None:
        """Count one day's events."""
        self.events["sale"] += sales.time.size
        by_code = np.bincount(occurrences["code"], minlength=len(DEEDS)).tolist()
        for deed, number in zip(DEEDS, by_code, strict=True):
            if number:
                self.events[deed.type] += number
        by_seller = np.bincount(sales.seller, minlength=day.people.nobody + 1)
        for planted in day.people.planted:
            side = self.sales_before if day.number < planted.change_day else self.sales_after
            side[planted.agent] += int(by_seller[planted.agent])
