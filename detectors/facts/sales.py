"""Sales of one age as columns: what a pattern judges."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Final, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.uses import any_within

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_Answer_co = TypeVar("_Answer_co", covariant=True)


class Sold(Struct, frozen=True, gc=False):
    """A sale, and the account it is on.

    ``sharing`` are the sales within the window before and after it that share the value by which a
    pattern looks across accounts, it among them; none where nobody has looked.
    """

    sale: SaleRecord
    account_id: AccountId
    account: Account
    sharing: tuple[SaleRecord, ...] = ()


class Question(Protocol[_Answer_co]):
    """Something that a pattern asks: it declares what must be kept, and reads the answer."""

    def answer(self, sales: "Sales") -> _Answer_co:
        """Return what is known of these sales, one element a sale."""


class Sales:
    """Sales whose window ended, as columns of shape (n,).

    Parameters
    ----------
    rows
        The sales; the columns have their order.
    window, forgiven
        Seconds from a sale to the end of its window, and before it from which on a fact that names
        the account alone belongs to it.
    numbers
        The names of the numbers that the sales remember of their events, in their order.
    at
        When each was made, where there are no rows.

    Attributes
    ----------
    at, since, end
        When each was made, and from when to when its window goes, in seconds of event time.
    """

    def __init__(
        self,
        rows: Sequence[Sold],
        window: float,
        forgiven: float,
        numbers: Sequence[str] = (),
        at: Reals | None = None,
    ) -> None:
        self._rows: Final = rows
        self.numbers: Final = numbers
        known = np.array([row.sale.at for row in rows], dtype=np.float64) if at is None else at
        self.at: Reals = known
        self.since: Reals = known - forgiven
        self.end: Reals = known + window

    def __len__(self) -> int:
        return len(self.at)

    @property
    def rows(self) -> Sequence[Sold]:
        """The sales as objects: what one by one is much work, and columns tell nearly all."""
        return self._rows

    def cancelled(self) -> Iterable[tuple[int, Sold]]:
        """Yield the few sales, each with its number, on whose account something was cancelled."""
        for number, sold in enumerate(self._rows):
            if sold.account.cancellations:
                yield number, sold

    def __getitem__(self, question: Question[_Answer_co]) -> _Answer_co:
        """Return the answer to a question, one element a sale."""
        return question.answer(self)

    def from_the_sale_on(self) -> Self:
        """Return the same sales with windows that begin at the sale itself."""
        same = copy(self)
        same.since = self.at
        return same

    def number(self, field: str) -> Reals:
        """Return a number that the event of each sale has, not a number where it is unknown."""
        place = self.numbers.index(field)
        return np.array([row.sale.numbers[place] for row in self._rows], dtype=np.float64)

    def used(self) -> Flags:
        """Return whose customer used the account within the window; not what the seller keyed."""
        return np.array(
            [
                any_within(row.account.uses, since, end)
                or row.account.used_with_help(row.sale, since, end)
                for row, since, end in self._windows()
            ],
            dtype=np.bool_,
        )

    def perhaps_used(self) -> Flags:
        """Return where something was done of which nobody can tell whether it was use."""
        return np.array(
            [row.account.perhaps_used(row.sale, since, end) for row, since, end in self._windows()],
            dtype=np.bool_,
        )

    def _windows(self) -> Iterable[tuple[Sold, Seconds, Seconds]]:
        since, end = self.since.tolist(), self.end.tolist()
        return zip(self._rows, since, end, strict=True)
