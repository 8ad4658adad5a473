"""Plain accounts as columns, as they are saved."""

from typing import NamedTuple

import numpy as np

from detectors.evidence.arrays import Bytes, Integers, Reals
from detectors.ledger.plain.layout import Numbers


class Columns(NamedTuple):
    """Some plain accounts.

    ``texts`` holds the ids of each: account, sale, event, of these ``lengths``, shape (n, 3).
    ``named``, shape (n, 5): places among the names of agent, cell, product, site and team, or
    `NO_NAME`. ``uses``: those of all accounts, ``used`` of each. The rest is as in `layout.ROW`.
    """

    texts: Bytes
    lengths: Integers
    named: Numbers
    at: Reals
    amount: Reals
    batch: Integers
    customer: Integers
    verdicts: Integers
    was_sold: Bytes
    used: Bytes
    uses: Reals
    numbers: Reals

    def last_use(self) -> Reals:
        """Return when each was used last, minus infinity where it never was."""
        ends, used = np.cumsum(self.used), self.used > 0
        last = np.full(len(ends), -np.inf)
        last[used] = self.uses[ends[used] - 1]
        return last
