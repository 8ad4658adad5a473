"""Unused account: an account that its customer never touched after it was sold.

Use is a list of kinds of activity: a complaint or the closing of an account is none. Activity by an
agent or a system is not use, nor is what the seller keyed or was done on their device, whoever is
said to have initiated it. Activity of which nobody can tell whether it was use, by its kind or its
initiator, excludes the account: what could not be read is not told as absent.

A customer who cancels the sale within the window has shown that they know of it, which is a matter
for ``quick_cancellation``: the account is excluded here. A cancellation keyed by an agent or a
system shows nothing of the kind and excuses nothing.

A use that is dated a little before the sale (`time.clock_tolerance`) is one: who activates the
account with the customer at the desk would be accused whenever one clock is a minute behind.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import ActivityKind
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.uses import any_within
from detectors.patterns.pattern import Fact, SalePattern


class UnusedAccount(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``unused_account``.

    ``use``: the kinds of activity that are use of an account.
    """

    name: ClassVar[PatternName] = PatternName("unused_account")
    reads: ClassVar[tuple[Fact, ...]] = ("uses", "cancellations")
    alerts_on_account: ClassVar[bool] = True
    bad_by_absence: ClassVar[bool] = True

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

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "cancelled by the customer, who thus knew of them",
            "followed by activity of which nobody can tell whether it was use",
        )

    def verdict(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> Verdict:
        """Judge by activity from `since` to the end of the window."""
        # Nearly all accounts are used: for them there is one call.
        if any_within(account.uses, since, end) or account.used_with_help(sale, since, end):
            return Verdict.GOOD
        window = end - sale.at
        if account.cancelled_by_customer(sale.sale_id, sale.at - window, end):
            return Verdict.EXCLUDED
        if account.perhaps_used(sale, since, end):
            return Verdict.EXCLUDED
        return Verdict.BAD

    def why(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> str:
        """Return what the customer did, or that it was nothing."""
        verdict = self.verdict(account, sale, since, end)
        if verdict is Verdict.GOOD and not (
            account.used_within(sale.at, end) or account.used_with_help(sale, sale.at, end)
        ):
            return (
                "The customer used the account at a time that is dated shortly before the sale, "
                "within time.clock_tolerance: one of the two clocks is taken to be wrong."
            )
        if verdict is Verdict.GOOD:
            return "The customer used the account within the window."
        if verdict is Verdict.EXCLUDED:
            if account.cancelled_by_customer(sale.sale_id, sale.at - (end - sale.at), end):
                return "The customer cancelled the sale, and so knew of the account."
            return "Of some activity nobody can tell whether it was use, so nothing is said."
        return "No use by the customer is among them, and no cancellation by them."
