"""Quick cancellation: sales that are undone soon after they were made.

A sale is bad when its first cancellation lies within the window, unless the reason is one that is
not the agent's doing; then the sale says nothing about them and is excluded. A cancellation that is
dated before its sale, by no more than the window, counts as one made at once: it names the sale, so
that no clock has to say that they belong together. (A longer time would join a sale with one of the
same id that is long forgotten.)
"""

from typing import ClassVar

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.patterns.pattern import Fact, SaleEnding, SalePattern


class QuickCancellation(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``quick_cancellation``.

    ``early``: whether a cancellation is also judged, with less weight, on the day it comes.
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

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"cancelled within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> Verdict:
        """Judge by the first cancellation of the sale."""
        del since
        if not account.cancellations:
            return Verdict.GOOD
        cancellation = _cancellation(account, sale, end)
        if cancellation is None or cancellation.at > end:
            return Verdict.GOOD
        if cancellation.reason in self.excluded_reasons:
            return Verdict.EXCLUDED
        return Verdict.BAD

    def ending(self, account: Account, sale: SaleRecord, end: Seconds) -> SaleEnding | None:
        """Return the time of the first cancellation; an excluded one ends a sale but is not bad."""
        cancellation = _cancellation(account, sale, end)
        if cancellation is None or cancellation.at > end:
            return None
        is_bad = cancellation.reason not in self.excluded_reasons
        return SaleEnding(max(cancellation.at, sale.at), is_bad)

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale and its cancellation."""
        cancellation = _cancellation(account, sale, end)
        return (sale.event_id,) if cancellation is None else (sale.event_id, cancellation.event_id)


def _cancellation(account: Account, sale: SaleRecord, end: Seconds) -> CancellationRecord | None:
    window = end - sale.at
    return account.cancellation(sale.sale_id, sale.at - window)
