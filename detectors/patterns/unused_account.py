"""Unused account: an account that its customer never touched after it was sold.

Use is a list of kinds of activity: a complaint or the closing of an account is none. Activity by an
agent or a system is not use, nor is what the seller keyed or was done on their device, whoever is
said to have initiated it. Activity of which nobody can tell whether it was use, by its kind or its
initiator, excludes the account: what could not be read is not told as absent.

A customer who cancels the sale within the window has shown that they know of it, which is a matter
for ``quick_cancellation``: the account is excluded here. A cancellation keyed by an agent or a
system shows nothing of the kind and excuses nothing.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import ActivityKind
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.patterns.pattern import Fact, SalePattern


class UnusedAccount(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``unused_account``.

    ``use``: the kinds of activity that are use of an account.
    """

    name: ClassVar[PatternName] = PatternName("unused_account")
    reads: ClassVar[tuple[Fact, ...]] = ("uses", "cancellations")
    alerts_on_account: ClassVar[bool] = True

    window: Duration = "30d"
    use: Annotated[tuple[ActivityKind, ...], Meta(min_length=1)] = (
        "login",
        "usage",
        "payment",
        "deposit",
        "withdrawal",
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"never used by the customer within {in_words(self.window)}"

    def verdict(self, account: Account, sale: SaleRecord, end: Seconds) -> Verdict:
        """Judge by customer-initiated activity from the sale to the end of the window."""
        at = sale.at
        if account.used_within(at, end) or account.used_with_help(sale, at, end):
            return Verdict.GOOD
        window = end - at
        if account.cancelled_by_customer(sale.sale_id, at - window, end):
            return Verdict.EXCLUDED
        if account.perhaps_used(sale, at, end):
            return Verdict.EXCLUDED
        return Verdict.BAD

    def why(self, account: Account, sale: SaleRecord, end: Seconds) -> str:
        """Return what the customer did, or that it was nothing."""
        verdict = self.verdict(account, sale, end)
        if verdict is Verdict.GOOD:
            return "The customer used the account within the window."
        if verdict is Verdict.EXCLUDED:
            if account.cancelled_by_customer(sale.sale_id, sale.at - (end - sale.at), end):
                return "The customer cancelled the sale, and so knew of the account."
            return "Of some activity nobody can tell whether it was use, so nothing is said."
        return "No use by the customer is among them, and no cancellation by them."
