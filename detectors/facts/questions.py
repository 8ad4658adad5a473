"""The closed catalogue of questions that patterns may ask of a sale.

Each is a constant of the pattern that asks it. The ledger keeps what the enabled patterns ask and
nothing else, and whatever it keeps merges in any order, any number of times, with the same result
(`detectors.facts.account`).
"""

from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import CancellationReason, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.facts.contact import ADDRESS, known
from detectors.facts.households import Households, Member
from detectors.facts.sales import Flags, Reals, Sales
from detectors.facts.undoing import charged, undoing
from detectors.facts.unnamed import cancelled_unnamed

Counts = npt.NDArray[np.int64]

WITHOUT_BOUND: Final = 2**62
"""Stands for a number that nobody can tell."""

MOST_SHARING: Final = 1_000
"""Sales under one value that are looked at for one sale: the nearest ones. It bounds the work for a
value that half of the world shares, and what it hides excludes."""


class SaleNumber(Struct, frozen=True):
    """A number or a flag that the event of the sale carries, such as ``closing_attempts``.

    Of two claims about one sale, the one that holds tells it.
    """

    field: str

    def of(self, event: Sale) -> float | None:
        """Return what an event says, None where it says nothing that can be read."""
        value: float | None = getattr(event, self.field)
        return None if value is None else float(value)

    def answer(self, sales: Sales) -> Reals:
        """Return the number of each sale, not a number where it is unknown."""
        return sales.number(self.field)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the number is unknown."""
        missing: Flags = np.isnan(self.answer(sales))
        return missing


class Undone(NamedTuple):
    """How sales were undone within their windows, as columns.

    ``at`` is when (seconds; infinite where a sale stands), by what nothing excuses if that alone
    undid it. ``excused``: it did not. ``doubtful``: it stands, but a refund that nobody could
    read may have undone it.
    """

    at: Reals
    excused: Flags
    doubtful: Flags

    @property
    def stands(self) -> Flags:
        """Which sales were not undone, as far as is known."""
        stands: Flags = np.isinf(self.at)
        return stands


class CancellationsKnown:
    """The answer to `Cancellations`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def undone(self, smallest_share: float, excluded: Collection[CancellationReason]) -> Undone:
        """Return how the sales were undone; refunds below a share of the amount undo nothing.

        A cancellation that is dated before its sale, by no more than the window, counts. It is
        excused for one of the `excluded` reasons, or by another sale in the place of this one;
        and the sale with it, unless it was undone by others alone (`detectors.facts.undoing`).
        """
        size = len(self._sales)
        at = np.full(size, inf)
        excused, doubtful = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():
            undone = undoing(account, sale, start, end, smallest_share)
            doubtful[row] = undone.is_doubtful
            if undone.by:
                against = charged(account, sale, start, end, smallest_share, excluded, end)
                excused[row] = not against.by
                at[row] = (against.by or undone.by)[-1].at
        return Undone(at, excused, doubtful)

    def by_customer(self) -> Flags:
        """Return which sales the customer, or nobody knows who, cancelled within the window."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, start, end in self._cancelled():
            found[row] = account.cancelled_by_customer(sale.sale_id, start, end)
        return found

    def unnamed(self) -> Flags:
        """Return on which accounts they cancelled what is none of its sales, within the window."""
        found = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sale, account, _, end in self._cancelled():
            found[row] = cancelled_unnamed(account, sale, end)
        return found

    def _cancelled(self) -> Iterable[tuple[int, SaleRecord, Account, Seconds, Seconds]]:
        """Yield the few sales of accounts with a cancellation, each with its time."""
        for row, sold in self._sales.cancelled():
            sale, end = sold.sale, Seconds(float(self._sales.end[row]))
            yield row, sale, sold.account, Seconds(sale.at - (end - sale.at)), end


class Cancellations(Struct, frozen=True):
    """The cancellations of the sale: when, by whom, why, and of how much."""

    def answer(self, sales: Sales) -> CancellationsKnown:
        """Return what is known of them."""
        return CancellationsKnown(sales)


class UsesKnown:
    """The answer to `Uses`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def any(self) -> Flags:
        """Return whose customer used the account within the window; not what the seller keyed."""
        return self._sales.used()

    def perhaps(self) -> Flags:
        """Return where something was done of which nobody can tell whether it was use of it.

        Be it by what is known of it, or because it is dated within a day before the sale.
        """
        return self._sales.perhaps_used() | self._sales.used_shortly_before()

    def shortly_before(self) -> Flags:
        """Return where the customer used it within the window, or within a day before it."""
        return self._sales.used_shortly_before()


class Uses(Struct, frozen=True):
    """When the customer used the account, and what may have been use (`use` in the settings)."""

    def answer(self, sales: Sales) -> UsesKnown:
        """Return what is known of it."""
        return UsesKnown(sales)


class SharingKnown:
    """The answer to `Sharing`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def households(self) -> Counts:
        """Count the households that are certainly several, among all customers who share it."""
        return self._counted(Households.known, 0)

    def at_most(self) -> Counts:
        """Count them if every customer of unknown address were one of their own.

        Without bound where not all were looked at: by an account alone, or if too many share it.
        """
        return self._counted(Households.at_most, WITHOUT_BOUND)

    def _counted(self, count: Callable[[Households], int], otherwise: int) -> Counts:
        counts = np.full(len(self._sales), otherwise, dtype=np.int64)
        for row, sold in enumerate(self._sales.rows):
            sharing = sold.sharing
            if sharing and not (otherwise and len(sharing) >= MOST_SHARING):
                counts[row] = count(Households(frozenset(map(_member, sharing))))
        return counts


class Sharing(Struct, frozen=True):
    """Who else bought under the same value of a field, such as ``payer_hash``.

    It is asked across accounts, of the ledger of that field. It needs to know the customer and the
    value.
    """

    field: str

    def answer(self, sales: Sales) -> SharingKnown:
        """Return what is known of them, from one window before each sale to one after it."""
        return SharingKnown(sales)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the customer or the value is unknown."""
        return np.array(
            [not (row.sale.customer and known(row.sale.contact, self.field)) for row in sales.rows],
            dtype=np.bool_,
        )


def _member(sale: SaleRecord) -> Member:
    return Member(sale.customer, known(sale.contact, ADDRESS))


CANCELLATIONS: Final = Cancellations()
USES: Final = Uses()

AnyQuestion = SaleNumber | Cancellations | Uses | Sharing


def numbers_asked(questions: Iterable[AnyQuestion]) -> tuple[SaleNumber, ...]:
    """Return the numbers of sales that are asked for, each once, by name."""
    asked = {one for one in questions if isinstance(one, SaleNumber)}
    return tuple(sorted(asked, key=lambda one: one.field))


def keys_asked(questions: Iterable[AnyQuestion]) -> tuple[str, ...]:
    """Return the fields by which somebody looks across accounts, each once, by name."""
    return tuple(sorted({one.field for one in questions if isinstance(one, Sharing)}))
