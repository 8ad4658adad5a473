"""Own verification: the seller confirmed the sale that should have been confirmed by another.

A verification is worth as much as it is independent: not of the seller, nor of anybody who gains by
it. Judged at the sale, by who is named as its verifier. One such sale is a finding about its
account; a rate far above that of peers is one about the agent. It cannot tell a team mate or a
friend from a stranger, nor a recording that is used twice: USD 29.6M were proposed against a seller
for spliced recordings (FCC 16-14).
"""

from typing import ClassVar, Final

from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import VERIFIED_BY_SELLER
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

_HONEST: Final = (
    "A system that fills in the seller where nobody verified: then all sellers have it.",
    "A shared login, or a shift in which there was nobody else.",
    "A field that names who asked for the verification, not who made it.",
)
_CLEARS: Final = "A record of somebody else who spoke to the customer."


class OwnVerification(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``own_verification``."""

    name: ClassVar[PatternName] = PatternName("own_verification")
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (VERIFIED_BY_SELLER,)
    alerts_on_account: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "sales whose verifier is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Have five of these sales verified anew, by somebody who neither sold them nor "
        "works with the seller.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Have the sale verified anew, by somebody who neither sold it nor works with the "
        "seller.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("The seller confirmed it.", Verdict.BAD, (sold(verifier_id="agent-1"),)),
        PatternExample("Somebody else did.", Verdict.GOOD, (sold(verifier_id="agent-2"),)),
        PatternExample("Nobody is named.", Verdict.EXCLUDED, (sold(),)),
        PatternExample(
            "No person sold it.", Verdict.EXCLUDED, (sold(agent_id=None, verifier_id="agent-2"),)
        ),
    )

    enabled: bool = False

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "verified by the seller"

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by whether verifier and seller are one."""
        return choose(nothing(sales), sales[VERIFIED_BY_SELLER] == 0.0)
