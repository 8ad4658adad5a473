"""Clawback cliff: customers leave as soon as the commission can no longer be taken back.

A sale that was undone before that is a matter for ``quick_cancellation`` and says nothing here: it
is excluded. One that outlived the time of the clawback is bad when it is undone in the few days
after it, and good when it stands at their end. Who sells to people who do not want it, and asks
them to wait, sells like this; so does who signs up a friend until the payday.

It cannot tell an agent from a product: a trial period that ends on the same day as the clawback
gives the same picture for everybody, and then it is the peers' rate, and nobody stands out.

The source is the article on upselling (Aoki), whose clawback is ten days. An agent in New Jersey
took over a million dollars in commissions for hundreds of life policies that were made up, of which
most lapsed within months, when the first premiums had been paid.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
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
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose


class ClawbackCliff(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``clawback_cliff``.

    ``clawback``: how long after a sale its commission is taken back if the customer leaves;
    ``window``: until when leaving is told as of the cliff, counted from the sale as well.
    ``excluded_reasons`` and ``smallest_refund_share`` are as for ``quick_cancellation``.
    """

    name: ClassVar[PatternName] = PatternName("clawback_cliff")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS,)
    unit_phrase: ClassVar[str] = "sales that outlived the time of the clawback"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask five of these customers why they left on that day, and who told them when. "
        "Let somebody ask who did not sell to them.",
        would_clear="A trial, a notice period or a first bill that ends on these days for all "
        "customers of the product.",
        explanations_unchecked=(
            "A price that rises, or a first bill that comes, soon after the clawback.",
            "A campaign of a competitor among the customers of this agent.",
            "A back office that books cancellations days after they came.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The customer left three days after the commission was safe.",
            Verdict.BAD,
            (sold(), cancelled(13)),
        ),
        PatternExample("The customer stayed.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "The customer left at once, which costs the agent the commission.",
            Verdict.EXCLUDED,
            (sold(), cancelled(2)),
            honest="cancelled before the end",
        ),
        PatternExample(
            "The service did not work.",
            Verdict.EXCLUDED,
            (sold(), cancelled(13, reason="service_fault")),
            honest="cancelled for one of these reasons",
        ),
        PatternExample(
            "The customer took something else in its place.",
            Verdict.EXCLUDED,
            (sold(), cancelled(13, reason="replaced")),
            honest="replaced by another sale",
        ),
    )

    enabled: bool = False
    clawback: Duration = "10d"
    window: Duration = "15d"
    excluded_reasons: tuple[CancellationReason, ...] = QuickCancellation().excluded_reasons
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    def __post_init__(self) -> None:
        """Refuse a window that ends before the cliff begins."""
        if seconds_of(self.window) <= seconds_of(self.clawback):
            raise ValueError(
                f"`window` = {self.window!r} must be longer than `clawback` = {self.clawback!r}: "
                "both count from the sale"
            )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"cancelled within {in_words(self.window)}, but after the {in_words(self.clawback)} of "
            "the clawback"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; as the settings want it."""
        checked = ["cancelled before the end of the clawback"]
        if self.excluded_reasons:
            reasons = ", ".join(self.excluded_reasons).replace("_", " ")
            checked.append(f"cancelled for one of these reasons: {reasons}")
        return (*checked, "replaced by another sale that the customer wanted")

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by when each sale was undone, and why."""
        undone = sales[CANCELLATIONS].undone(self.smallest_refund_share, self.excluded_reasons)
        before = undone.at <= sales.at + seconds_of(self.clawback)
        return choose(undone.doubtful | undone.excused | before, undone.stands)

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale and what undid it, as far as nothing excuses that."""
        start = Seconds(sale.at - (end - sale.at))
        share, excluded = self.smallest_refund_share, self.excluded_reasons
        undone = charged(account, sale, start, end, share, excluded, end)
        return (sale.event_id, *(record.event_id for record in undone.by))
