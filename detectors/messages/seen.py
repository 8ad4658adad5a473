"""What a ledger saw of each site: what tells whether a source can be seen at all."""

from typing import Final

from msgspec import Struct

DAYS_TOLD: Final = 9
"""Of so many days, the last one included, it is told what was seen, each time anew: late events
fill gaps."""

YOUNG: Final = 7
"""Days of sales whose first use is looked at: today's and those before."""


class Seen(Struct, frozen=True, array_like=True, gc=False):
    """What one ledger saw of the sales of one site by the end of a day; None: of those without.

    ``sold`` counts the sales made on that day. ``used`` counts accounts of young sales by the day
    of their first use, ``cancelled`` cancelled sales by the day of that: one number for each of the
    last `DAYS_TOLD` days, that day's last. They are counts of facts, each known to one ledger: the
    sum over ledgers is the same however accounts are dealt to them.
    """

    site: str | None
    sold: int
    used: tuple[int, ...]
    cancelled: tuple[int, ...]
