"""No need: something was sold that nobody had found the customer to need.

Judged at the sale, by a review of the interaction or by the tool that leads through it. It is a
matter for coaching, and never more than an alert of severity *info*: who asks for no needs sells
badly, and does not lie. It cannot tell whether the customer had a need that nobody asked for.
The source is the article on upselling (Aoki), which begins with the need.
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

NEED: Final = SaleNumber("need_identified")


class NoNeed(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``no_need``."""

    name: ClassVar[PatternName] = PatternName("no_need")
    window: ClassVar[str] = "0s"
    severest: ClassVar[Severity] = "info"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (NEED,)
    unit_phrase: ClassVar[str] = "sales of which it is known whether a need was found"
    advice: ClassVar[Advice] = Advice(
        next_step="Sit with the agent through two calls: what do they ask before they offer?",
        would_clear="Calls on which the customer named the need, or asked for the product.",
        explanations_unchecked=(
            "Customers who order what they know, such as a renewal or the same again.",
            "A script without the question, or a tool that does not record the answer.",
            "A reviewer who is stricter than others.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("Nobody asked.", Verdict.BAD, (sold(need_identified=False),)),
        PatternExample("The need was found.", Verdict.GOOD, (sold(need_identified=True),)),
        PatternExample("Nobody reviewed the call.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "sold without a need having been found"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the flag."""
        return choose(nothing(sales), sales[NEED] > 0.0)
