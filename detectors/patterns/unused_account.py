"""Unused account: an account that its customer never touched after it was sold.

Activity by an agent or a system is not use. A customer who cancels the sale within the window has
shown that he knows of it, which is a matter for ``quick_cancellation``: the account is excluded
here. A cancellation keyed by an agent or a system shows nothing of the kind and excuses nothing.
"""

from typing import ClassVar

from msgspec import Struct

from detectors.basis.durations import Duration, in_words
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.patterns.pattern import SaleEnding


class UnusedAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings and verdict of the pattern ``unused_account``."""

    name: ClassVar[str] = "unused_account"
    version: ClassVar[int] = 1
    alerts_on_account: ClassVar[bool] = True
    early: ClassVar[bool] = False
    unit_phrase: ClassVar[str] = "sales whose window ended"

    enabled: bool = True
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"never used by the customer within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord, end: float) -> Verdict:
        """Judge by customer-initiated activity from the sale to the end of the window."""
        at = sale.at
        if account.used_within(at, end):
            return Verdict.GOOD
        window = end - at
        if account.cancelled_by_customer(sale.sale_id, at - window, end):
            return Verdict.EXCLUDED
        return Verdict.BAD

    def ending(self, account: Account, sale: SaleRecord, end: float) -> SaleEnding | None:
        """Give nothing: what never happened has no moment."""
        del account, sale, end
        return None

    def evidence_events(self, account: Account, sale: SaleRecord, end: float) -> tuple[str, ...]:
        """Give the sale; the rest of the evidence is an absence."""
        del account, end
        return (sale.event_id,)
