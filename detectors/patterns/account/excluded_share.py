"""Excluded share: many sales of one agent are cancelled for reasons that count against nobody.

Such a reason keeps a sale out of ``quick_cancellation``: the customer died, the line never worked.
An agent cannot give one for their own sale, but a colleague or a system that keys it for them can.
So the reasons are counted. A sale is bad when it was undone within the window, and would count
against its seller if no reason excused. It is good when it stands, and when what undid it counts
against the seller anyway: that is a matter for ``quick_cancellation``.

It is a share of all sales, not of the cancelled ones. Reasons that are true come as often to
everybody; of the few cancellations of a good agent they would be nearly all.

It cannot tell whether a reason is true. It is told at *warning* at most, never *critical*: it says
where to look at reasons, and accuses nobody.

The source is a measure of persistency that leaves failed first payments out: there quick
cancellations vanish. The window is that of `quick_cancellation`.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.asked.undoing import charged
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold
from detectors.patterns.judged import Severity
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose


class ExcludedShare(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``excluded_share``.

    ``excluded_reasons`` are those that are counted: give what `quick_cancellation` has.
    ``smallest_refund_share`` is as for `quick_cancellation`.
    """

    name: ClassVar[PatternName] = PatternName("excluded_share")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS,)
    severest: ClassVar[Severity] = "warning"
    advice: ClassVar[Advice] = Advice(
        next_step="Find out who keyed the reason of five of these cancellations, and what shows "
        "that it is true. Let somebody ask the customers who did not sell to them.",
        would_clear="A cause on record for most of them: a fault of the service, a clean-up of "
        "duplicates, proof of deaths.",
        explanations_unchecked=(
            "A fault of the service at their site, or of a product that they sell most of.",
            "A book of old customers, of whom more die, or of customers who can pay less.",
            "A system that stored their sales twice, and a back office that removed the second.",
            "A back office that keys one reason for everything, for this agent's queue alone.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "A colleague wrote down that the line never worked.",
            Verdict.BAD,
            (sold(), cancelled(3, reason="service_fault", agent_id="agent-2")),
        ),
        PatternExample("The customer stayed.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "The customer sent it back, which counts elsewhere.",
            Verdict.GOOD,
            (sold(), cancelled(3, reason="returned")),
        ),
        PatternExample(
            "The seller's own word excuses nothing.",
            Verdict.GOOD,
            (sold(), cancelled(3, reason="duplicate", agent_id="agent-1")),
        ),
        PatternExample(
            "The customer took another product.",
            Verdict.EXCLUDED,
            (sold(), cancelled(3, reason="replaced")),
            honest="replaced by another sale",
        ),
    )

    enabled: bool = False
    window: Duration = "10d"
    excluded_reasons: Annotated[tuple[CancellationReason, ...], Meta(min_length=1)] = (
        QuickCancellation().excluded_reasons
    )
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        reasons = ", ".join(self.excluded_reasons).replace("_", " ")
        return (
            f"cancelled within {in_words(self.window)} for a reason that counts against nobody "
            f"({reasons})"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return ("replaced by another sale that the customer wanted",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by whether a reason alone keeps what undid a sale from counting."""
        known = sales[CANCELLATIONS]
        by_reasons = known.undone(self.smallest_refund_share, self.excluded_reasons).excused
        without = known.undone(self.smallest_refund_share, ())
        return choose(without.doubtful | without.excused, ~by_reasons)

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and the cancellations that a reason excused."""
        start = Seconds(sale.at - (end - sale.at))
        undone = charged(account, sale, start, end, self.smallest_refund_share, (), end)
        return (sale.event_id, *(record.event_id for record in undone.by))
