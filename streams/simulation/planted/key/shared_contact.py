"""The seller gives a contact of their own for customers; others share one honestly."""

from typing import Any, ClassVar

import numpy as np

from streams.simulation.planted.form import DaysSales, Form


class SharedContact(Form):
    """The planted form of the patterns on one field.

    ``field`` is that of the event, ``share`` that of all sales whose contact is shared honestly,
    and ``agents_a_contact`` how many agents there are to one such contact.
    """

    field: ClassVar[str]
    share: ClassVar[float] = 0.02
    agents_a_contact: ClassVar[int] = 2
    rates: ClassVar[tuple[float, float]] = (0.25, 0.40)

    def fields(self, sales: DaysSales) -> dict[str, list[Any]]:
        """Return the contact, and where the customer lives, of all sales."""
        number = 1 + sales.nobody // self.agents_a_contact
        honest = sales.generator.integers(number, size=sales.bad.size)
        shared = np.where(sales.drawn(self.share), -1 - honest, sales.account)
        value = np.where(sales.bad, -1 - number - sales.seller, shared).tolist()
        own, others = f"{self.field[0]}-", f"{self.field[0]}{self.field[0]}-"
        homes = [f"d-{account + 1:08d}" for account in sales.account.tolist()]
        contact = [f"{own}{one + 1:08d}" if one >= 0 else f"{others}{-one:08d}" for one in value]
        return {"address_hash": homes} | {self.field: contact}


class SharedEmail(SharedContact):
    """The planted form of ``shared_email``."""

    pattern: ClassVar[str] = "shared_email"
    field: ClassVar[str] = "email_hash"


class SharedPhone(SharedContact):
    """The planted form of ``shared_phone``."""

    pattern: ClassVar[str] = "shared_phone"
    field: ClassVar[str] = "phone_hash"


class SharedAddress(SharedContact):
    """The planted form of ``shared_address``; some houses have many flats."""

    pattern: ClassVar[str] = "shared_address"
    field: ClassVar[str] = "address_hash"
    share: ClassVar[float] = 0.04
    agents_a_contact: ClassVar[int] = 4
