"""The daily numbers of each agent that a profile can watch: a closed registry.

A number is a pure function of what the agents of a partition sold on a day and of what everybody
sold. It has a value for an agent on a day with sales only, and each value is a logarithm: the
difference of two values is the ratio of what they stand for.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.messages.sold import DaySold, SoldTotals
from detectors.profiles.day_sales import THOUSANDTHS, Compared, DaySales, log_sales


class DailyNumber(Struct, frozen=True):
    """A number of each agent, and the words in which people read of it.

    Attributes
    ----------
    compare
        Computes it from what the agents of a partition, and everybody, sold on a day.
    described
        What a value is the logarithm of.
    unit
        Reads after the exponential of a value.
    peers
        Whom the agent is compared with.
    change
        How a lasting change reads: with ``{way}``, one of `ways`, and ``{ratio}``.
    ways
        The way up, and the way down.

    """

    compare: Callable[[DaySales, DaySold], Compared]
    described: str
    unit: str
    peers: str
    change: str
    ways: tuple[str, str]


def volumes(own: DaySales, everybody: DaySold) -> Compared:
    """Compare each agent's number of sales with those of the colleagues at work.

    The value is its logarithm minus the mean of theirs: a mean of the numbers would follow the one
    who sells most, and tell of all others when that one changes. An agent who was at work alone has
    no value.
    """
    others = everybody.at_work - 1
    if others < 1:
        return _NOBODY
    each = log_sales(own)
    values = (each - (everybody.log_sales - each) / others) / THOUSANDTHS
    return Compared(np.arange(each.size), values)


def amounts(own: DaySales, everybody: DaySold) -> Compared:
    """Compare each agent's amounts with those of the colleagues in the same cells that day.

    The value is the mean logarithm, minus what it would be had the agent sold at the mean of the
    others. Sales that nobody else made the like of are left out, and those whose amount nobody
    knows; an agent who has no others has no value.
    """
    totals = [everybody.cells.get(name, SoldTotals()) for name in own.cells]
    cell = np.array(own.cell, np.int64)
    number, amount = np.array(own.priced, np.int64), np.array(own.log_amounts, np.int64)
    others = np.array([total.priced for total in totals], np.int64)[cell] - number
    theirs = np.array([total.log_amounts for total in totals], np.int64)[cell] - amount
    like = others > 0
    agent = np.array(own.agent, np.int64)[like]
    excess = amount[like] - number[like] * theirs[like] / others[like]
    sums = np.bincount(agent, weights=excess, minlength=len(own.agents))
    counts = np.bincount(agent, weights=number[like], minlength=len(own.agents))
    places = np.flatnonzero(counts)
    return Compared(places, sums[places] / (THOUSANDTHS * counts[places]))


def own_volumes(own: DaySales, everybody: DaySold) -> Compared:
    """Return the logarithm of each agent's number of sales, compared with nobody's."""
    del everybody  # an agent who works alone has this number too
    each = log_sales(own)
    return Compared(np.arange(each.size), each / THOUSANDTHS)


_NOBODY: Final = Compared(np.zeros(0, np.int64), np.zeros(0))

NUMBERS: Final = {
    "sales": DailyNumber(
        volumes,
        described="the number of the agent's sales on a day at work, over the geometric mean of "
        "those of colleagues at work on that day",
        unit="times colleagues'",
        peers="all other sellers at work on the same day",
        change="sells {way}about {ratio} times as many a day as before, measured against "
        "colleagues at work",
        ways=("more, ", "less, "),
    ),
    "amounts": DailyNumber(
        amounts,
        described="the geometric mean of the agent's amounts on a day, over what it would be at "
        "the mean of colleagues' sales of the same kind on that day",
        unit="times colleagues'",
        peers="all other sellers on the same day, by the first field of their cell",
        change="sells {way}at about {ratio} times the amount as before, measured against "
        "colleagues' sales of the same kind and day",
        ways=("for more, ", "for less, "),
    ),
    "own_sales": DailyNumber(
        own_volumes,
        described="the number of the agent's sales on a day at work, compared with nobody's",
        unit="sales a day",
        peers="nobody but the agent's own past",
        change="sells {way}about {ratio} times as many a day as before",
        ways=("more, ", "less, "),
    ),
}
"""All of them, by the name that settings give to ``watches``."""
