"""The closed catalogue of questions that patterns may ask of a sale.

Each is a constant of the pattern that asks it. The ledger keeps what the enabled patterns ask and
nothing else, and whatever it keeps merges in any order, any number of times, with the same result
(`detectors.facts.account`).
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from detectors.events.event import ActivityKind, Sale
from detectors.facts.account import SaleRecord
from detectors.facts.asked.acts import Acts
from detectors.facts.asked.cancellations import Cancellations
from detectors.facts.contact import ADDRESS, known
from detectors.facts.households import Households, Member
from detectors.facts.sales import Flags, Reals, Sales

Counts = npt.NDArray[np.int64]

WITHOUT_BOUND: Final = 2**62
"""Stands for a number that nobody can tell."""

MOST_SHARING: Final = 1_000
"""Sales under one value that are looked at for one sale: the nearest ones. It bounds the work for a
value that half of the world shares, and what it hides excludes."""


class SaleNumber(Struct, frozen=True):
    """A number or a flag that the event of the sale carries, such as ``closing_attempts``.

    Of two claims about one sale, the one that holds tells it.

    Attributes
    ----------
    field
        The field of the event; a name for what is derived.
    derive
        Where no field is the number: how it follows from the event. Such a sale is kept as an
        object, since columns know fields alone (`detectors.facts.asked.traits`).
    reads
        The fields that it is derived from.
    """

    field: str
    derive: Callable[[Sale], float | None] | None = None
    reads: tuple[str, ...] = ()

    def of(self, event: Sale) -> float | None:
        """Return what an event says, None where it says nothing that can be read."""
        if self.derive is not None:
            return self.derive(event)
        value: float | None = getattr(event, self.field)
        return None if value is None else float(value)

    def answer(self, sales: Sales) -> Reals:
        """Return the number of each sale, not a number where it is unknown."""
        return sales.number(self.field)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the number is unknown."""
        missing: Flags = np.isnan(self.answer(sales))
        return missing


class UsesKnown:
    """The answer to `Uses`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def any(self) -> Flags:
        """Return whose customer used the account within the window; not what the seller keyed."""
        return self._sales.used()

    def perhaps(self) -> Flags:
        """Return where something was done of which nobody can tell whether it was use."""
        return self._sales.perhaps_used()


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

AnyQuestion = SaleNumber | Cancellations | Uses | Acts | Sharing


def numbers_asked(questions: Iterable[AnyQuestion]) -> tuple[SaleNumber, ...]:
    """Return the numbers of sales that are asked for, each once, by name."""
    asked = {one for one in questions if isinstance(one, SaleNumber)}
    return tuple(sorted(asked, key=lambda one: one.field))


def keys_asked(questions: Iterable[AnyQuestion]) -> tuple[str, ...]:
    """Return the fields by which somebody looks across accounts, each once, by name."""
    return tuple(sorted({one.field for one in questions if isinstance(one, Sharing)}))


def acts_asked(questions: Iterable[AnyQuestion]) -> frozenset[ActivityKind]:
    """Return the kinds of activity that somebody looks at one by one."""
    return frozenset(kind for one in questions if isinstance(one, Acts) for kind in one.kinds)


def asks_activity(questions: Iterable[AnyQuestion]) -> bool:
    """Return whether the answer to one of the questions is known from activities."""
    return any(isinstance(one, Uses | Acts) for one in questions)
