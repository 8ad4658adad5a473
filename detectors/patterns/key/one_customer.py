"""One customer: patterns on what else a customer bought, and from whom.

What `reopened`, `stacking`, `twisting` and `slamming` have in common: each judges a sale beside the
others to its customer.
"""

from typing import Any, ClassVar, Final

from detectors.basis.durations import Duration
from detectors.basis.identifiers import AccountId
from detectors.events.event import Cancellation, Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.beside import Beside
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.example import cancelled, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts

CUSTOMER: Final = Sharing("customer_id")

MOST_SHOWN: Final = 5
"""Events named for a bad sale, its own among them."""


def sold_on(number: int | str, days: float = 0.0, **fields: str | None) -> Sale:
    """Return a sale of an example, on an account of its own."""
    named: dict[str, Any] = {
        "event_id": f"e-sold-{number}",
        "sale_id": f"sale-{number}",
        "account_id": AccountId(f"account-{number}"),
    }
    return sold(days, **(named | fields))


def cancelled_on(number: int | str, days: float, **fields: str) -> Cancellation:
    """Return the cancellation of such a sale."""
    named = {"sale_id": f"sale-{number}", "account_id": f"account-{number}"}
    return cancelled(days, **(named | fields))


def is_of_agent(other: SaleRecord, sale: SaleRecord) -> bool:
    """Return whether the agent who made a sale, if anybody did, made another one as well."""
    return sale.agent_id is not None and other.agent_id == sale.agent_id


class OneCustomer(SalePattern, frozen=True, kw_only=True):
    """A pattern that judges a sale beside the others to its customer."""

    questions: ClassVar[tuple[AnyQuestion, ...]] = (CUSTOMER,)

    enabled: bool = False

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge each sale beside the others."""
        return sales[CUSTOMER].judged(self.judge)

    def judge(self, beside: Beside) -> Verdict:
        """Return the verdict on one sale."""
        raise NotImplementedError


class EarlierOfCustomer(OneCustomer, frozen=True, kw_only=True):
    """One that looks at the earlier sales alone.

    ``within``: how long before a sale the others count. ``window``: how long after it the sale is
    judged, since what ended the others must have come.
    """

    window: Duration = "1d"
    within: Duration = "30d"

    @property
    def looks_back(self) -> str:
        """For how long before a sale others count."""
        return self.within
