"""Quick cancellation: sales that are undone soon after they were made.

A sale is bad when it was undone within the window, unless the reason is one that is not the agent's
doing, or the customer wanted another sale in its place; then the sale says nothing about them and
is excluded. It is undone by its first cancellation, or when refunds of parts of its amount add up
to the smallest share. A cancellation that is dated before its sale, by no more than the window,
counts as one made at once: it names the sale, so that no clock has to say that they belong
together. (A longer time would join a sale with one of the same id that is long forgotten.)
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.patterns.pattern import Fact, SaleEnding, SalePattern
from detectors.patterns.undoing import Undoing, is_replaced, undoing


class QuickCancellation(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``quick_cancellation``.

    ``early``: whether a cancellation is also judged, with less weight, on the day it comes.
    ``smallest_refund_share``: refunds of a smaller share of the amount undo no sale.
    """

    name: ClassVar[PatternName] = PatternName("quick_cancellation")
    reads: ClassVar[tuple[Fact, ...]] = ("cancellations",)

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

    def verdict(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> Verdict:
        """Judge by what undid the sale."""
        del since
        if not account.cancellations:
            return Verdict.GOOD
        undone = self._undoing(account, sale, end)
        if not undone.by:
            return Verdict.EXCLUDED if undone.is_doubtful else Verdict.GOOD
        return Verdict.BAD if self._is_bad(account, sale, undone.by[-1], end) else Verdict.EXCLUDED

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
