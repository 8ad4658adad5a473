"""No consent: there is a sale, and no record that the customer was there or agreed.

Judged at the sale: it names neither an interaction nor a consent, or it names a consent alone that
was given after it, by more than clocks may differ. Only in the channels in which each sale must
have one, which settings name; without them nothing is judged, since a field that a source never
sends is missing everywhere. It cannot tell a consent that was forged. Of 150 sign-up calls that a
state sampled 74 never mentioned the plan, it says (Washington against Comcast, 2017).
"""

from typing import Any, ClassVar, Final

import numpy as np

from detectors.basis.durations import Duration, seconds_of
from detectors.basis.identifiers import PatternName
from detectors.basis.text_hash import word_number
from detectors.basis.words import as_word
from detectors.facts.account import Verdict
from detectors.facts.asked.traits import CHANNEL, CONSENT, CONSENTED_AFTER, HAS_INTERACTION
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, after, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose, nothing

_HONEST: Final = (
    "A recorder or a feed that failed, for a while or for some agents.",
    "A paper that was signed and not yet scanned.",
    "A consent that holds for several sales, and is noted on the first alone.",
)
_CLEARS: Final = "A record of the consent, made before the sale."


class NoConsent(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``no_consent``.

    ``channels``: those in which each sale must have an interaction or a consent on record.
    ``consent_within``: how long after the sale a consent may still be given, such as a paper.
    """

    name: ClassVar[PatternName] = PatternName("no_consent")
    window: ClassVar[str] = "0s"
    version: ClassVar[int] = 2
    questions: ClassVar[tuple[AnyQuestion, ...]] = (
        CONSENT,
        CONSENTED_AFTER,
        HAS_INTERACTION,
        CHANNEL,
    )
    alerts_on_account: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "sales in channels with a record of consent"
    advice: ClassVar[Advice] = Advice(
        next_step="Let somebody who did not sell to them ask five of these customers whether they "
        "spoke to anybody, and to what they agreed.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Let somebody who did not sell to them ask the customer whether they spoke to "
        "anybody, and to what they agreed.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("Nothing is on record.", Verdict.BAD, (sold(channel="phone"),)),
        PatternExample(
            "The call is on record.",
            Verdict.GOOD,
            (sold(channel="phone", interaction_id="call-1"),),
        ),
        PatternExample("A paper is.", Verdict.GOOD, (sold(channel="phone", consent_id="p"),)),
        PatternExample(
            "The consent came two days after the sale.",
            Verdict.BAD,
            (sold(channel="phone", consent_id="p", consented_at=after(2)),),
        ),
        PatternExample(
            "It was given before it.",
            Verdict.GOOD,
            (sold(channel="phone", consent_id="p", consented_at=after(-1)),),
        ),
        PatternExample(
            "The paper came later, and the call is on record.",
            Verdict.GOOD,
            (
                sold(
                    channel="phone",
                    interaction_id="call-1",
                    consent_id="p",
                    consented_at=after(2),
                ),
            ),
            honest="agreed to on paper later",
        ),
        PatternExample(
            "Sold where nobody records.",
            Verdict.EXCLUDED,
            (sold(channel="web"),),
            honest="made in channels",
        ),
        PatternExample("Nobody knows where it was sold.", Verdict.EXCLUDED, (sold(),)),
    )
    example_settings: ClassVar[dict[str, Any]] = {"channels": ("phone",)}

    enabled: bool = False
    channels: tuple[str, ...] = ()
    consent_within: Duration = "0s"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return "sold without an interaction, or a consent given before them, on record"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "made in channels without such records",
            "agreed to on paper later, where the interaction itself is on record",
        )

    def unknown(self, sales: Sales) -> Flags:
        """Return which sales were made where no record is expected, as far as is known."""
        expected = [word_number(as_word(channel)) for channel in self.channels]
        elsewhere: Flags = ~np.isin(sales[CHANNEL], expected)
        return elsewhere

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what is on record."""
        too_late = sales[CONSENTED_AFTER] > sales.forgiven + seconds_of(self.consent_within)
        agreed = (sales[CONSENT] > 0.0) & ~too_late
        return choose(nothing(sales), agreed | (sales[HAS_INTERACTION] > 0.0))
