"""Unused account: an account that its customer never touched after it was sold.

Activity by an agent or a system is not use. A customer who cancels the sale within the window has
shown that he knows of it, which is a matter for ``quick_cancellation``: the account is excluded
here. A cancellation keyed by an agent or a system shows nothing of the kind and excuses nothing.
"""

from typing import ClassVar

from msgspec import Struct

from detectors.account import Account, SaleRecord, Verdict
from detectors.durations import Duration, in_words, seconds_of


class UnusedAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings and verdict of the pattern ``unused_account``."""

    name: ClassVar[str] = "unused_account"
    version: ClassVar[int] = 1
    alerts_on_account: ClassVar[bool] = True

    enabled: bool = True
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "sales"."""
        return f"never used by the customer within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord) -> Verdict:
        """Judge by customer-initiated activity from the sale to the end of the window."""
        end = sale.at + seconds_of(self.window)
        if account.used_within(sale.at, end):
            return Verdict.GOOD
        cancellation = account.cancellation(sale.sale_id)
        if (
            cancellation is not None
            and cancellation.initiated_by == "customer"
            and cancellation.at <= end
        ):
            return Verdict.EXCLUDED
        return Verdict.BAD

    def evidence_events(self, account: Account, sale: SaleRecord) -> tuple[str, ...]:
        """Give the sale; the rest of the evidence is an absence."""
        del account
        return (sale.event_id,)
