"""Sold over refusal: the customer had said no in that interaction, and there is a sale.

Judged at the sale, by a disposition or a review of the call that says so. One such sale is a
finding about its account; a rate far above that of peers is one about the agent. It cannot tell who
set the flag, and when: who sets it late, or for the first of two offers, makes a bad sale of a good
one. A vendor's agents enrolled customers who had declined (CFPB on Santander, 2016).
"""

from typing import ClassVar, Final

from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, SaleNumber
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

REFUSED: Final = SaleNumber("offer_refused")

_HONEST: Final = (
    "A customer who refused the first offer and took another one in the same interaction.",
    "A customer who called back and changed their mind, where both calls have one id.",
    "A disposition that was keyed for the wrong call.",
)
_CLEARS: Final = "A record on which the customer agrees after the refusal, in their own words."


class SoldOverRefusal(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``sold_over_refusal``."""

    name: ClassVar[PatternName] = PatternName("sold_over_refusal")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (REFUSED,)
    alerts_on_account: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "sales of which it is known whether the customer had refused"
    advice: ClassVar[Advice] = Advice(
        next_step="Listen to three of the calls. Let somebody who did not sell to these customers "
        "ask them whether they wanted what was sold.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Listen to the call. Let somebody who did not sell to this customer ask them "
        "whether they wanted what was sold.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The customer had refused, and was sold it.", Verdict.BAD, (sold(offer_refused=True),)
        ),
        PatternExample("The customer had agreed.", Verdict.GOOD, (sold(offer_refused=False),)),
        PatternExample("Nobody noted whether they had.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "sold although the customer had refused"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the flag."""
        return choose(nothing(sales), sales[REFUSED] == 0.0)
