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

from detectors.basis.event_time import Seconds
from detectors.events.event import OfAgent, Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.acts import ActKind
from detectors.facts.asked.acts import Acts
from detectors.facts.asked.cancellations import Cancellations
from detectors.facts.asked.hours import Hours
from detectors.facts.asked.own_contacts import OwnContacts
from detectors.facts.asked.traffic import Traffic
from detectors.facts.beside import Beside
from detectors.facts.contact import ADDRESS, AGENT, CUSTOMER, known, value_of
from detectors.facts.households import Households, Member
from detectors.facts.sales import Flags, Reals, Sales, Sold

Counts = npt.NDArray[np.int64]

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

    def households(self, number: int) -> tuple[Flags, Flags]:
        """Return where at least so many households certainly share it, and where perhaps.

        Perhaps, as if every customer of unknown address were one of their own. So it is as well
        where not all were looked at: by an account alone, or if too many share it.
        """
        certain = np.zeros(len(self._sales), dtype=np.bool_)
        perhaps = np.zeros(len(self._sales), dtype=np.bool_)
        for row, sold in enumerate(self._sales.rows):
            is_whole = _is_whole(sold)
            if is_whole and len(sold.sharing) < number:  # nearly always
                continue
            households = _households(sold)
            certain[row] = households.known() >= number
            perhaps[row] = not is_whole or households.at_most() >= number
        return certain, perhaps

    def customers(self) -> Counts:
        """Count the customers who share it; too few where not all of them were looked at."""
        counts = [_households(sold).customers() for sold in self._sales.rows]
        return np.array(counts, dtype=np.int64)

    def whole(self) -> Flags:
        """Return of which sales all others were looked at."""
        return np.array([_is_whole(row) for row in self._sales.rows], dtype=np.bool_)

    def judged(self, judge: Callable[[Beside], Verdict]) -> npt.NDArray[np.uint8]:
        """Return the verdict of a function on each sale, excluded where nobody has looked."""
        rows = zip(self._sales.rows, self._sales.end.tolist(), strict=True)
        verdicts = [
            judge(self._beside(sold, end)) if sold.sharing else Verdict.EXCLUDED
            for sold, end in rows
        ]
        return np.array(verdicts, dtype=np.uint8)

    def first(self) -> Beside:
        """Return the first of the sales with those beside it."""
        return self._beside(self._sales.rows[0], float(self._sales.end[0]))

    def _beside(self, sold: Sold, end: float) -> Beside:
        sharing = sold.sharing if len(sold.sharing) > 1 else ()  # one is the sale itself
        others = tuple([other for other in sharing if other.sale is not sold.sale])
        return Beside(sold, others, Seconds(end), self._sales.forgiven, _is_whole(sold))


def _households(sold: Sold) -> Households:
    return Households(frozenset(map(_member, sold.sharing)))


def _is_whole(sold: Sold) -> bool:
    return 0 < len(sold.sharing) < MOST_SHARING


class Sharing(Struct, frozen=True):
    """Who else bought under the same value of a field, such as ``payer_hash``.

    It is asked across accounts, of the ledger of that field. It needs to know the customer and the
    value. With ``customer_id`` it is what else the customer bought, and with ``agent_id`` what else
    the agent sold, to whomever.
    """

    field: str

    def answer(self, sales: Sales) -> SharingKnown:
        """Return what is known of them, for as long before and after each sale as is looked."""
        return SharingKnown(sales)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales the customer or the value is unknown."""
        return np.array(
            [
                not (_value(row.sale, self.field) and (row.sale.customer or self.field == AGENT))
                for row in sales.rows
            ],
            dtype=np.bool_,
        )


def _value(sale: SaleRecord, field: str) -> int:
    return value_of(sale, sale.contact, field)


def _member(sold: Sold) -> Member:
    return Member(sold.sale.customer, known(sold.sale.contact, ADDRESS))


class SaleValue(Struct, frozen=True):
    """A value of the sale that is only compared with those of others, such as ``interaction_id``.

    It is kept as a hash. A sale without it is judged all the same.
    """

    field: str

    def of(self, sale: SaleRecord) -> int:
        """Return the hash; 0 where nobody can tell the value."""
        return known(sale.contact, self.field)


CANCELLATIONS: Final = Cancellations()
USES: Final = Uses()
TRAFFIC: Final = Traffic()
INTERACTIONS: Final = Traffic(accesses=False)
OWN_CONTACTS: Final = OwnContacts()
HOURS: Final = Hours()

NeedsFields = SaleNumber | Sharing | Traffic | Hours
"""What is asked of sales that have some field, and of no others."""

AnyQuestion = NeedsFields | Cancellations | Uses | Acts | SaleValue | OwnContacts


def numbers_asked(questions: Iterable[AnyQuestion]) -> tuple[SaleNumber, ...]:
    """Return the numbers of sales that are asked for, each once, by name."""
    asked = {one for one in questions if isinstance(one, SaleNumber)}
    return tuple(sorted(asked, key=lambda one: one.field))


def keys_asked(questions: Iterable[AnyQuestion]) -> tuple[str, ...]:
    """Return the fields by which somebody looks across accounts, each once, by name."""
    by_key = (one.field for one in questions if isinstance(one, Sharing | Traffic | Hours))
    return tuple(sorted({*by_key}))


def acts_asked(questions: Iterable[AnyQuestion]) -> frozenset[ActKind]:
    """Return the kinds of activity that somebody looks at one by one."""
    return frozenset(kind for one in questions if isinstance(one, Acts) for kind in one.kinds)


def asks_activity(questions: Iterable[AnyQuestion]) -> bool:
    """Return whether the answer to one of the questions is known from activities."""
    return any(isinstance(one, Uses | Acts) for one in questions)


def traffic_asked(questions: Iterable[AnyQuestion]) -> Traffic | None:
    """Return what of the traffic of agents is asked for, None if nothing is."""
    return next((one for one in questions if isinstance(one, Traffic)), None)


def events_asked(questions: Iterable[AnyQuestion]) -> tuple[type[OfAgent], ...]:
    """Return the types of events about agents that somebody asks for."""
    asked = [one for one in questions if isinstance(one, Traffic | OwnContacts | Hours)]
    return tuple(dict.fromkeys(kind for one in asked for kind in one.events))


def values_asked(questions: Iterable[AnyQuestion]) -> frozenset[str]:
    """Return the fields of a sale whose hashes are kept: by which somebody looks, or compares.

    How many households some customers are is told by their addresses.
    """
    asked = tuple(questions)
    keys = {one.field for one in asked if isinstance(one, Sharing)} - {CUSTOMER, AGENT}
    compared = {one.field for one in asked if isinstance(one, SaleValue)}
    return frozenset({*keys, *compared, *((ADDRESS,) if keys else ())})
