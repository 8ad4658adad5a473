"""What happens to sales of an honest centre, and the table of all happenings to come."""

from enum import IntEnum, auto
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from streams.simulation.arrays import Integers
from streams.simulation.deeds import Deed, cancelled, done
from streams.simulation.planted import FORMS

Occurrences = npt.NDArray[np.void]
"""Rows of `OCCURRENCE`: `time` in milliseconds since 1970 UTC, `code` a place in `DEEDS`, `sale`
and `account` numbers, `seller` a row of `People`, `price` of the sale."""

OCCURRENCE: Final = np.dtype(
    [
        ("time", np.int64),
        ("code", np.int64),
        ("sale", np.int64),
        ("account", np.int64),
        ("seller", np.int64),
        ("price", np.float64),
    ]
)


class Code(IntEnum):
    """What happened, and who initiated it."""

    CANCELLED_BY_REQUEST = 0
    RETURNED = auto()
    NEVER_ORDERED = auto()
    CANCELLED_BY_SELLER = auto()
    SERVICE_FAULT = auto()
    NON_PAYMENT = auto()
    CUSTOMER_LOGIN = auto()
    CUSTOMER_USAGE = auto()
    CUSTOMER_PAYMENT = auto()
    SYSTEM_VERIFICATION = auto()
    SYSTEM_CONTACT_CHANGE = auto()
    AGENT_VERIFICATION = auto()
    AGENT_LOGIN = auto()
    AGENT_USAGE = auto()


_HONEST: Final = {
    Code.CANCELLED_BY_REQUEST: cancelled("customer_request", "customer"),
    Code.RETURNED: cancelled("returned", "customer"),
    Code.NEVER_ORDERED: cancelled("never_ordered", "customer"),
    Code.CANCELLED_BY_SELLER: cancelled("customer_request", "agent", by_seller=True),
    Code.SERVICE_FAULT: cancelled("service_fault", "system"),
    Code.NON_PAYMENT: cancelled("non_payment", "system")._replace(pays_back=False),
    Code.CUSTOMER_LOGIN: done("login", "customer"),
    Code.CUSTOMER_USAGE: done("usage", "customer"),
    Code.CUSTOMER_PAYMENT: done("payment", "customer")._replace(amount=1.0),
    Code.SYSTEM_VERIFICATION: done("verification", "system"),
    Code.SYSTEM_CONTACT_CHANGE: done("contact_change", "system"),
    Code.AGENT_VERIFICATION: done("verification", "agent", by_seller=True),
    Code.AGENT_LOGIN: done("login", "agent", by_seller=True),
    Code.AGENT_USAGE: done("usage", "agent", by_seller=True),
}

_PLANTED: Final = dict.fromkeys(deed for form in FORMS.values() for deed in form.deeds)

DEEDS: Final[tuple[Deed, ...]] = (*(_HONEST[code] for code in Code), *_PLANTED)
"""What each code means: those of `Code`, then those that somebody is planted for."""

CODES: Final = {deed: len(Code) + place for place, deed in enumerate(_PLANTED)}
"""The codes of what somebody is planted for."""


def no_occurrences() -> Occurrences:
    """Return an empty table."""
    return np.empty(0, dtype=OCCURRENCE)


def table(columns: dict[str, npt.NDArray[Any]], time: Integers, code: Integers) -> Occurrences:
    """Return the rows with these times and codes; `columns` holds the other columns."""
    rows = np.empty(time.size, dtype=OCCURRENCE)
    rows["time"] = time
    rows["code"] = code
    for name, column in columns.items():
        rows[name] = column
    return rows
