"""Which sales bear a contact of their seller's own, as patterns ask for it."""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.events.event import Agent, OfAgent
from detectors.facts.contact import AGENT
from detectors.facts.sales import Flags, Sales
from detectors.facts.staff.staff import Staff


class OwnContactsKnown:
    """The answer to `OwnContacts`."""

    def __init__(self, sales: Sales) -> None:
        self._sales: Final = sales

    def borne(self) -> Flags:
        """Return which sales bear one."""
        return self._flags(Staff.owns)

    def comparable(self) -> Flags:
        """Return which sales bear a contact in a field in which one of their seller's is known."""
        return self._flags(Staff.knows_like)

    def _flags(self, asked: Callable[[Staff, tuple[int, ...]], bool]) -> Flags:
        rows = self._sales.rows
        said = [row.staff is not None and asked(row.staff, row.sale.contact) for row in rows]
        return np.array(said, dtype=np.bool_)


class OwnContacts(Struct, frozen=True):
    """Whether a sale bears a contact that the master data of its agent calls their own.

    It is asked across accounts, of the ledger of that agent; false where nobody has looked.
    """

    field: str = AGENT

    @property
    def events(self) -> tuple[type[OfAgent], ...]:
        """The types of events that tell it."""
        return (Agent,)

    def answer(self, sales: Sales) -> OwnContactsKnown:
        """Return what is known of it."""
        return OwnContactsKnown(sales)
