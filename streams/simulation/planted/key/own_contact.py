"""The seller gives their own e-mail address for customers; all buy for themselves now and then."""

from typing import Any, ClassVar, Final

import numpy as np

from streams.simulation.arrays import Flags
from streams.simulation.deeds import Deed, known_as, own_contact
from streams.simulation.planted.form import DAY_IN_MILLISECONDS, DaysSales, Form, Happening

FIELD: Final = "email_hash"

HONEST_SHARE: Final = 0.01
"""Share of all sales that are to the household of their seller, under the seller's own address."""

HOUSEHOLD: Final = 4
"""People in it: so many buy, and no more, in so many days."""

HOUSEHOLD_DAYS: Final = 60

_KNOWN: Final = known_as(FIELD)


class OwnContact(Form):
    """The planted form of ``own_contact``."""

    pattern: ClassVar[str] = "own_contact"
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)
    deeds: ClassVar[tuple[Deed, ...]] = (_KNOWN,)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return how each customer is reached, and where they live."""
        family = _of_households(sales, sales.drawn(HONEST_SHARE) & ~sales.bad)
        own = ((sales.bad | family) & (sales.seller != sales.nobody)).tolist()
        sellers, accounts = sales.seller.tolist(), sales.account.tolist()
        homes = np.where(family, -1 - sales.seller, sales.account).tolist()
        return {
            FIELD: [
                own_contact(FIELD, seller) if is_own else f"e-{account + 1:08d}"
                for is_own, seller, account in zip(own, sellers, accounts, strict=True)
            ],
            "address_hash": [
                f"d-{home + 1:08d}" if home >= 0 else f"dd-{-home:08d}" for home in homes
            ],
        }

    def happenings(self, sales: DaysSales) -> list[Happening]:
        """Return what master data says of those who sell for the first time."""
        first: dict[int, int] = {}
        for place, seller in enumerate(sales.seller.tolist()):
            if seller != sales.nobody and seller not in sales.memory:
                first.setdefault(seller, place)
        sales.memory.update(dict.fromkeys(first))
        rows = np.array([*first.values()], dtype=np.int64)
        return [Happening(_KNOWN, rows, sales.time[rows] - 60_000)]


def _of_households(sales: DaysSales, drawn: Flags) -> Flags:
    """Return those of the drawn sales for which the household of their seller is large enough."""
    fitting = np.zeros_like(drawn)
    for place in np.flatnonzero(drawn).tolist():
        key, time = ("household", int(sales.seller[place])), int(sales.time[place])
        since = time - HOUSEHOLD_DAYS * DAY_IN_MILLISECONDS
        bought = [one for one in sales.memory.get(key, ()) if one > since]
        fitting[place] = len(bought) < HOUSEHOLD
        sales.memory[key] = [*bought, time] if fitting[place] else bought
    return fitting
