"""Quick cancellation: sales that are undone soon after they were made.

A sale is bad when it was undone within the window, unless the reason is one that is not the agent's
doing, or the customer wanted another sale in its place; then the sale says nothing about them and
is excluded. It is undone by its first cancellation, or when refunds of parts of its amount add up
to the smallest share. A cancellation that is dated before its sale, by no more than the window,
counts as one made at once: it names the sale, so that no clock has to say that they belong
together. (A longer time would join a sale with one of the same id that is long forgotten.)
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales
from detectors.facts.undoing import Undoing, is_replaced, undoing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold
from detectors.patterns.pattern import SaleEnding, SalePattern
from detectors.patterns.verdicts import Verdicts, choose

_ADVICE: Final = Advice(
    next_step="Listen to the calls, or ask the customers, of five of the cancelled sales. Did each "
    "of them want what was sold, and know what it costs?",
    would_clear="An explanation that holds for most of the cancelled sales, and that is on record "
    "from before this alert (a roster, a campaign, a list of logins).",
    explanations_unchecked=(
        "A returns or retention desk: they book under their login what others sold.",
        "A product, price or campaign that only this agent sold, and that customers regret.",
        "Other work than peers have: another queue, region, language or kind of customer.",
        "A shared login, or a login that somebody else used.",
    ),
)


class QuickCancellation(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``quick_cancellation``.

    ``early``: whether a cancellation is also judged, with less weight, on the day it comes.
    ``smallest_refund_share``: refunds of a smaller share of the amount undo no sale.
    """

    name: ClassVar[PatternName] = PatternName("quick_cancellation")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS,)

    advice: ClassVar[Advice] = _ADVICE
    early_advice: ClassVar[Advice] = _ADVICE._replace(
        explanations_unchecked=(
            *_ADVICE.explanations_unchecked,
            "A new sale in the place of the cancelled one that was made only later.",
        )
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The customer sent it back on the third day.",
            Verdict.BAD,
            (sold(), cancelled(3, reason="returned")),
        ),
        PatternExample("The customer kept it.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "The customer left after the window.", Verdict.GOOD, (sold(), cancelled(11))
        ),
        PatternExample(
            "The line never worked, so nobody blames the agent.",
            Verdict.EXCLUDED,
            (sold(), cancelled(3, reason="service_fault")),
        ),
        PatternExample(
            "The customer got a fifth of the price back, and kept it.",
            Verdict.GOOD,
            (sold(), cancelled(3, refund=24.0)),
        ),
    )

    window: Duration = "10d"
    early: bool = True
    excluded_reasons: tuple[CancellationReason, ...] = (
        "service_fault",
        "non_payment",
        "deceased",
        "duplicate",
    )
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"cancelled within {in_words(self.window)}"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; as the settings want it."""
        checked = ["replaced by another sale that the customer wanted"]
        if self.excluded_reasons:
            reasons = ", ".join(self.excluded_reasons).replace("_", " ")
            checked.insert(0, f"cancelled for one of these reasons: {reasons}")
        if self.smallest_refund_share:
            checked.append("refunded for a small part of the amount only")
        return tuple(checked)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what undid each sale."""
        undone = sales[CANCELLATIONS].undone(self.smallest_refund_share)
        excused = undone.replaced | undone.for_one_of(self.excluded_reasons)
        return choose(undone.doubtful | excused, undone.stands)

    def ending(self, account: Account, sale: SaleRecord, end: Seconds) -> SaleEnding | None:
        """Return when the sale was undone; an excluded one ends a sale but is not bad."""
        undone = self._undoing(account, sale, end)
        if not undone.by:
            return None
        last = undone.by[-1]
        at = max(last.at, sale.at)
        # Not by a sale that replaces it later: when the day is told that may or may not be known.
        return SaleEnding(at, self._is_bad(account, sale, last, at))

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale and what undid it."""
        undone = self._undoing(account, sale, end)
        return (sale.event_id, *(record.event_id for record in undone.by))

    def _undoing(self, account: Account, sale: SaleRecord, end: Seconds) -> Undoing:
        window = end - sale.at
        return undoing(account, sale, sale.at - window, end, self.smallest_refund_share)

    def _is_bad(
        self, account: Account, sale: SaleRecord, last: CancellationRecord, known: Seconds
    ) -> bool:
        """Return whether what undid a sale speaks against its seller, by sales until `known`."""
        return last.reason not in self.excluded_reasons and not is_replaced(
            account, sale, last, known
        )
