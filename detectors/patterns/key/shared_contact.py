"""Shared contact: one contact stands for customers who have nothing to do with each other.

What the patterns `shared_email`, `shared_phone`, `shared_address` and `shared_payer` have in
common: each looks at all sales with one value of one field. They are several patterns, for what is
honest of an address is not of a card; each gives one outcome a sale, and takes its share of the
budget.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import AccountId
from detectors.events.event import Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.contact import ADDRESS, known
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.key.one_customer import MOST_SHOWN
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

Made = Callable[..., Sale]


def shared_by(contact: str, field: str) -> tuple[PatternExample, ...]:
    """Return the examples of a contact that is no address: sales with it, at several addresses."""
    made = made_with(**{field: f"{field.removesuffix('_hash')}-1"})
    return (
        PatternExample(
            f"Three customers at three addresses have one {contact}.",
            Verdict.BAD,
            (made(1), made(2, 3), made(3, 20)),
        ),
        PatternExample(
            "Two of them live together: they are two households.",
            Verdict.GOOD,
            (made(1), made(2, 3), made(3, 20, address_hash="address-2")),
            honest="made to people",
        ),
        PatternExample(
            "Nobody knows where one of them lives.",
            Verdict.EXCLUDED,
            (made(1), made(2, 3), made(3, 20, address_hash=None)),
        ),
        PatternExample(
            f"Nobody knows the {contact}.", Verdict.EXCLUDED, (made(1, **{field: None}),)
        ),
    )


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

    Attributes
    ----------
    asked
        The field.
    contact
        What it is, in words.
    """

    asked: ClassVar[Sharing]
    contact: ClassVar[str]
    questions: ClassVar[tuple[AnyQuestion, ...]] = ()

    enabled: bool = False
    window: Duration = "30d"
    customers: Annotated[int, Meta(ge=2, le=100)] = 3

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"sold under one {self.contact} with customers of at least {self.customers} households "
            f"within {in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("made to people who share a postal address, or shared one in that time",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how many households share the contact."""
        certain, perhaps = sales[self.asked].households(self.customers)
        return choose(perhaps & ~certain, ~certain)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the first one of each other household as far as it is known."""
        sale, sharing = sales.rows[0].sale, [one.sale for one in sales.rows[0].sharing]
        others = {self.told_apart_by(sale): sale}
        for other in sorted(sharing, key=_time_and_id):
            others.setdefault(self.told_apart_by(other), other)
        shown = [one for value, one in others.items() if value and one is not sale]
        shown = sorted(shown, key=_time_and_id)[: MOST_SHOWN - 1]
        return (sale.event_id, *(other.event_id for other in shown))

    def told_apart_by(self, sale: SaleRecord) -> int:
        """Return a hash that is different for those who are shown; 0 for who is not."""
        return known(sale.contact, ADDRESS)


def _time_and_id(sale: SaleRecord) -> tuple[float, str]:
    return (sale.at, sale.event_id)
