"""Own verification: who confirmed the sale was not independent of who made it.

A verification is worth as much as it is independent: not of the seller, nor of anybody who gains by
it. Judged at the sale, by who is named as its verifier, and when they had confirmed it. It is bad
if that is the seller; a member of the seller's team, where settings say that it must be somebody
else; or if it was confirmed within seconds after the sale, in which nobody asks a customer. One
such sale is a finding about its account; a rate far above that of peers is one about the agent. It
cannot tell a friend from a stranger (`one_verifier` looks for one), nor a recording that is used
twice: USD 29.6M were proposed against a seller for spliced recordings (FCC 16-14). Ten seconds are
a guess at what no question and answer can take less than.
"""

from typing import Any, ClassVar, Final, Literal

import numpy as np

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import VERIFIED_AFTER, VERIFIED_BY_SELLER, VERIFIED_BY_TEAM
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, after, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

_HONEST: Final = (
    "A system that fills in the seller where nobody verified: then all sellers have it.",
    "A shared login, or a shift in which there was nobody else.",
    "A field that names who asked for the verification, not who made it.",
    "A sale that is booked while the customer is still with who verifies it.",
)
_CLEARS: Final = "A record of somebody else who spoke to the customer."
_SECONDS: Final = 1.0 / 86_400.0
"""In days."""


class OwnVerification(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``own_verification``.

    ``independent_of``: whether another member of the seller's team may verify. ``soonest``: what is
    confirmed in less time after the sale was not.
    """

    name: ClassVar[PatternName] = PatternName("own_verification")
    version: ClassVar[int] = 2
    window: ClassVar[str] = "0s"
    questions: ClassVar[tuple[AnyQuestion, ...]] = (
        VERIFIED_BY_SELLER,
        VERIFIED_BY_TEAM,
        VERIFIED_AFTER,
    )
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
        PatternExample(
            "Somebody else did, of another team.",
            Verdict.GOOD,
            (sold(verifier_id="agent-2", verifier_team="red", team="blue"),),
        ),
        PatternExample(
            "A team mate did.",
            Verdict.BAD,
            (sold(verifier_id="agent-2", verifier_team="blue", team="blue"),),
        ),
        PatternExample(
            "Somebody did, three seconds after the sale.",
            Verdict.BAD,
            (sold(verifier_id="agent-2", verified_at=after(3 * _SECONDS)),),
        ),
        PatternExample(
            "It was confirmed before it was booked.",
            Verdict.GOOD,
            (
                sold(
                    verifier_id="agent-2",
                    verifier_team="red",
                    team="blue",
                    verified_at=after(-3 * _SECONDS),
                ),
            ),
            honest="verified before they were booked",
        ),
        PatternExample(
            "A system wrote the time of the sale there.",
            Verdict.GOOD,
            (
                sold(
                    verifier_id="agent-2",
                    verifier_team="red",
                    team="blue",
                    verified_at=after(0),
                ),
            ),
            honest="verified at the very moment",
        ),
        PatternExample(
            "Nobody knows in which team the verifier is.",
            Verdict.EXCLUDED,
            (sold(verifier_id="agent-2", team="blue"),),
            honest="verified by somebody of whom",
        ),
        PatternExample("Nobody is named.", Verdict.EXCLUDED, (sold(),)),
        PatternExample(
            "No person sold it.", Verdict.EXCLUDED, (sold(agent_id=None, verifier_id="agent-2"),)
        ),
    )
    example_settings: ClassVar[dict[str, Any]] = {"independent_of": "team"}

    enabled: bool = False
    independent_of: Literal["seller", "team"] = "seller"
    soonest: Duration = "10s"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        team = " or within their team" if self.independent_of == "team" else ""
        return f"verified by the seller{team}, or less than {in_words(self.soonest)} after the sale"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        team = ("verified by somebody of whom nobody knows the team",)
        return (
            "verified before they were booked",
            "verified at the very moment of the sale, as a system writes that knows no other",
            *(team if self.independent_of == "team" else ()),
        )

    def unknown(self, sales: Sales) -> Flags:
        """Return of which sales nobody knows who verified them, or in which team they are."""
        unknown: Flags = np.isnan(sales[VERIFIED_BY_SELLER])
        if self.independent_of == "team":
            unknown |= np.isnan(sales[VERIFIED_BY_TEAM]) & ~self._is_bad(sales)
        return unknown

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by who verified each sale, and how soon."""
        return choose(self.unknown(sales), ~self._is_bad(sales))

    def _is_bad(self, sales: Sales) -> Flags:
        later = sales[VERIFIED_AFTER]
        bad: Flags = (sales[VERIFIED_BY_SELLER] == 1.0) | (
            (later > 0.0) & (later < seconds_of(self.soonest))
        )
        if self.independent_of == "team":
            bad |= sales[VERIFIED_BY_TEAM] == 1.0
        return bad
