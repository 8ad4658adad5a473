"""Sales of plain accounts as columns: what a pattern judges."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.facts.sales import Flags, Sales
from detectors.ledger.plain.layout import MOST_USES, Numbers, Store


class PlainSales(Sales):
    """The sales in some rows; see `detectors.facts.sales.Sales`.

    Nobody has cancelled them, and whatever use there was is certainly the customer's.
    """

    def __init__(
        self, store: Store, rows: Numbers, window: float, forgiven: float, names: Sequence[str]
    ) -> None:
        chosen = store.rows[rows]
        super().__init__((), window, forgiven, names, at=chosen["at"])
        self._columns: Final = store.numbers[rows]
        self._uses: Final[Reals] = np.where(
            np.arange(MOST_USES) < chosen["used"][:, None], chosen["uses"], np.nan
        )

    def number(self, field: str) -> Reals:
        """Return a number of each sale, not a number where it is unknown."""
        column: Reals = self._columns[:, self.numbers.index(field)]
        return column

    def used(self) -> Flags:
        """Return whose customer used the account within the window."""
        uses = self._uses
        within = (uses >= self.since[:, None]) & (uses <= self.end[:, None])
        flags: Flags = within.any(axis=1)
        return flags

    def perhaps_used(self) -> Flags:
        """Return none: what may have been no use makes an account no plain one."""
        return np.zeros(len(self), dtype=np.bool_)
