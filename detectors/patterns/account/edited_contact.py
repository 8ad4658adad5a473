"""Edited contact: the seller changed how the customer can be reached, soon after the sale.

A letter, a survey or a call back that never arrives keeps a customer from learning what was sold to
them. Bad is a sale whose seller keyed a change of contact on its account within the window, and no
customer is said to have asked for it. One such sale is a finding about its account; a rate far
above that of peers is one about the agent. In 2013 a bank dismissed staff who had manipulated
surveys so (Los Angeles Times). Where the seller then changed it back, see `contact_put_back`. It
cannot tell whose the new data are. The window is two weeks: in these, letters, surveys and calls
back go out. It weighs as much as any other rate, since sellers correct much that is honest.
"""

from typing import ClassVar, Final

import numpy as np

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import CHANGING, acts_behind
from detectors.facts.asked.acts import Acts
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Reals, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold, used
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

CHANGED: Final = Acts(CHANGING)

_HONEST: Final = (
    "A seller who corrects what was taken down wrongly at the sale.",
    "A seller whose work it is to complete the data of new customers.",
    "A login that keys what customers ask for, and notes itself as who initiated it.",
)
_CLEARS: Final = "The customer's own word that the data are theirs, by a way known before the sale."


class EditedContact(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``edited_contact``.

    ``window``: within how long after a sale a change by its seller counts.
    """

    name: ClassVar[PatternName] = PatternName("edited_contact")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CHANGED,)
    alerts_on_account: ClassVar[bool] = True
    tells_at_once: ClassVar[bool] = True
    tells_unknown: ClassVar[bool] = True
    advice: ClassVar[Advice] = Advice(
        next_step="Write to five of these customers by the address known before the change. Do "
        "they know of the sale, and of the change?",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Write to the customer by the address known before the change. Do they know of "
        "the sale, and of the change?",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The seller changed it two days later.",
            Verdict.BAD,
            (sold(), used(2, kind="contact_change", initiated_by="agent", agent_id="agent-1")),
        ),
        PatternExample("Nobody changed it.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "The back office changed it.",
            Verdict.GOOD,
            (sold(), used(2, kind="contact_change", initiated_by="agent", agent_id="agent-2")),
        ),
        PatternExample(
            "An agent did, nobody knows which.",
            Verdict.EXCLUDED,
            (sold(), used(2, kind="contact_change", initiated_by="agent")),
            honest="followed by a change of an agent",
        ),
        PatternExample(
            "The customer had moved, and told the seller.",
            Verdict.EXCLUDED,
            (sold(), used(2, kind="contact_change", agent_id="agent-1")),
            honest="followed by a change that the customer",
        ),
    )

    enabled: bool = False
    window: Duration = "14d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"followed within {in_words(self.window)} by a change of contact that the seller keyed"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "followed by a change that the customer asked the seller for",
            "followed by a change of an agent of whom nobody knows who they are",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what the seller keyed."""
        own_at, wished = sales[CHANGED].by_seller()
        own = np.isfinite(own_at)
        return choose((wished | self.unknown(sales)) & ~own, ~own)

    def certain_at(self, sales: Sales) -> Reals:
        """Return when the seller first changed it unasked."""
        return sales[CHANGED].by_seller()[0]

    def unknown(self, sales: Sales) -> Flags:
        """Return where an agent changed it, and nobody knows which."""
        return sales[CHANGED].by_nobody()

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and the changes that its seller keyed."""
        own = tuple(act for act in account.acts if act.agent_id == sale.agent_id)
        acts = acts_behind(own, CHANGED.kinds, sale.at, end)
        return (sale.event_id, *dict.fromkeys(act.event_id for act in acts))
