"""Pitch to unhappy: something was sold to a customer who called to complain or to leave.

Judged at the sale, by why the customer called, and by their sentiment where it was measured. A
single one says little, for good agents win customers back. A rate far above that of peers is a
matter for the agent's coach. Where a whole team or site stands out, it is one for whoever wrote the
rule that forces the pitch: alerts about groups say so. It cannot tell a sentiment before the offer
from one that the offer caused.

The article on upselling and the customer's experience warns of it, and of the pitch that is forced
into every call. It weighs as much as any other rate.
"""

from typing import Annotated, ClassVar, Final

import numpy as np
from msgspec import Meta

from detectors.basis.identifiers import PatternName
from detectors.basis.text_hash import word_number
from detectors.basis.words import as_word
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import REASON
from detectors.facts.questions import AnyQuestion, SaleNumber
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

SENTIMENT: Final = SaleNumber("sentiment")


class PitchToUnhappy(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``pitch_to_unhappy``.

    ``reasons``: those of an interaction in which nothing should be sold.
    ``lowest_sentiment``: a customer below it is unhappy, whatever the reason.
    """

    name: ClassVar[PatternName] = PatternName("pitch_to_unhappy")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (REASON, SENTIMENT)
    unit_phrase: ClassVar[str] = "sales whose reason of the call or sentiment is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Listen to three of the calls. Was the customer's matter settled before anything "
        "was offered? Then see whether a script demands the offer.",
        would_clear="Calls on which the customer's matter was settled first, and they asked.",
        explanations_unchecked=(
            "A retention or complaints desk, whose work it is to make such customers an offer.",
            "A script or a target that demands an offer in every call.",
            "A model of sentiment that hears an accent, or a bad line, as anger.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The customer called to complain.",
            Verdict.BAD,
            (sold(interaction_reason="Complaint", sentiment=0.1),),
        ),
        PatternExample("The customer was angry.", Verdict.BAD, (sold(sentiment=-0.8),)),
        PatternExample("The customer was content.", Verdict.GOOD, (sold(sentiment=0.4),)),
        PatternExample(
            "The customer called to buy.", Verdict.GOOD, (sold(interaction_reason="order"),)
        ),
        PatternExample("Nobody knows why they called, or how.", Verdict.EXCLUDED, (sold(),)),
    )

    enabled: bool = False
    reasons: Annotated[tuple[str, ...], Meta(min_length=1)] = (
        "complaint",
        "cancellation",
        "cancel",
    )
    lowest_sentiment: Annotated[float, Meta(ge=-1, le=1)] = -0.5

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        words = ", ".join(self.reasons).replace("_", " ")
        return (
            f"sold to customers who called for one of these reasons: {words}, or whose sentiment "
            f"was below {self.lowest_sentiment:g}"
        )

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales neither is known."""
        return np.isnan(sales[REASON]) & np.isnan(sales[SENTIMENT])

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by why the customer called, and how they felt."""
        reasons = [word_number(as_word(reason)) for reason in self.reasons]
        unhappy = np.isin(sales[REASON], reasons) | (sales[SENTIMENT] < self.lowest_sentiment)
        return choose(nothing(sales), ~unhappy)
