"""Accounts of more sales than one customer makes: a guest checkout, a house account, "UNKNOWN".

Who used such an account, and whom a sale of it is about, nobody can say. So from the moment on at
which it is *oversized*, each of its sales is kept apart, together with what names it: its
cancellations, and sales in its place. It is judged by those alone. What was told of its use is
taken back, and no more is told. What is kept apart is found, settled, saved and forgotten like an
account of its own, so the cost of an event does not depend on how many others there are.

When that moment is depends on event time alone, and not on the order of arrival: it is the first
sale (or cancellation) at whose time more than so many of the account lie within the time for which
an account is remembered. It is decided once the watermark has passed it; until then all are kept
together. It lasts until no sale has been made for as long.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from detectors.basis.event_time import BEGINNING, Seconds, day_of
from detectors.basis.identifiers import AccountId, SaleId
from detectors.events.event import AccountEvent, Cancellation, Sale
from detectors.facts.account import Account
from detectors.facts.apart import apart
from detectors.facts.crowd import crowded_since, taken_from
from detectors.facts.named import named
from detectors.facts.replacing import Replacement
from detectors.facts.sales import Sold
from detectors.ledger.objects import AccountObjects
from detectors.settings import Settings


class OversizedAccounts(AccountObjects):
    """Merges events as `AccountObjects` does, but keeps the sales of oversized accounts apart."""

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        super().__init__(settings, partition)
        self._most: Final = settings.limits.most_sales_on_account
        # Accounts that may be oversized, each with a time before which it certainly is not.
        self._crowded: Final[dict[AccountId, Seconds]] = {}

    def _kept_as(self, event: AccountEvent, at: Seconds, /) -> AccountId:
        account_id = event.account_id
        if account_id in self._crowded:
            self._part(account_id)
        account = self._accounts.get(account_id)
        if account is None or account.apart_until is None:
            return account_id
        if not isinstance(event, Sale | Cancellation):  # it is about all of its sales
            return account_id
        name, is_sale = apart(account_id, event.sale_id), isinstance(event, Sale)
        known = self._accounts.get(name)
        if named(account.sales, event.sale_id):
            return account_id
        if known is not None and (known.sales or not is_sale):
            return name
        if is_sale and at > account.apart_until:
            if known is not None:
                self._bring_back(account_id, account, name)
            return account_id
        if is_sale:
            self._prolong(account_id, account, at)
        return name

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        before = self._accounts.get(account_id)
        said = () if before is None else before.replacements
        changed = super()._add_sale(account_id, event, at)
        account = self._accounts[account_id]
        if account.is_apart:
            self._share(event.account_id, said, account)
        elif changed:
            self._look_at(account_id, account, at)
        return changed

    def _add_cancellation(self, account_id: AccountId, event: Cancellation, at: Seconds) -> bool:
        changed = super()._add_cancellation(account_id, event, at)
        account = self._accounts.get(account_id)
        if changed and account is not None and not account.is_apart:
            self._look_at(account_id, account, at)
        return changed

    def _settle_what_is_due(self) -> None:
        for account_id in list(self._crowded):
            self._part(account_id)
        super()._settle_what_is_due()

    def note_crowded(self, account_id: AccountId, account: Account) -> None:
        """Note whether an account that was restored may be oversized."""
        if self._is_crowded(account):
            self._crowded[account_id] = self.watermark

    def _look_at(self, account_id: AccountId, account: Account, at: Seconds) -> None:
        """Note that an account got a fact of a time."""
        if account.apart_until is not None and account.sales:
            self._absorb(account_id, account, self.watermark, self.watermark)
        if not self._is_crowded(account):
            return
        if at < self.watermark:
            # As all that follows from a late event it is known only now, from what is remembered.
            since = self._since(account, at, self.watermark - self._remembered_for)
            if since is not None and since < self.watermark:
                self._crowded.pop(account_id, None)
                self._declare(account_id, account, since, self.watermark)
                return
        at = max(at, self.watermark)
        self._crowded[account_id] = min(self._crowded.get(account_id, at), at)

    def _is_crowded(self, account: Account) -> bool:
        return max(len(account.sales), len(account.cancellations)) > self._most

    def _part(self, account_id: AccountId) -> None:
        """Keep the sales of an account apart, if it was oversized before the watermark."""
        watermark, begin = self.watermark, self._crowded[account_id]
        if begin >= watermark:
            return
        account = self._accounts.get(account_id)
        since = None if account is None else self._since(account, begin, BEGINNING)
        if account is None or since is None:
            del self._crowded[account_id]
        elif since >= watermark:
            self._crowded[account_id] = since
        else:
            del self._crowded[account_id]
            self._declare(account_id, account, since, since)

    def _since(self, account: Account, begin: Seconds, remembered: float) -> Seconds | None:
        """Return the first time from `begin` on when it is oversized, by what is remembered."""
        found = [
            crowded_since(
                [fact for fact in facts if fact.at >= remembered],
                self._most,
                self._remembered_for,
                begin,
            )
            for facts in (account.sales, account.cancellations)
        ]
        return min((one for one in found if one is not None), default=None)

    def _declare(
        self, account_id: AccountId, account: Account, since: Seconds, known_at: Seconds
    ) -> None:
        """Declare an account oversized since a time, and take back what was told of its use."""
        for index, due in enumerate(self._pending.due({account_id: account}, since)):
            self._settlement.settle_reached(index, due, self._changed)
        self._settlement.at_once.tell(account_id, account, since)
        self.matches.counts.oversized += 1
        account.apart_until = Seconds(since + self._remembered_for)
        self._absorb(account_id, account, known_at, since)

    def _prolong(self, account_id: AccountId, account: Account, at: Seconds) -> None:
        until = Seconds(at + self._remembered_for)
        if account.apart_until is None or until > account.apart_until:
            account.apart_until = until
            self._changed.add(account_id)
            if account.sales:
                self._absorb(account_id, account, self.watermark, self.watermark)

    def _absorb(
        self, account_id: AccountId, account: Account, known_at: Seconds, reached: Seconds
    ) -> None:
        """Keep apart what an oversized account holds that is not of a later time.

        Nor what is as good as forgotten by a time that was `reached`.
        """
        if account.apart_until is None:
            return
        span = self._remembered_for
        crowd = taken_from(account, reached - span, account.apart_until, span)
        account.apart_until, account.sold, account.sold_at = crowd.until, True, crowd.until
        self._changed.add(account_id)
        sold = list[Sold]()
        for sale in crowd.sales:
            copy = structs.replace(sale)
            self._settlement.close(sale)  # it is still in a cohort
            self._settlement.take_back(account_id, copy, known_at, by_activity=True)
            name, part = self._apart(account_id, sale.sale_id, sale.at)
            part.add_sale(copy)
            sold.append(Sold(copy, name, part))
        for record in crowd.cancellations:
            name, part = self._apart(account_id, record.sale_id, record.at)
            part.add_cancellation(record, self._span_of_cancellations or 0.0)
            self._days.cancelled(record, name, part)
        for one in crowd.replacements:
            self._apart(account_id, one.sale_id, one.at)[1].add_replacement(one)
        for each in sold:  # with all that is known of it
            self._days.sold(day_of(each.sale.at), each)
            self._plan(each.account_id, each.sale)
            certain = self._settlement.at_once.moments(each.account_id, each.account)
            self._deadlines.plan(each.account_id, certain, self.watermark)
            self._disputes.plan_again(each.account_id, (each.sale,))

    def _apart(
        self, account_id: AccountId, sale_id: SaleId, at: Seconds
    ) -> tuple[AccountId, Account]:
        """Return what is kept of one sale, and its name; a fact of a time is to be added."""
        name = apart(account_id, sale_id)
        self._changed.add(name)
        known = self._accounts.get(name)
        return name, known or self._new_account(name, Seconds(at + self._remembered_for))

    def _bring_back(self, account_id: AccountId, account: Account, name: AccountId) -> None:
        """Give an account what came before a sale that is not to be kept apart."""
        known = self._accounts.pop(name)
        for record in known.cancellations:
            account.add_cancellation(record, self._span_of_cancellations or 0.0)
            self._days.cancelled(record, account_id, account)
        for one in known.replacements:
            account.add_replacement(one)
        self._forgotten.append(name)
        self._changed.update((account_id, name))

    def _share(self, account_id: AccountId, before: Sequence[Replacement], now: Account) -> None:
        """Tell the sales that one which is kept apart replaces, or replaced, before a claim."""
        for one in {*before, *now.replacements}:
            is_said = one in now.replacements
            name, part = self._apart(account_id, one.sale_id, one.at)
            if part is now or is_said == (one in part.replacements):
                continue
            self._settle({name: part})
            if is_said:
                part.add_replacement(one)
            else:
                part.remove_replacement(one)
            self._settlement.settle_again(name, part, self.watermark, part.sales)
