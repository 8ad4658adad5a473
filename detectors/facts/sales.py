"""Sales of one age as columns: what a pattern judges."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord

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

    Attributes
    ----------
    rows
        The sales, for a question to read.
    at, since, end
        When each was made, and from when to when its window goes, in seconds of event time.
    """

    def __init__(
        self, rows: Sequence[Sold], window: float, forgiven: float, numbers: Sequence[str] = ()
    ) -> None:
        self.rows = rows
        self.numbers = numbers
        self._window = window
        self.at: Reals = np.array([row.sale.at for row in rows], dtype=np.float64)
        self.since: Reals = self.at - forgiven
        self.end: Reals = self.at + window

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, question: Question[_Answer_co]) -> _Answer_co:
        """Return the answer to a question, one element a sale."""
        return question.answer(self)

    def from_the_sale_on(self) -> "Sales":
        """Return the same sales with windows that begin at the sale itself."""
        return Sales(self.rows, self._window, 0.0, self.numbers)
