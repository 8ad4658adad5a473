"""Pushed sale: the customer had said no, and was asked again until they said yes.

Judged at the sale, by how often the agent tried to close it. It tells of pressure, not of a lie:
one such sale is a matter for coaching, and a rate far above that of peers is one for compliance. A
sale of which nobody counted the attempts says nothing. Where the count comes from the agent's own
keyboard, a low one proves nothing either.

More than two attempts are what the article on upselling calls pushing (Aoki); no regulator names a
number. It weighs as much as any other rate. It cannot tell an attempt that pressed from one that
answered a question.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, SaleNumber
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

ATTEMPTS: Final = SaleNumber("closing_attempts")


class PushedSale(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``pushed_sale``.

    ``most_attempts``: how often an agent may try to close a sale.
    """

    name: ClassVar[PatternName] = PatternName("pushed_sale")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (ATTEMPTS,)
    unit_phrase: ClassVar[str] = "sales whose closing attempts were counted"
    advice: ClassVar[Advice] = Advice(
        next_step="Listen to three of the calls. Did the customer say no, and what was said then?",
        would_clear="Calls on which the further attempts answered questions of the customer.",
        explanations_unchecked=(
            "A script or a campaign that asks several times, for everybody on it.",
            "An add-on that is offered after the sale and counted as one more attempt.",
            "A telephony system that counts a call back as an attempt.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("The agent asked four times.", Verdict.BAD, (sold(closing_attempts=4),)),
        PatternExample(
            "The agent asked, explained, and asked once more.",
            Verdict.GOOD,
            (sold(closing_attempts=2),),
        ),
        PatternExample("Nobody counted.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False
    most_attempts: Annotated[int, Meta(ge=1)] = 2

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"closed after more than {self.most_attempts} attempts"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by the number of attempts."""
        return choose(nothing(sales), sales[ATTEMPTS] <= self.most_attempts)
