"""Shared contact: one contact stands for customers who have nothing to do with each other.

What the patterns `shared_email`, `shared_phone`, `shared_address` and `shared_payer` have in
common: each looks at all sales with one value of one field. They are several patterns, for what is
honest of an address is not of a card; each gives one outcome a sale, and takes its share of the
budget.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration
from detectors.basis.identifiers import AccountId
from detectors.events.event import Sale
from detectors.facts.account import SaleRecord
from detectors.facts.contact import ADDRESS, known
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.example import sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

_MOST_SHOWN: Final = 5
"""Events named for a bad sale, its own among them."""

Made = Callable[..., Sale]


def made_with(**contact: str) -> Made:
    """Return what makes sales of other customers, each at an address of its own, by a contact."""

    def made(number: int, days: float = 0.0, **fields: str | None) -> Sale:
        usual: dict[str, Any] = {
            "event_id": f"e-sold-{number}",
            "sale_id": f"sale-{number}",
            "account_id": AccountId(f"account-{number}"),
            "customer_id": f"customer-{number}",
            "address_hash": f"address-{number}",
        }
        return sold(days, **(usual | contact | fields))

    return made


class SharedContact(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of a pattern on one field.

    ``window``: within how long before and after a sale others with its contact count; a sale is
    judged when so much time has passed. ``customers``: of how many households they must be.
    """

    asked: ClassVar[Sharing]
    questions: ClassVar[tuple[AnyQuestion, ...]] = ()

    enabled: bool = False
    window: Duration = "30d"
    customers: Annotated[int, Meta(ge=2, le=100)] = 3

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how many households share the contact."""
        sharing = sales[self.asked]
        certain, at_most = sharing.households(), sharing.at_most()
        doubtful = (certain < self.customers) & (at_most >= self.customers)
        return choose(doubtful, certain < self.customers)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the first one of each other household as far as it is known."""
        sale, sharing = sales.rows[0].sale, [one.sale for one in sales.rows[0].sharing]
        others = {self.told_apart_by(sale): sale}
        for other in sorted(sharing, key=_time_and_id):
            others.setdefault(self.told_apart_by(other), other)
        shown = [one for value, one in others.items() if value and one is not sale]
        shown = sorted(shown, key=_time_and_id)[: _MOST_SHOWN - 1]
        return (sale.event_id, *(other.event_id for other in shown))

    def told_apart_by(self, sale: SaleRecord) -> int:
        """Return a hash that is different for those who are shown; 0 for who is not."""
        return known(sale.contact, ADDRESS)


def _time_and_id(sale: SaleRecord) -> tuple[float, str]:
    return (sale.at, sale.event_id)
