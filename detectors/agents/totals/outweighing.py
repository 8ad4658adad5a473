"""Who outweighs all their peers together, and must not be what these are judged by.

What a cell expects is the rate of all in it. One agent with many times the outcomes of all others
there is that rate: a web shop that sells by itself, a test login, a machine. Beside one who is
never bad every honest colleague looks bad, and beside one who always is nobody does. So they are
left out of everybody's baseline, as those under an open alert are, where the others are enough to
say what is usual without them.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.peers.expectation import BAD, COLUMNS, MATURED, RECENT_EXPECTED, sum_up
from detectors.peers.leave_one_out import NODE, OWN_MATURED, OWN_RECENT_EXPECTED, Slots

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
    """How agents stand beside the others, one slot of an agent and a cell an element."""

    outweighs: Booleans
    """Whether they outweigh all others in the cell."""
    alone: Booleans
    """Whether nobody else has an outcome, in whatever cell."""


@compiled
def beside(
    slots: Slots, chosen: Integers, nodes: Integers, numbers: Reals, parents: Integers
) -> Beside:
    """Return how the agents of the chosen slots stand beside all others.

    Parameters
    ----------
    slots
        Own totals, up to date.
    chosen
        Some of them, maybe several times.
    nodes, numbers
        The cells of which something is known, and the totals of all agents who make the baselines
        there, shape (cells, COLUMNS).
    parents
        The node in which each lies.
    """
    table, paths = slots.table, slots.paths
    everybody = np.zeros((parents.size, COLUMNS))
    for cell in range(nodes.size):
        for column in range(COLUMNS):
            everybody[nodes[cell], column] = numbers[cell, column]
    sum_up(parents, everybody)  # a slot, too, includes the cells within its own
    outweighs, alone = np.zeros(chosen.size, np.bool_), np.zeros(chosen.size, np.bool_)
    for index in range(chosen.size):
        slot = chosen[index]
        node, own = int(table[slot, NODE]), table[slot, OWN_MATURED]
        alone[index] = everybody[0, MATURED] - table[paths[slot, 0], MATURED] <= 0.0
        others = everybody[node, MATURED] - table[slot, MATURED]
        if own <= A_SHARE * others or everybody[node, BAD] - table[slot, BAD] < ENOUGH_BAD:
            continue
        lately, own_lately = (
            max(everybody[node, RECENT_EXPECTED] - table[slot, RECENT_EXPECTED], 0.0),
            table[slot, OWN_RECENT_EXPECTED],
        )
        outweighs[index] = own > TIMES * others or (
            own_lately >= LATELY and own_lately > TIMES * lately
        )
    return Beside(outweighs, alone)


class Outweighing:
    """The pairs of an agent and a cell in which they outweigh all others, of one tier.

    Each is looked at on the days on which it has outcomes. Whoever leaves the peers still counts
    here, so leaving does not bring them back.
    """

    def __init__(self) -> None:
        self.slots: set[int] = set()

    def update(self, slots: Integers, outweighs: Booleans) -> None:
        """Take in at which of some slots their agent outweighs others; slots may repeat."""
        if not (self.slots or outweighs.any()):  # nearly always
            return
        self.slots.difference_update(slots[~outweighs].tolist())
        self.slots.update(slots[outweighs].tolist())

    def rows(self, row: Callable[[Integers], Integers]) -> Iterator[int]:
        """Yield the rows of those who outweigh others somewhere; `row` returns those of slots."""
        yield from np.unique(row(np.array(sorted(self.slots), np.int64))).tolist()
