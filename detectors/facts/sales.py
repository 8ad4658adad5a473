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
from detectors.facts.staff.staff import Staff
from detectors.facts.traffic.touches import Touches
from detectors.facts.uses import DOUBTED, any_within

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_Answer_co = TypeVar("_Answer_co", covariant=True)


class Sold(Struct, frozen=True, gc=False):
    """A sale, and the account it is on.

    ``sharing`` are the sales before and after it that share the value by which a pattern looks
    across accounts, within the time in which it does, it among them, in the order of time; none
    where nobody has looked. Of the account of each of them only its cancellations and merges are
    known.
    ``touches`` are what its agent had to do with customers, ``staff`` is what else is known of
    them: None where nobody has looked.
    """

    sale: SaleRecord
    account_id: AccountId
    account: Account
    sharing: Sequence["Sold"] = ()
    touches: Touches | None = None
    staff: Staff | None = None


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
        the account alone belongs to it. Of a use within a day before that sale, or a window if that
        is shorter, nobody can tell whether it does.
    numbers
        The names of the numbers that the sales remember of their events, in their order.
    at
        When each was made, where there are no rows.

    Attributes
    ----------
    at, since, end
        When each was made, and from when to when its window goes, in seconds of event time.
    forgiven
        As above.
    doubted
        From when on a use may belong to it.
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
        self.forgiven: Final = forgiven
        self.since: Reals = known - forgiven
        self.end: Reals = known + window
        self.doubted: Reals = known - max(forgiven, min(DOUBTED, window))

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

    def acted_on(self) -> Iterable[tuple[int, Sold]]:
        """Yield the few sales on whose account something was done that is looked at by itself."""
        for number, sold in enumerate(self._rows):
            if sold.account.acts:
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
            [
                row.account.perhaps_used(row.sale, doubted, end)
                for row, doubted, end in self._windows(self.doubted)
            ],
            dtype=np.bool_,
        )

    def used_shortly_before(self) -> Flags:
        """Return where a use may be of this sale, dated too early, or of the time before it.

        It asks up to the end of the window: whoever is used in it, is so certainly.
        """
        return np.array(
            [
                any_within(row.account.uses, doubted, end)
                or row.account.used_with_help(row.sale, doubted, end)
                for row, doubted, end in self._windows(self.doubted)
            ],
            dtype=np.bool_,
        )

    def _windows(self, begin: Reals | None = None) -> Iterable[tuple[Sold, Seconds, Seconds]]:
        since, end = (self.since if begin is None else begin).tolist(), self.end.tolist()
        return zip(self._rows, since, end, strict=True)
