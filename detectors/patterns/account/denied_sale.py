"""Denied sale: the customer says that they never ordered it.

Bad is a sale that is cancelled within the window because it was never ordered, or whose customer
says so in a complaint, a survey or a verification of that time (the words of ``result`` that say so
stand in docs/events.md). One such sale is a finding about its account, told at once; a rate far
above that of peers is one about the agent. It is the strongest word that a customer can give, so it
weighs double. Still it is their word: some say so to be rid of what they regret. In the first half
of 2024 there were 208,252 complaints of unauthorised switches and enrolments in one market (CMS).
The window is a month, since most denials come with the first bill.
"""

from typing import ClassVar, Final

import numpy as np

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import DENYING, acts_behind
from detectors.facts.asked.acts import Acts
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Reals, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold, used
from detectors.patterns.pattern import SalePattern, Weight
from detectors.patterns.verdicts import Verdicts, choose

DENIED: Final = Acts(DENYING)

_NEVER: Final[tuple[CancellationReason, ...]] = ("never_ordered",)

_HONEST: Final = (
    "Somebody else in the household ordered it.",
    "A customer who regrets it, and was told that this word ends a contract.",
    "A desk that books every unclear return under this reason.",
)
_CLEARS: Final = "A record on which the customer orders, in their own words."


class DeniedSale(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``denied_sale``.

    ``window``: within how long after a sale a denial counts; most come with the first bill.
    """

    name: ClassVar[PatternName] = PatternName("denied_sale")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS, DENIED)
    version: ClassVar[int] = 2
    alerts_on_account: ClassVar[bool] = True
    tells_at_once: ClassVar[bool] = True
    advice: ClassVar[Advice] = Advice(
        next_step="Let somebody who did not sell to them call five of these customers back: what "
        "did they order, from whom, and how? Listen to the calls, where there are any.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Let somebody who did not sell to them call the customer back: what did they "
        "order, from whom, and how?",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The customer cancelled what they never ordered.",
            Verdict.BAD,
            (sold(), cancelled(9, reason="never_ordered")),
        ),
        PatternExample(
            "The customer complained that they never ordered it.",
            Verdict.BAD,
            (sold(), used(12, kind="complaint", result="never ordered")),
        ),
        PatternExample(
            "They complained of something else.",
            Verdict.GOOD,
            (sold(), used(12, kind="complaint", result="slow line")),
        ),
        PatternExample("Nobody said so.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "They complained before anybody else sold on that account.",
            Verdict.BAD,
            (
                sold(),
                used(4, kind="complaint", result="never_ordered"),
                sold(9, sale_id="sale-2", agent_id="agent-2"),
                used(12, kind="survey", result="never_ordered"),
            ),
        ),
        PatternExample(
            "Two agents sold on that account: nobody can tell which sale is meant.",
            Verdict.EXCLUDED,
            (
                sold(),
                sold(3, sale_id="sale-2", agent_id="agent-2"),
                used(12, kind="complaint", result="never_ordered"),
            ),
            honest="followed by a sale of another agent",
        ),
    )

    enabled: bool = False
    weight: Weight = 2.0
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"said within {in_words(self.window)} by the customer never to have been ordered"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return ("followed by a sale of another agent, which the denial may be about",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what was said of each sale."""
        is_bad = np.isfinite(self.certain_at(sales))
        return choose(sales[DENIED].any() & ~is_bad, ~is_bad)

    def certain_at(self, sales: Sales) -> Reals:
        """Return when each was denied, and no other sale can be meant."""
        cancelled_so = sales[CANCELLATIONS].said_at(_NEVER)
        return np.minimum(cancelled_so, sales[DENIED].settled_at())

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and what denies it."""
        start = Seconds(sale.at - (end - sale.at))
        known = account.cancellations_of(sale.sale_id, start, end)
        said = [one.event_id for one in known if one.reason in _NEVER]
        acts = acts_behind(account.acts, DENIED.kinds, sale.at, end)
        return (sale.event_id, *dict.fromkeys([*said, *(act.event_id for act in acts)]))
