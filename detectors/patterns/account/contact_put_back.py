"""Contact put back: the seller changed how the customer can be reached, and changed it back.

The hard form of `edited_contact`: while a survey, a letter or a call went to another address, and
no longer. Who corrects a mistake does not undo it. Bad is a sale whose seller keyed a change of
contact on its account, and its opposite after it, both within the window and neither at the
customer's wish. One such sale is a finding about its account, told at once; a rate far above that
of peers is one about the agent, and weighs double. It needs what the contact was and became: hashes
that are only compared. The source is that of `edited_contact`; no figure on data that were put back
has been published. A month is looked at, since surveys and first bills come within it.
"""

from typing import ClassVar, Final

import numpy as np

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AccountActivity
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import acts_behind
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Reals, Sales
from detectors.patterns.account.edited_contact import CHANGED
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold, used
from detectors.patterns.pattern import SalePattern, Weight
from detectors.patterns.verdicts import Verdicts, choose

_HONEST: Final = (
    "A customer who moved for a while, where the login notes itself as who initiated it.",
    "A change that was keyed for the wrong account, and undone.",
    "A migration or a clean-up of data under the login of this agent.",
)
_CLEARS: Final = "The customer's own word that they asked for both changes."


def _changed(days: float, before: str | None, now: str | None, **who: str) -> AccountActivity:
    fields = {"initiated_by": "agent", "agent_id": "agent-1"} | who
    return used(days, kind="contact_change", former_contact_hash=before, contact_hash=now, **fields)


class ContactPutBack(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``contact_put_back``.

    ``window``: within how long after a sale both changes count.
    """

    name: ClassVar[PatternName] = PatternName("contact_put_back")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CHANGED,)
    alerts_on_account: ClassVar[bool] = True
    tells_at_once: ClassVar[bool] = True
    tells_unknown: ClassVar[bool] = True
    advice: ClassVar[Advice] = Advice(
        next_step="See what went to five of these customers between the two changes. Let somebody "
        "who did not sell to them ask whether it reached them.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="See what went to the customer between the two changes. Let somebody who did not "
        "sell to them ask whether it reached them.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The seller changed it, and a week later changed it back.",
            Verdict.BAD,
            (sold(), _changed(2, "theirs", "other"), _changed(9, "other", "theirs")),
        ),
        PatternExample(
            "The seller changed it, and left it so.",
            Verdict.GOOD,
            (sold(), _changed(2, "theirs", "other")),
        ),
        PatternExample(
            "The seller corrected it twice.",
            Verdict.GOOD,
            (sold(), _changed(2, "theirs", "wrong"), _changed(3, "wrong", "right")),
            honest="followed by corrections",
        ),
        PatternExample(
            "The customer noticed, and had it put back.",
            Verdict.GOOD,
            (
                sold(),
                _changed(2, "theirs", "other"),
                _changed(9, "other", "theirs", initiated_by="customer"),
            ),
            honest="followed by a change that was put back",
        ),
        PatternExample(
            "The back office put it back.",
            Verdict.GOOD,
            (
                sold(),
                _changed(2, "theirs", "other"),
                _changed(9, "other", "theirs", agent_id="agent-2"),
            ),
            honest="followed by a change that was put back",
        ),
        PatternExample(
            "The seller changed it twice, and nobody knows to what.",
            Verdict.EXCLUDED,
            (sold(), _changed(2, None, None), _changed(9, None, None)),
            honest="followed by changes of which",
        ),
    )

    enabled: bool = False
    weight: Weight = 2.0
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"followed within {in_words(self.window)} by a change of contact that the seller keyed "
            "and then undid"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "followed by a change that was put back at the customer's wish, or by somebody else",
            "followed by corrections that undo none",
            "followed by changes of which nobody knows what they were",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what the seller keyed, and undid."""
        is_bad = np.isfinite(self.certain_at(sales))
        return choose(self.unknown(sales) & ~is_bad, ~is_bad)

    def certain_at(self, sales: Sales) -> Reals:
        """Return when the seller first undid a change of theirs."""
        return sales[CHANGED].put_back_at()[0]

    def unknown(self, sales: Sales) -> Flags:
        """Return where the seller changed it more than once, and nobody knows to what."""
        return sales[CHANGED].put_back_at()[1]

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and the changes that its seller keyed."""
        own = tuple(act for act in account.acts if act.agent_id == sale.agent_id)
        acts = acts_behind(own, CHANGED.kinds, sale.at, end)
        return (sale.event_id, *dict.fromkeys(act.event_id for act in acts))
