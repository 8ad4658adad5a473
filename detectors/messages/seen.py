"""What a ledger saw of each site: what tells whether a source can be seen at all."""

from typing import Final
from zlib import crc32

from msgspec import Struct

DAYS_TOLD: Final = 9
"""Of so many days, the last one included, it is told what was seen, each time anew: late events
fill gaps."""

YOUNG: Final = 7
"""Days of sales whose first use is looked at: today's and those before."""

AGENT_GROUPS: Final = 16
"""Groups of agents, by a hash of their names, by which the oldest of young sales are told."""


class Seen(Struct, frozen=True, array_like=True, gc=False):
    """What one ledger saw of the sales of one site by the end of a day; None: of those without.

    ``sold`` counts the sales made on that day. ``used`` counts accounts of young sales by the day
    of their first use, ``cancelled`` cancelled sales by the day of that: one number for each of the
    last `DAYS_TOLD` days, that day's last. They are counts of facts, each known to one ledger: the
    sum over ledgers is the same however accounts are dealt to them.

    ``came`` and ``came_used`` tell of the oldest sales that are still young, made `YOUNG` - 1 days
    before: by the `group_of` their agents how many were not cancelled, and how many of these were
    used by the end of the day. Both are empty where there were none.
    """

    site: str | None
    sold: int
    used: tuple[int, ...]
    cancelled: tuple[int, ...]
    came: tuple[int, ...] = ()
    came_used: tuple[int, ...] = ()


def group_of(agent_id: str | None) -> int:
    """Return the number of the group of an agent, or of nobody, below `AGENT_GROUPS`."""
    return 0 if agent_id is None else crc32(agent_id.encode()) % AGENT_GROUPS
