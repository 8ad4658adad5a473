"""Quick cancellation: sales that are undone soon after they were made.

A sale is bad when it was undone within the window, unless the reason is one that is not the agent's
doing, or the customer wanted another sale in its place; then the sale says nothing about them and
is excluded. A reason excuses only the cancellation that names it, and none that the seller keyed:
a second record of another reason is not undone by the first, nor the first by the second. A sale is
undone by a cancellation of all of it, or when refunds of parts of its amount add up to the smallest
share. A cancellation that is dated before its sale, by no more than the window,
counts as one made at once: it names the sale, so that no clock has to say that they belong
together. (A longer time would join a sale with one of the same id that is long forgotten.)

Ten days are the clawback of which the article on upselling tells (Aoki): who is pushed has left by
then. Free looks of insurers last thirty and would see more, later, and more who only regret. Of the
policies that branches of a bank sold for an insurer, about 70 % lapsed, as is alleged (Broderick v.
Prudential, 2016). It weighs as much as any other rate. It cannot tell why customers left: a
product, a price or a campaign that only one agent sold looks the same.
"""

from math import inf, nextafter
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds, day_of, end_of_day
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.asked.undoing import Undoing, charged, undoing
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Sales
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
    commends: ClassVar[bool] = True

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
            honest="cancelled for one of these reasons",
        ),
        PatternExample(
            "The seller wrote it down so, and cannot clear themselves.",
            Verdict.BAD,
            (sold(), cancelled(3, reason="service_fault", agent_id="agent-1")),
        ),
        PatternExample(
            "A second record calls it a duplicate, but the customer sent it back.",
            Verdict.BAD,
            (sold(), cancelled(2, reason="duplicate", initiated_by="system"), cancelled(3)),
        ),
        PatternExample(
            "The customer got a fifth of the price back, and kept it.",
            Verdict.GOOD,
            (sold(), cancelled(3, refund=24.0)),
            honest="refunded for a small part",
        ),
        PatternExample(
            "The customer took something else in its place.",
            Verdict.EXCLUDED,
            (sold(), cancelled(3, reason="replaced")),
            honest="replaced by another sale",
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
        undone = sales[CANCELLATIONS].undone(self.smallest_refund_share, self.excluded_reasons)
        return choose(undone.doubtful | undone.excused, undone.stands)

    def ending(self, account: Account, sale: SaleRecord, end: Seconds) -> SaleEnding | None:
        """Return when the sale was undone; an excused one ends a sale but is not bad."""
        start = _start(sale, end)
        undone = undoing(account, sale, start, end, self.smallest_refund_share)
        if not undone.by:
            return None
        at = max(undone.by[-1].at, sale.at)
        # Not by a sale that replaces it later: when the day is told that may or may not be known.
        # But by all that was cancelled on that day, for of a day everything is known.
        known = min(end, Seconds(nextafter(end_of_day(day_of(at)), -inf)))
        return SaleEnding(at, bool(self._charged(account, sale, start, known, at).by))

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale and what undid it, as far as nothing excuses that."""
        undone = self._charged(account, sale, _start(sale, end), end, end)
        return (sale.event_id, *(record.event_id for record in undone.by))

    def _charged(
        self,
        account: Account,
        sale: SaleRecord,
        start: Seconds,
        end: Seconds,
        replaced_until: Seconds,
    ) -> Undoing:
        share, excluded = self.smallest_refund_share, self.excluded_reasons
        return charged(account, sale, start, end, share, excluded, replaced_until)


def _start(sale: SaleRecord, end: Seconds) -> Seconds:
    """Return how long before a sale its cancellation may be dated: by its window."""
    return Seconds(sale.at - (end - sale.at))
