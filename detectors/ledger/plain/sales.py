"""Sales of plain accounts as columns: what a pattern judges."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.facts.sales import Flags, Sales, Sold
from detectors.ledger.plain.layout import MOST_USES, Numbers
from detectors.ledger.plain.store import PlainStore


class PlainSales(Sales):
    """The sales in some rows; see `detectors.facts.sales.Sales`.

    Nobody has cancelled them, and whatever use there was is certainly the customer's.
    """

    def __init__(
        self,
        store: PlainStore,
        chosen: Numbers,
        window: float,
        forgiven: float,
        names: Sequence[str],
    ) -> None:
        arrays = store.arrays
        rows = arrays.rows[chosen]
        super().__init__((), window, forgiven, names, at=rows["at"])
        self._store: Final = store
        self._chosen: Final = chosen
        self._columns: Final = arrays.numbers[chosen]
        self._uses: Final[Reals] = np.where(
            np.arange(MOST_USES) < rows["used"][:, None], rows["uses"], np.nan
        )

    @property
    def rows(self) -> Sequence[Sold]:
        """The sales as objects, made when they are asked for."""
        accounts = self._store.accounts(self._chosen).items()
        return [Sold(account.sales[0], account_id, account) for account_id, account in accounts]

    def cancelled(self) -> Iterable[tuple[int, Sold]]:
        """Return none: a cancellation makes an account no plain one."""
        return ()

    def acted_on(self) -> Iterable[tuple[int, Sold]]:
        """Return none: such an act makes an account no plain one."""
        return ()

    def number(self, field: str) -> Reals:
        """Return a number of each sale, not a number where it is unknown."""
        column: Reals = self._columns[:, self.numbers.index(field)]
        return column

    def used(self) -> Flags:
        """Return whose customer used the account within the window."""
        return self._used_from(self.since)

    def perhaps_used(self) -> Flags:
        """Return none: what may have been no use makes an account no plain one."""
        return np.zeros(len(self), dtype=np.bool_)

    def used_shortly_before(self) -> Flags:
        """Return where a use may be of this sale, dated too early, or of the time before it."""
        return self._used_from(self.doubted)

    def _used_from(self, begin: Reals) -> Flags:
        uses = self._uses
        within = (uses >= begin[:, None]) & (uses <= self.end[:, None])
        return np.asarray(within.any(axis=1), dtype=np.bool_)
