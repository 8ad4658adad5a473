"""Quick cancellation: sales that are undone soon after they were made.

A sale is bad when its first cancellation lies within the window, unless the reason is one that is
not the agent's doing; then the sale says nothing about him and is excluded. Clocks of two source
systems may disagree: a cancellation that is dated before its sale, by no more than the window,
counts as one made at once.
"""

from typing import ClassVar

from msgspec import Struct

from detectors.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.durations import Duration, in_words
from detectors.events import CancellationReason


class QuickCancellation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings and verdict of the pattern ``quick_cancellation``."""

    name: ClassVar[str] = "quick_cancellation"
    version: ClassVar[int] = 1
    alerts_on_account: ClassVar[bool] = False

    enabled: bool = True
    window: Duration = "10d"
    excluded_reasons: tuple[CancellationReason, ...] = (
        "service_fault",
        "non_payment",
        "deceased",
        "duplicate",
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "sales"."""
        return f"cancelled within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord, end: float) -> Verdict:
        """Judge by the first cancellation of the sale."""
        if not account.cancellations:
            return Verdict.GOOD
        cancellation = _cancellation(account, sale, end)
        if cancellation is None or cancellation.at > end:
            return Verdict.GOOD
        if cancellation.reason in self.excluded_reasons:
            return Verdict.EXCLUDED
        return Verdict.BAD

    def evidence_events(self, account: Account, sale: SaleRecord, end: float) -> tuple[str, ...]:
        """Give the sale and its cancellation."""
        cancellation = _cancellation(account, sale, end)
        return (sale.event_id,) if cancellation is None else (sale.event_id, cancellation.event_id)


def _cancellation(account: Account, sale: SaleRecord, end: float) -> CancellationRecord | None:
    window = end - sale.at
    return account.cancellation(sale.sale_id, sale.at - window)
