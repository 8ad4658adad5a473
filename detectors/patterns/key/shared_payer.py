"""Shared payer: one payer pays for customers who have nothing to do with each other.

A card or a bank account that pays for three customers of different households may be the agent's
own, or a friend's: that is how sales are made up that nobody wanted. So a sale is bad if its payer
also pays, within the window before it or after it, for so many customers that they are at least
three households. It says of every one of these sales that it is one of them, whoever sold it.

Customers with an equal address are one household, and so are those that a third one connects, who
had both addresses. A customer whose address nobody knows proves nothing, in either direction: where
they could make up what is missing, the sale is excluded.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import AccountId, PatternName
from detectors.events.event import Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.contact import ADDRESS, known
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

PAYER: Final = Sharing("payer_hash")

_MOST_SHOWN: Final = 5
"""Events named for a bad sale, its own among them."""


def _paid(number: int, days: float = 0.0, **fields: str | None) -> Sale:
    """Return the sale of another customer whom the same payer pays for."""
    return sold(
        days,
        event_id=f"e-sold-{number}",
        sale_id=f"sale-{number}",
        account_id=AccountId(f"account-{number}"),
        customer_id=f"customer-{number}",
        **({"payer_hash": "payer-1", "address_hash": f"address-{number}"} | fields),
    )


class SharedPayer(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_payer``.

    ``window``: within how long before and after a sale others with its payer count; a sale is
    judged when so much time has passed. ``customers``: of how many households they must be.
    """

    name: ClassVar[PatternName] = PatternName("shared_payer")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (PAYER,)
    unit_phrase: ClassVar[str] = "sales whose payer is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Find out whose card or account it is. Ask two of the customers who paid, and "
        "whether they wanted what was sold. Let somebody ask who did not sell to them.",
        would_clear="A payer who is known to pay for others, and customers who know of it.",
        explanations_unchecked=(
            "An employer who pays for staff, or a company that buys for its branches.",
            "A guardian, or a relative who pays for people who live elsewhere.",
            "A charity or a social office that pays for those it looks after.",
            "A payment service whose account stands for all who pay through it.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "One payer pays for three customers at three addresses.",
            Verdict.BAD,
            (_paid(1), _paid(2, 3), _paid(3, 20)),
        ),
        PatternExample(
            "One of them lives with another: they are two households.",
            Verdict.GOOD,
            (_paid(1), _paid(2, 3), _paid(3, 20, address_hash="address-2")),
        ),
        PatternExample(
            "The third one bought long after the others.",
            Verdict.GOOD,
            (_paid(1), _paid(2, 3), _paid(3, 40)),
        ),
        PatternExample(
            "Nobody knows where one of them lives.",
            Verdict.EXCLUDED,
            (_paid(1), _paid(2, 3), _paid(3, 20, address_hash=None)),
        ),
        PatternExample("Nobody knows who paid.", Verdict.EXCLUDED, (_paid(1, payer_hash=None),)),
    )

    enabled: bool = False
    window: Duration = "30d"
    customers: Annotated[int, Meta(ge=2, le=100)] = 3

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"paid by somebody who paid for customers of at least {self.customers} households "
            f"within {in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("paid for people who share an address, or shared one in that time",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how many households share the payer."""
        sharing = sales[PAYER]
        certain, at_most = sharing.households(), sharing.at_most()
        doubtful = (certain < self.customers) & (at_most >= self.customers)
        return choose(doubtful, certain < self.customers)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the first one at each other address."""
        sale, sharing = sales.rows[0].sale, sales.rows[0].sharing
        others = {_address(sale): sale}
        for other in sorted(sharing, key=_time_and_id):
            others.setdefault(_address(other), other)
        shown = [one for address, one in others.items() if address and one is not sale]
        shown = sorted(shown, key=_time_and_id)[: _MOST_SHOWN - 1]
        return (sale.event_id, *(other.event_id for other in shown))


def _address(sale: SaleRecord) -> int:
    return known(sale.contact, ADDRESS)


def _time_and_id(sale: SaleRecord) -> tuple[float, str]:
    return (sale.at, sale.event_id)
