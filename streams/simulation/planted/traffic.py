"""The record of who met whom, which forms of several patterns leave gaps in."""

from typing import Final

import numpy as np

from streams.simulation.arrays import Flags, Integers
from streams.simulation.deeds import Deed, met
from streams.simulation.planted.form import DaysSales, Happening

MET: Final = met("sales")

UNRECORDED_SHARE: Final = 0.03
"""Share of honest sales of which the interaction is on no record."""

MEAN_FURTHER: Final = 1.0
"""Further interactions for each that ends in a sale."""

MINUTES_BEFORE: Final = (3.0, 40.0)
"""Of the sale, within its day."""


def record(sales: DaysSales, unmet: Flags) -> Happening:
    """Return the interactions of a day, where nobody met the customers of `unmet` sales."""
    recorded = (sales.seller != sales.nobody) & ~unmet & ~sales.drawn(UNRECORDED_SHARE)
    times = 1 + sales.generator.poisson(MEAN_FURTHER, sales.bad.size)
    return before(sales, MET, np.where(recorded, times, 0))


def before(sales: DaysSales, deed: Deed, times: Integers) -> Happening:
    """Return a deed that is done so many times shortly before each sale."""
    rows = np.repeat(np.arange(times.size), times)
    minutes = sales.generator.uniform(*MINUTES_BEFORE, rows.size)
    return Happening(deed, rows, sales.time[rows] - (minutes * 60_000.0).astype(np.int64))
