"""Who outweighs all their peers together, and must not be what these are judged by.

What a cell expects is the rate of all in it. One agent with many times the outcomes of all others
there is that rate: a web shop that sells by itself, a test login, a machine. Beside one who is
never bad every honest colleague looks bad, and beside one who always is nobody does. So they are
left out of everybody's baseline, as those under an open alert are, where the others are enough to
say what is usual without them.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from detectors.evidence.arrays import Integers, Reals

TIMES: Final = 4.0
"""Whoever has so many times the outcomes of all others in a cell outweighs them.

In a market of five alike each has a quarter of what the others have; with two, as many.
"""

A_SHARE: Final = 0.25
LATELY: Final = 5.0
"""Who outweighs them lately must also have had this share of what they ever had, and lately so many
expected bad outcomes: in a thin cell, one agent alone sells in some weeks.
"""

ENOUGH_BAD: Final = 20.0
"""Bad outcomes of the others, ever, from which on they say by themselves what is usual.

Their rate then has a standard deviation of less than a quarter of it.
"""

OutweighingState: TypeAlias = list[int]
"""Slots, in their order."""


class Beside(NamedTuple):
    """Outcomes in the cell of each of some slots, one an element of each array."""

    own: Reals
    """What its agent has had there, left out of the peers or not."""
    others: Reals
    """What the others have had there."""
    others_bad: Reals
    """The bad ones among these."""
    own_lately: Reals
    """How many bad outcomes were expected lately of what its agent had there."""
    others_lately: Reals


class Outweighing:
    """The pairs of an agent and a cell in which they outweigh all others, of one tier.

    Each is looked at on the days on which it has outcomes. Whoever leaves the peers still counts
    here, so leaving does not bring them back.
    """

    def __init__(self) -> None:
        self.slots: set[int] = set()

    def update(self, slots: Integers, beside: Beside) -> None:
        """Take in what there was at some slots by the end of a day; slots may repeat."""
        lately = beside.own_lately > TIMES * np.maximum(beside.others_lately, 0.0)
        lately &= (beside.own_lately >= LATELY) & (beside.own > A_SHARE * beside.others)
        outweigh = lately | (beside.own > TIMES * beside.others)
        outweigh &= beside.others_bad >= ENOUGH_BAD
        if not (self.slots or outweigh.any()):  # nearly always
            return
        self.slots.difference_update(slots[~outweigh].tolist())
        self.slots.update(slots[outweigh].tolist())

    def rows(self, row_of: Integers) -> Iterator[int]:
        """Yield the rows of those who outweigh others somewhere; `row_of` is that of each slot."""
        yield from np.unique(row_of[sorted(self.slots)]).tolist()
