"""No recap: the customer was not told again, at the end, what they had bought.

Judged at the sale, by a review of the interaction or by the tool that leads through it. It is a
matter for coaching, and never more than an alert of severity *info*. A recap that was read too fast
is one here: it cannot tell whether the customer understood it. The source is the article on
upselling (Aoki), which ends every sale with a recap.
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

RECAP: Final = SaleNumber("recap_given")


class NoRecap(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``no_recap``."""

    name: ClassVar[PatternName] = PatternName("no_recap")
    window: ClassVar[str] = "0s"
    severest: ClassVar[Severity] = "info"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (RECAP,)
    unit_phrase: ClassVar[str] = "sales of which it is known whether there was a recap"
    advice: ClassVar[Advice] = Advice(
        next_step="Listen to the last minute of three of the calls. Then show the agent a recap.",
        would_clear="Calls with a recap that the review or the tool missed.",
        explanations_unchecked=(
            "A script or a channel without a recap, where the summary goes out in writing.",
            "Calls that the customer ended, or that broke off.",
            "A reviewer who is stricter than others.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("There was no recap.", Verdict.BAD, (sold(recap_given=False),)),
        PatternExample("There was one.", Verdict.GOOD, (sold(recap_given=True),)),
        PatternExample("Nobody reviewed the call.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "sold without a recap"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the flag."""
        return choose(nothing(sales), sales[RECAP] > 0.0)
