"""Undisclosed fee: the customer was not told what it costs to leave, or what else is charged.

Judged at the sale, by a review of the interaction or by the tool that leads through it. It is a
matter for coaching: a warning, and never *critical*. Where such a customer was then charged a fee
for leaving, it is no longer one: see ``fee_at_exit``. It cannot tell whether there is any fee to
disclose: name the products in the cells, so that a product without one is compared with itself. A
supplier that told of exit fees only after the sale paid GBP 10.5M (SSE, Ofgem, 2013).
"""

from typing import ClassVar, Final

from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, SaleNumber
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.judged import Severity
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

DISCLOSED: Final = SaleNumber("fees_disclosed")


class UndisclosedFee(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``undisclosed_fee``."""

    name: ClassVar[PatternName] = PatternName("undisclosed_fee")
    window: ClassVar[str] = "0s"
    severest: ClassVar[Severity] = "warning"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (DISCLOSED,)
    unit_phrase: ClassVar[str] = "sales of which it is known whether fees were disclosed"
    advice: ClassVar[Advice] = Advice(
        next_step="Listen to three of the calls for the fees. Send the customers what they were "
        "not told, and a way out.",
        would_clear="Calls, or papers from before the sale, on which the fees are named.",
        explanations_unchecked=(
            "A product or a campaign without fees, for which the flag means nothing.",
            "Fees that are disclosed in writing or on a screen, which the flag does not know.",
            "A reviewer who is stricter than others.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("Nobody named the fees.", Verdict.BAD, (sold(fees_disclosed=False),)),
        PatternExample("They were named.", Verdict.GOOD, (sold(fees_disclosed=True),)),
        PatternExample("Nobody reviewed the call.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "sold without the fees having been disclosed"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the flag."""
        return choose(nothing(sales), sales[DISCLOSED] > 0.0)
