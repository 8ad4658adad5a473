"""Stacking: one agent sold one customer more in a short time than customers want.

Ten cards at one visit to the branch, three lines on one card payment: each of them counts, and the
customer needs one. A sale is bad if the agent sold this customer more than so many within the
window before or after it. What stands in the records of one interaction is one bundle, as far as it
is of different products: a line, a telephone and a television sold in one call count as one sale.
Three equal ones in one call count as three.

Where nobody knows in which interaction a sale was made, it may have been one of the others. So it
counts only as far as it makes one more in any case, and where that decides, the sale is excluded.

It cannot tell a family of five with one account holder, or a small firm, from a customer who was
talked into it; both are named in the alert. Households whose members buy each for themselves are
several customers, and never counted together.

The source is what has been reported of banks and of a television service: elderly customers with
nine or ten debit cards of one visit, and three accounts for one telephone, with one card. A week is
looked at, since what is stacked is stacked at once; three is what a customer may well buy in a
week.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import PatternName
from detectors.events.event import Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.beside import Beside
from detectors.facts.contact import INTERACTION
from detectors.facts.questions import AnyQuestion, SaleValue
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.one_customer import (
    CUSTOMER,
    MOST_SHOWN,
    OneCustomer,
    is_of_agent,
    sold_on,
)

CALL: Final = SaleValue(INTERACTION)


def _sold(number: int, days: float = 0.0, **fields: str | None) -> Sale:
    """Return one of several sales to the customer, each in an interaction of its own."""
    return sold_on(number, days, **({"interaction_id": f"call-{number}"} | fields))


class Stacking(OneCustomer, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``stacking``.

    ``window``: within how long before and after a sale others to its customer count; a sale is
    judged when so much time has passed. ``most_products``: how many an agent may sell to one.
    """

    name: ClassVar[PatternName] = PatternName("stacking")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CUSTOMER, CALL)
    unit_phrase: ClassVar[str] = "sales to known customers"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask two of these customers what they have, by somebody who did not sell to "
        "them. Do they know of all of it, and which of it do they use?",
        would_clear="Customers who name a use for each of the products.",
        explanations_unchecked=(
            "A parent or a firm that buys for several people under one name.",
            "An offer that gives each product a sale of its own, such as a card for every account.",
            "A customer who came with a list, after a move or a marriage.",
            "A system that books one order in parts.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Four cards within a week.",
            Verdict.BAD,
            (_sold(1), _sold(2, 1), _sold(3, 2), _sold(4, 5)),
        ),
        PatternExample(
            "Three cards within a week.", Verdict.GOOD, (_sold(1), _sold(2, 1), _sold(3, 2))
        ),
        PatternExample(
            "Four different products in one call are a bundle.",
            Verdict.GOOD,
            (
                _sold(1, interaction_id="call"),
                _sold(2, product="loan", interaction_id="call"),
                _sold(3, product="line", interaction_id="call"),
                _sold(4, product="tablet", interaction_id="call"),
            ),
            honest="different products",
        ),
        PatternExample(
            "Four products, and nobody knows of which of them there was one call.",
            Verdict.EXCLUDED,
            (
                _sold(1, interaction_id=None),
                _sold(2, product="loan", interaction_id=None),
                _sold(3, product="line", interaction_id=None),
                _sold(4, product="tablet", interaction_id=None),
            ),
        ),
        PatternExample(
            "Nobody knows the customer.", Verdict.EXCLUDED, (_sold(1, customer_id=None),)
        ),
    )

    window: Duration = "7d"
    most_products: Annotated[int, Meta(ge=1, le=100)] = 3

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"among more than {self.most_products} that the agent sold to one customer within "
            f"{in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("different products sold together in one interaction",)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the first ones of the others."""
        beside = sales[CUSTOMER].first()
        return tuple(one.event_id for one in _by_agent(beside)[:MOST_SHOWN])

    def judge(self, beside: Beside) -> Verdict:
        """Return the verdict on one sale."""
        sales, most = _by_agent(beside), self.most_products
        if _at_least(sales) > most:
            return Verdict.BAD
        is_good = beside.is_whole and _at_most(sales) <= most
        return Verdict.GOOD if is_good else Verdict.EXCLUDED


def _by_agent(beside: Beside) -> Sequence[SaleRecord]:
    """Return the sale, and then the others of its agent; none if nobody sold it."""
    return [one.sale for one in beside.all() if is_of_agent(one.sale, beside.sale)]


def _bundled(sales: Sequence[SaleRecord]) -> int:
    """Count sales whose interaction is known: in each, different products are one bundle."""
    equal = Counter((CALL.of(one), one.product) for one in sales if CALL.of(one))
    largest: dict[int, int] = {}
    for (call, _), count in equal.items():
        largest[call] = max(largest.get(call, 0), count)
    return sum(largest.values())


def _at_least(sales: Sequence[SaleRecord]) -> int:
    """Count them, wherever those were sold of which nobody knows: equal ones are several."""
    equal = Counter(one.product for one in sales)
    return max(_bundled(sales), max(equal.values(), default=0))


def _at_most(sales: Sequence[SaleRecord]) -> int:
    """Count them, if each of which nobody knows was sold by itself."""
    return _bundled(sales) + sum(not CALL.of(one) for one in sales)
