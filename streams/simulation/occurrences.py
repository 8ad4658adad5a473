"""What can happen to a sale after it was made, and the table of such happenings to come."""

from enum import IntEnum, auto
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from streams.simulation.people import Integers

Occurrences = npt.NDArray[np.void]
"""Rows of `OCCURRENCE`: `time` in milliseconds since 1970 UTC, `code` a `Code`, `sale` and
`account` numbers, `seller` a row of `People`, `price` of the sale."""

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
    EXCUSED_BY_COLLEAGUE = auto()


CANCELLATION_REASONS: Final[dict[int, tuple[str, str]]] = {
    Code.CANCELLED_BY_REQUEST: ("customer_request", "customer"),
    Code.RETURNED: ("returned", "customer"),
    Code.NEVER_ORDERED: ("never_ordered", "customer"),
    Code.CANCELLED_BY_SELLER: ("customer_request", "agent"),
    Code.SERVICE_FAULT: ("service_fault", "system"),
    Code.NON_PAYMENT: ("non_payment", "system"),
    Code.EXCUSED_BY_COLLEAGUE: ("duplicate", "agent"),
}
"""Reason and initiator of the codes that are cancellations."""

ACTIVITY_KINDS: Final[dict[int, tuple[str, str]]] = {
    Code.CUSTOMER_LOGIN: ("login", "customer"),
    Code.CUSTOMER_USAGE: ("usage", "customer"),
    Code.CUSTOMER_PAYMENT: ("payment", "customer"),
    Code.SYSTEM_VERIFICATION: ("verification", "system"),
    Code.SYSTEM_CONTACT_CHANGE: ("contact_change", "system"),
    Code.AGENT_VERIFICATION: ("verification", "agent"),
    Code.AGENT_LOGIN: ("login", "agent"),
    Code.AGENT_USAGE: ("usage", "agent"),
}
"""Kind and initiator of the codes that are activities."""


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
