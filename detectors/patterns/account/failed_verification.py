"""Failed verification: somebody else asked the customer, who did not confirm the sale.

Judged are sales that somebody verified within the window: a call back, a visit, a letter with an
answer. Bad is one that was not confirmed, good one that was; a sale that nobody verified says
nothing. What the seller keyed is none. Whom one asks decides what one finds: who asks only where
they suspect something will find more there. So let Aboveboard choose the sales (docs/settings.md,
verification): then each answer weighs by the chance that its sale had of being chosen, and a sale
that was asked for because of its seller's other sales says no more than one that was drawn. What
was verified on nobody's request counts as it is. It cannot tell a team mate of the seller from
somebody who is independent, nor a customer who was not reached from one who was never asked.

The source is the article on upselling (Aoki), which lets another agent verify. Three weeks are
looked at: whoever can be reached has been by then.
"""

from typing import ClassVar, Final

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import VERIFYING, acts_behind
from detectors.facts.asked.acts import Acts, is_independent
from detectors.facts.questions import AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold, used
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

VERIFIED: Final = Acts(VERIFYING)

_HONEST: Final = (
    "Somebody else in the household answered the call.",
    "A customer who confirms nothing on the telephone, to nobody.",
    "A verifier who chose these sales because of a suspicion: more will fail among them.",
)
_CLEARS: Final = "The customer's own confirmation, given to somebody who did not sell to them."


class FailedVerification(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``failed_verification``.

    ``window``: within how long after a sale its verification counts.
    """

    name: ClassVar[PatternName] = PatternName("failed_verification")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (VERIFIED,)
    tells_unknown: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "sales that somebody else verified"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask who chose the sales that were verified, and how. Then let somebody who "
        "neither sold to them nor works with the seller ask five of these customers once more.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The back office called, and the customer did not confirm it.",
            Verdict.BAD,
            (sold(), used(5, kind="verification", initiated_by="agent", result="not confirmed")),
        ),
        PatternExample(
            "The customer said that they never ordered it.",
            Verdict.BAD,
            (sold(), used(5, kind="verification", initiated_by="agent", result="never ordered")),
        ),
        PatternExample(
            "They confirmed it.",
            Verdict.GOOD,
            (sold(), used(5, kind="verification", initiated_by="agent", result="confirmed")),
        ),
        PatternExample(
            "Only the seller says so.",
            Verdict.EXCLUDED,
            (
                sold(),
                used(
                    5,
                    kind="verification",
                    initiated_by="agent",
                    agent_id="agent-1",
                    result="confirmed",
                ),
            ),
        ),
        PatternExample(
            "Nobody was reached.",
            Verdict.EXCLUDED,
            (sold(), used(5, kind="verification", initiated_by="agent", result="not reached")),
        ),
        PatternExample(
            "Two agents sold on that account: nobody can tell which sale is meant.",
            Verdict.EXCLUDED,
            (
                sold(),
                sold(3, sale_id="sale-2", agent_id="agent-2"),
                used(5, kind="verification", initiated_by="agent", result="not confirmed"),
            ),
            honest="followed by a sale",
        ),
    )

    enabled: bool = False
    window: Duration = "21d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"not confirmed within {in_words(self.window)} by the customer"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return ("followed by a sale of another agent, which the answer may be about",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what somebody other than the seller was told."""
        _, failed = sales[VERIFIED].verified()
        return choose(self.unknown(sales) | sales[VERIFIED].of_others(), ~failed)

    def unknown(self, sales: Sales) -> Flags:
        """Return which sales nobody else verified."""
        done, _ = sales[VERIFIED].verified()
        return ~done

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and what others were told of it."""
        others = tuple(act for act in account.acts if is_independent(act, sale))
        acts = acts_behind(others, VERIFIED.kinds, sale.at, end)
        return (sale.event_id, *dict.fromkeys(act.event_id for act in acts))
