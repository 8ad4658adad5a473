"""A judged day, as it is remembered for as long as its outcomes can be corrected."""

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.basis.identifiers import SaleId
from detectors.evidence.arrays import Booleans, Integers, Reals


class JudgedDay(Struct):
    """Outcomes of one day as they were applied, in canonical order, and what was done after them.

    ``spreads`` of honest agents had been in force by then: rows followed the last one before the
    outcomes. ``exponents`` are those of their likelihoods, in sixteenths. After them some rows were
    ``restarted``, others ``lowered``, each to what it says.
    """

    day: Day
    spreads: int
    rows: Integers
    probabilities: Reals
    exponents: Integers
    outcomes: Booleans
    sale_ids: list[SaleId]
    restarted: list[int]
    lowered: dict[int, float]


class JudgedDayState(Struct, array_like=True):
    """A `JudgedDay` in a snapshot."""

    day: Day
    spreads: int
    rows: list[int]
    probabilities: list[float]
    exponents: list[int]
    outcomes: list[bool]
    sale_ids: list[SaleId]
    restarted: list[int]
    lowered: dict[int, float]


def day_without_outcomes(day: Day, spreads: int) -> JudgedDay:
    """Return a day on which nothing was judged."""
    none, reals = np.empty(0, np.int64), np.empty(0)
    return JudgedDay(day, spreads, none, reals, none, np.empty(0, np.bool_), [], [], {})


def saved(judged: JudgedDay) -> JudgedDayState:
    """Return a judged day as it stands in a snapshot."""
    return JudgedDayState(
        judged.day,
        judged.spreads,
        judged.rows.tolist(),
        judged.probabilities.tolist(),
        judged.exponents.tolist(),
        judged.outcomes.tolist(),
        list(judged.sale_ids),
        list(judged.restarted),
        dict(judged.lowered),
    )


def restored(state: JudgedDayState) -> JudgedDay:
    """Return the judged day of a snapshot."""
    return JudgedDay(
        state.day,
        state.spreads,
        np.array(state.rows, np.int64),
        np.array(state.probabilities, np.float64),
        np.array(state.exponents, np.int64),
        np.array(state.outcomes, np.bool_),
        state.sale_ids,
        state.restarted,
        state.lowered,
    )
