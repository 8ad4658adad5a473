"""Which facts met each other in the ledger, counted when they are forgotten.

Ids that two sources spell differently make a join that silently joins nothing. So of every sale,
cancellation and account in use it is counted whether it ever met what it belongs to. It counts when
it is forgotten, for only then nothing can meet it any more, and no fact is forgotten twice.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord
from detectors.facts.asked.undoing import is_keyed_by_seller
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.forgetting import forget
from detectors.facts.named import dropped, named
from detectors.facts.uses import any_within


class Coverage(Struct):
    """Of how many sales whose window ended a pattern knew everything that it asks.

    ``unknown`` counts those among `sales` of which a number was missing: they are excluded.
    """

    sales: int = 0
    unknown: int = 0


class MatchCounts(Struct):
    """What has been forgotten, since the beginning.

    Attributes
    ----------
    sales, used, cancelled
        Sales; those whose account was used in their window, and those that met a cancellation.
    lone_sales
        Sales that met neither.
    lone_cancellations
        Cancellations that met no sale, be it that they came after the longest window.
    lone_accounts
        Accounts known by activity alone, from the first one until they were forgotten.
    coverage
        Of the patterns that ask for numbers of a sale, by name: what they could judge.
    cancelled_by_seller
        Sales of which the agent who had made them keyed a cancellation. Like those contested, they
        count when that becomes known.
    contested
        By field: sales of which claims contradict each other in it, or cancellations in their
        ``reason``.
    corrected
        By field: sales of which claims of several versions differ in it.
    unheeded
        Claims with a version that contradict or repeat another one, where no version is believed.
    oversized
        Accounts of more sales, or more cancellations, than ``limits.most_sales_on_account``.
    merged
        Accounts that became part of another one, whether or not settings believe that.
    merged_agents
        Ids of agents of which the same is said.
    """

    sales: int = 0
    used: int = 0
    cancelled: int = 0
    lone_sales: int = 0
    lone_cancellations: int = 0
    lone_accounts: int = 0
    coverage: dict[PatternName, Coverage] = field(default_factory=dict)
    cancelled_by_seller: int = 0
    contested: dict[str, int] = field(default_factory=dict)
    corrected: dict[str, int] = field(default_factory=dict)
    unheeded: int = 0
    oversized: int = 0
    merged: int = 0
    merged_agents: int = 0

    @property
    def contradictions(self) -> int:
        """How many fields of sales are contested."""
        return sum(self.contested.values())

    def by_kind(self) -> tuple[tuple[str, int, int], ...]:
        """Return each kind of fact, how many met what they belong to, and how many did not."""
        return (
            ("sales", self.sales - self.lone_sales, self.lone_sales),
            ("cancellations", self.cancelled, self.lone_cancellations),
            ("activities", self.used, self.lone_accounts),
        )


class Matches:
    """Counts what a ledger forgets.

    Parameters
    ----------
    longest, doubted
        Seconds after a sale, and before it, in which a use belongs to it; a cancellation belongs to
        the sale that it names within `longest` of it.
    corrections_for
        Seconds for which an event may be late and is still accepted.
    knows_both
        Whether the ledger keeps uses and cancellations: of what is not kept nothing is said.
    """

    def __init__(
        self,
        longest: float,
        doubted: float,
        corrections_for: float,
        *,
        knows_both: bool,
    ) -> None:
        self._longest: Final = longest
        self._doubted: Final = doubted
        self._corrections_for: Final = corrections_for
        self.knows_both: Final = knows_both
        self.counts = MatchCounts()

    def judged(self, pattern: PatternName, sales: int, unknown: int) -> None:
        """Count sales whose window ended, and those of which the pattern knew too little."""
        known = self.counts.coverage.setdefault(pattern, Coverage())
        known.sales += sales
        known.unknown += unknown

    def cancelled(self, account: Account, record: CancellationRecord) -> None:
        """Count what a new cancellation on an account, which has it already, says of its sale."""
        same = named(account.cancellations, record.sale_id)
        reasons = [one.reason for one in same]
        if len(set(reasons)) == 2 and reasons.count(record.reason) == 1:  # noqa: PLR2004 - a second
            self.counts.contested["reason"] = self.counts.contested.get("reason", 0) + 1
        for sale in named(account.sales, record.sale_id):
            if is_keyed_by_seller(sale, record):
                others = [one for one in same if is_keyed_by_seller(sale, one)]
                self.counts.cancelled_by_seller += len(others) == 1

    def sold(self, account: Account, sale: SaleRecord) -> None:
        """Count a new sale on an account of which its seller keyed a cancellation already."""
        self.counts.cancelled_by_seller += any(
            is_keyed_by_seller(sale, one) for one in named(account.cancellations, sale.sale_id)
        )

    def forget_part(self, account: Account, accepted_since: Seconds) -> bool:
        """Let an account forget what no event from `accepted_since` on can need, and count that.

        Return whether it was more than uses.
        """
        sales, cancellations, uses = account.sales, account.cancellations, account.uses
        other_uses = account.other_uses
        forget(account, accepted_since, self._longest, self._doubted)
        if (uses or other_uses) and not (account.uses or account.other_uses):
            # What else is known of the account may be needed for longer, or go at the same time.
            self._count_lone(account)
        if account.sales is sales and account.cancellations is cancellations:
            return False
        self._count(
            Account(sales, cancellations, uses, other_uses, is_apart=account.is_apart),
            dropped(sales, account.sales),
            dropped(cancellations, account.cancellations),
        )
        return True

    def forget_account(self, account: Account) -> None:
        """Count an account of which nothing is left."""
        self._count(account, account.sales, account.cancellations)
        if account.uses or account.other_uses:
            self._count_lone(account)

    def _count_lone(self, account: Account) -> None:
        """Count an account as it stops being in use, if nothing was ever sold on it."""
        if not account.sales and not account.sold:
            self.counts.lone_accounts += 1

    def _count(
        self,
        account: Account,
        sales: Iterable[SaleRecord],
        cancellations: Iterable[CancellationRecord],
    ) -> None:
        """Count some facts of an account, which still has them."""
        counts, uses = self.counts, account.uses
        knows_both = self.knows_both and not account.is_apart
        # Whoever keyed it: that its account is known by this id is all that is asked here.
        others = [one.times for one in account.other_uses]
        for sale in sales:
            since, end = Seconds(sale.at - self._doubted), Seconds(sale.at + self._longest)
            # Nearly always the first use or the last tells, and no search is needed.
            used = bool(uses) and (
                since <= uses[0] <= end or since <= uses[-1] <= end or any_within(uses, since, end)
            )
            used = used or any(any_within(times, since, end) for times in others)
            cancelled = bool(account.cancellations) and any(
                self._belong(known, sale) for known in named(account.cancellations, sale.sale_id)
            )
            counts.sales += 1
            counts.used += used
            counts.cancelled += cancelled
            counts.lone_sales += knows_both and not used and not cancelled
        for record in cancellations:
            met = any(self._belong(record, sale) for sale in named(account.sales, record.sale_id))
            counts.lone_cancellations += not met

    def _belong(self, record: CancellationRecord, sale: SaleRecord) -> bool:
        return abs(record.at - sale.at) <= self._longest
