"""Bait and switch: sold far dearer than quoted, or something else since that was "out of stock".

Judged at the sale, by what had been quoted. Sold is the same product for far more, or another one,
dearer, in the place of one that was said to be out of stock. A dearer product that the customer
chose while the quoted one was there is no such sale, and is excluded. It cannot tell whether the
stock was really empty: then it is so for all who sell it, and nobody stands out. A supplier whose
customers were told of a saving and moved to a dearer tariff paid GBP 10.5M (SSE, Ofgem, 2013).
"""

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import (
    OTHER_IN_STOCK,
    OTHER_OUT_OF_STOCK,
    SWITCHED,
    TIMES_THE_QUOTE,
)
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose


class BaitAndSwitch(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``bait_and_switch``.

    ``most_times_the_quote``: a sale for more, as a multiple of what was quoted, is a bad outcome.
    """

    name: ClassVar[PatternName] = PatternName("bait_and_switch")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (TIMES_THE_QUOTE, SWITCHED)
    unit_phrase: ClassVar[str] = "sales of which the quote is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Compare quote and bill of five of these sales, and look up the stock of those "
        "days. Let somebody who did not sell to them ask two customers what they were promised.",
        would_clear="A price list, or a stock list, that gives these sales for everybody.",
        explanations_unchecked=(
            "A quote without tax, delivery or the options that the customer then chose.",
            "A price that rose between quote and sale, for all customers.",
            "A shortage that hit this agent's site alone.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("It cost half as much again.", Verdict.BAD, (sold(quoted_amount=80.0),)),
        PatternExample("It cost what was quoted.", Verdict.GOOD, (sold(quoted_amount=119.0),)),
        PatternExample(
            'A dearer one, for the cheap one was "out of stock".',
            Verdict.BAD,
            (sold(quoted_product="basic", quoted_amount=110.0, out_of_stock=True),),
        ),
        PatternExample(
            "The customer chose a dearer one.",
            Verdict.EXCLUDED,
            (sold(quoted_product="basic", quoted_amount=60.0),),
            honest="of another product",
        ),
        PatternExample("Nobody quoted.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False
    most_times_the_quote: Annotated[float, Meta(gt=1)] = 1.25

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"sold for more than {self.most_times_the_quote:g} times the quote, or dearer in the "
            "place of a product out of stock"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return ("of another product than was quoted, which was in stock",)

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales no price was quoted."""
        return np.isnan(sales[TIMES_THE_QUOTE])

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the price, and by what was quoted."""
        times, switched = sales[TIMES_THE_QUOTE], sales[SWITCHED]
        most = np.where(switched == OTHER_OUT_OF_STOCK, 1.0, self.most_times_the_quote)
        return choose(switched == OTHER_IN_STOCK, times <= most)
