"""Ledgers that each break one law."""

from collections.abc import Sequence

from msgspec import structs

from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of
from detectors.basis.identifiers import AccountId
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.sales import Sold
from detectors.ledger.complete_days import CompleteDays
from detectors.ledger.settlement import Settlement
from detectors.ledger.stage import Ledger
from detectors.settings import Settings


class CountsRepeats(Ledger):
    """Counts every record of a sale as another sale."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._records = 0

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        if isinstance(event, Sale):
            self._records += 1
            sale_id = f"{event.sale_id} record {self._records}"
            return super().merge(structs.replace(event, sale_id=sale_id), at)
        return super().merge(event, at)


class SettlesAtArrival(Ledger):
    """Believes that everything before an event has been seen when the event is."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        self.advance(at)
        return super().merge(event, at)


class EmitsCancellationsAtOnce(Ledger):
    """Does not wait for the window of a sale that was cancelled: bad news arrives first."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        changed = super().merge(event, at)
        account = self.account(event.account_id)
        if isinstance(event, Cancellation) and account is not None:
            for sale in account.sales:
                for index in range(len(self._settlement.windows)):
                    self._settlement.settle(event.account_id, account, sale, index, at)
        return changed


class ForgetsTooEarly(Ledger):
    """Forgets an account when its last window has passed, though corrections are accepted."""

    def _settle_what_is_due(self) -> None:
        super()._settle_what_is_due()
        for account_id, account in list(self._accounts.items()):
            indexes = range(len(self._settlement.windows))
            if not any(sale.is_pending(index) for sale in account.sales for index in indexes):
                del self._accounts[account_id]


class JudgesKeysAtArrival(Ledger):
    """Asks who sold the account when an activity comes, though its sale may come after it."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        account = self.account(event.account_id)
        if isinstance(event, AccountActivity) and event.agent_id is not None:
            sellers = set() if account is None else {sale.agent_id for sale in account.sales}
            if event.agent_id in sellers:
                return False
            event = structs.replace(event, agent_id=None)
        return super().merge(event, at)


class TakesPartsForRepeats(Ledger):
    """Keeps the first cancellation of a sale that comes, though it may be of a part of it."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        account = self.account(event.account_id)
        if isinstance(event, Cancellation) and account is not None:
            known = {one.sale_id for one in account.cancellations}
            if event.sale_id in known:
                return False
        return super().merge(event, at)


class SeesReplacementsOfWhatItKnows(Ledger):
    """Notes that a sale replaces another one only if that other is known already."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        account = self.account(event.account_id)
        if isinstance(event, Sale) and event.replaces_sale_id is not None:
            known = set() if account is None else {sale.sale_id for sale in account.sales}
            if event.replaces_sale_id not in known:
                event = structs.replace(event, replaces_sale_id=None)
        return super().merge(event, at)


class BelievesTheLastClaim(Ledger):
    """Takes what a sale says of itself from whichever claim came last."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        changed = super().merge(event, at)
        account = self.account(event.account_id)
        if isinstance(event, Sale) and account is not None:
            for sale in account.sales:
                if sale.sale_id == event.sale_id:
                    sale.site, sale.team, sale.amount = event.site, event.team, event.amount
        return changed


class FillsGapsFromOtherClaims(Ledger):
    """Takes a site that the claim that holds does not say from the first one that came."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        changed = super().merge(event, at)
        account = self.account(event.account_id)
        if isinstance(event, Sale) and account is not None:
            for sale in account.sales:
                if sale.sale_id == event.sale_id and sale.site is None:
                    sale.site = event.site
        return changed


class AddsClaimsUp(Ledger):
    """Adds the amount of every record of a sale to the last one."""

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        changed = super().merge(event, at)
        account = self.account(event.account_id)
        if isinstance(event, Sale) and account is not None and not changed:
            for sale in account.sales:
                if sale.sale_id == event.sale_id:
                    sale.amount = (sale.amount or 0.0) + (event.amount or 0.0)
        return changed


class NeverCorrects(Ledger):
    """Never changes an outcome that was emitted."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settlement.settle_again = self._leave_it  # type: ignore[method-assign]  # a fault

    def _leave_it(
        self,
        account_id: AccountId,
        account: Account,
        watermark: Seconds,
        sales: Sequence[SaleRecord],
    ) -> None:
        pass


class CountsRevisionsTogether(Ledger):
    """Counts what was said of a sale, whichever pattern said it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settlement.settle = self._settle_and_share  # type: ignore[method-assign]  # a fault

    def _settle_and_share(
        self,
        account_id: AccountId,
        account: Account,
        sale: SaleRecord,
        index: int,
        known_at: Seconds,
    ) -> None:
        Settlement.settle(self._settlement, account_id, account, sale, index, known_at)
        sale.revisions = (max(sale.revisions, default=0),) * len(self._settlement.windows)


class ClosesDaysWhenAsked(Ledger):
    """Lets an event that comes after the end of a day change it until the day is asked for."""

    def _prepare(self, account_id: AccountId) -> None:
        close, self._days.close_before = self._days.close_before, _do_not_close  # type: ignore[method-assign]  # a fault
        super()._prepare(account_id)
        self._days.close_before = close  # type: ignore[method-assign]  # a fault


def _do_not_close(watermark: Seconds) -> None:
    del watermark


class _ByArrival(CompleteDays):
    def cancelled(
        self, record: CancellationRecord, account_id: AccountId, account: Account
    ) -> None:
        if any(sale.at <= record.at for sale in account.sales):
            super().cancelled(record, account_id, account)

    def sold(self, day: Day, sold: Sold) -> None:
        super().sold(day, sold)
        self._ending.get(day, {}).pop(sold.account_id, None)


class MissesCancellationsBeforeTheirSale(Ledger):
    """Looks for a sale that a cancellation ends only when the cancellation arrives."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._days = _ByArrival(settings.patterns.on_sales())  # type: ignore[misc]  # a fault


class _KnowsOnlyItsOwn(CompleteDays):
    """Does not record what happened before it was last drained."""

    def forget(self, day: Day) -> None:
        self._ending.pop(day, None)


class TrustsClocks(Ledger):
    """Takes a use for one only if it is not dated before its sale."""

    def __init__(self, settings: Settings) -> None:
        exact = structs.replace(settings.time, clock_tolerance="0s")
        super().__init__(structs.replace(settings, time=exact))


class ForgetsUsesThatASaleMayFollow(Ledger):
    """Forgets a use when no sale of an earlier time is accepted any more."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._uses_kept_for = self._corrections_for  # type: ignore[misc]  # a fault
        self._doubted = 0.0


class ForgetsUsesOfTheDayBefore(Ledger):
    """Forgets a use as soon as no sale can follow it within the tolerance."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._doubted = settings.time.forgiven
        self._uses_kept_for = self._doubted + self._corrections_for  # type: ignore[misc]  # a fault


class ForgetsDaysInARestart(Ledger):
    """Does not look for what a restored account says of the day that had begun."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._unread = _KnowsOnlyItsOwn(settings.patterns.on_sales())
        self._days = self._unread  # type: ignore[misc]  # a fault

    def restore(self, accounts: dict[AccountId, Account], watermark: Seconds) -> None:
        super().restore(accounts, watermark)
        if watermark > BEGINNING:
            self._unread.forget(day_of(watermark))
