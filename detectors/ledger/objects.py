"""The accounts of a ledger that are kept as objects: those to which anything unusual happens."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, Seconds, day_of
from detectors.basis.identifiers import AccountId
from detectors.events.event import (
    AccountActivity,
    AccountEvent,
    AccountMerged,
    AgentMerged,
    AnyEvent,
    Cancellation,
    OfAgent,
    Sale,
)
from detectors.facts.account import Account, SaleRecord
from detectors.facts.apart import empty
from detectors.facts.forgetting import has_one_since, needed_until
from detectors.facts.from_events import cancellation_record, sale_record
from detectors.facts.questions import CANCELLATIONS, USES
from detectors.facts.sales import Sold
from detectors.facts.uses import with_time
from detectors.ledger.cells import CellNames
from detectors.ledger.claims import Claims
from detectors.ledger.cohorts import Cohorts
from detectors.ledger.complete_days import CompleteDays
from detectors.ledger.disputes import Disputes
from detectors.ledger.distrust import Distrust
from detectors.ledger.lateness import Lateness
from detectors.ledger.matches import Matches
from detectors.ledger.mentions import Mentions
from detectors.ledger.merging.about_agents import AboutAgents
from detectors.ledger.merging.activities import Activities, Tells
from detectors.ledger.merging.affected import affected
from detectors.ledger.merging.deadlines import Deadlines
from detectors.ledger.merging.pending import PendingVerdicts
from detectors.ledger.plain.accounts import PlainAccounts
from detectors.ledger.seeing import reach_of
from detectors.ledger.settlement import Settlement
from detectors.messages.merging.agents import MergedAgents
from detectors.settings import Settings


class AccountObjects:
    """Merges events into accounts, one by one, and settles and forgets these.

    It is the definition of what a ledger does with an event; plain accounts are what is certainly
    the same, and faster (`detectors.ledger.plain`). An event makes an object of a plain one first.
    """

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        self._partition: Final = partition
        self.distrust: Final = Distrust()
        patterns: Final = settings.settled()
        asked: Final = {question for pattern in patterns for question in pattern.questions}
        self._longest, self._doubted = settings.longest(), settings.time.doubted
        self._corrections_for: Final = seconds_of(settings.time.corrections_for)
        self._remembered_for: Final = self._longest + self._corrections_for
        self._uses_kept_for: Final = self._doubted + self._corrections_for
        spans = (self._longest, self._doubted, self._corrections_for)
        self.matches: Final = Matches(*spans, knows_both=asked >= {USES, CANCELLATIONS})
        self._settlement: Final = Settlement(settings, self.distrust, self.matches.judged)
        self._pending: Final = PendingVerdicts(self._settlement.windows)
        self._activities: Final = Activities(settings, self._settlement)
        self._span_of_cancellations: Final = self._settlement.span_of(CANCELLATIONS)
        self._lateness: Final = Lateness(settings.time, self._settlement)
        self._mentions, self._of_agents = Mentions(settings), AboutAgents(settings)
        self._cells, self._deadlines = CellNames(settings.peers.cell), Deadlines()
        self._disputes: Final = Disputes(self._deadlines)
        told = (self._settlement, self._mentions, self.matches, self._disputes)
        versions = settings.corrections.versions
        self.claims: Final = Claims(*told, self._remembered_for, heeds_versions=versions)
        self._asked: Final = (self._settlement.numbers, self._mentions.contacts)
        self.merged_agents: Final = MergedAgents(heeded=settings.corrections.agents)
        self._accounts: dict[AccountId, Account] = {}
        self._cohorts: Final = Cohorts((*self._settlement.windows, self._remembered_for))
        self._plain: Final = PlainAccounts(settings, self._settlement, self._longest)
        self._days: Final = CompleteDays(
            patterns,
            settings.groups.kinds,
            self._plain,
            reach_of(self._remembered_for, self._corrections_for),
            settings.verification.lots(),
        )
        self._reserved: AccountId | None = None
        self._changed, self._forgotten = set[AccountId](), list[AccountId]()
        self.watermark = BEGINNING

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        """Merge one event of a time; return whether it changed anything (a duplicate does not).

        Raises
        ------
        InvalidEvent
            ``too_late``: the event lies further behind the watermark than ``corrections_for``, and
            no sale that can still be corrected waits for it.
        """
        if not isinstance(event, OfAgent) and event.account_id not in self._accounts:
            self._keep(self._plain.take(event.account_id))
        return self._merge(event, at)

    def _merge(self, event: AnyEvent, at: Seconds) -> bool:
        if isinstance(event, OfAgent):  # it is about an agent, and no account
            return self._of_agents.pass_on(event, at, self.watermark, self._corrections_for)
        if isinstance(event, AgentMerged):  # about no account, and never too late
            return self.merged_agents.merge(event, at, self.watermark)
        # What a late event corrects must have been settled first, however seldom it is drained.
        late = at < self.watermark
        if at < self.watermark - self._corrections_for:
            # No sale is awaited, so none too late can make its account oversized for longer.
            name = event.account_id if isinstance(event, Sale) else self._kept_as(event, at)
            self._lateness.check(event, at, self.watermark, self._accounts.get(name))
        account_id = self._kept_as(event, at)
        if late:
            self._prepare(account_id)
        if isinstance(event, AccountActivity):
            changed = self._add_activity(account_id, event, at)
        elif isinstance(event, Sale):
            changed = self._add_sale(account_id, event, at)
        elif isinstance(event, Cancellation):
            changed = self._add_cancellation(account_id, event, at)
        else:
            changed = self._add_merge(account_id, event, at)
        if changed:
            self._changed.add(account_id)
            account = self._accounts[account_id]
            certain = self._settlement.at_once.moments(account_id, account)
            self._deadlines.plan(account_id, certain, self.watermark)
            if late:
                self._settlement.settle_again(
                    account_id, account, self.watermark, affected(account, event)
                )
        return changed

    def _keep(self, accounts: Mapping[AccountId, Account]) -> None:
        """Keep as objects what were plain accounts until now."""
        for account_id, account in accounts.items():
            self._accounts[account_id] = account
            self._changed.add(account_id)
            for sale in account.sales:
                self._days.sold(day_of(sale.at), Sold(sale, account_id, account))
                self._plan(account_id, sale)
            if not account.sales:
                self._deadlines.plan(account_id, [self._last_moment(account)])

    def _kept_as(self, event: AccountEvent, _at: Seconds, /) -> AccountId:
        """Return under which name the account of an event is kept, or the part of it."""
        return event.account_id

    def _prepare(self, account_id: AccountId) -> None:
        """Settle the account of a late event as it is known without it."""
        self._days.close_before(self.watermark)
        if account_id in self._accounts:
            self._settle({account_id: self._accounts[account_id]})

    def _settle_what_is_due(self) -> None:
        """Settle and forget all accounts as far as the watermark has come."""
        watermark, accounts = self.watermark, self._accounts
        for index in range(len(self._settlement.windows)):
            self._keep(self._plain.settle(index, watermark))
            reached = self._cohorts.reach(index, watermark)
            self._settlement.settle_reached(index, reached, self._changed)
        due = self._deadlines.passed(watermark, accounts)
        self._settle(due)
        for account_id, account in due.items():
            sales = account.sales
            if not sales or any(sale.at + self._remembered_for < watermark for sale in sales):
                self._leave(account_id, account)
        self._plain.leave(watermark, self.matches.counts, knows_both=self.matches.knows_both)
        reached = self._cohorts.reach(-1, watermark)
        old = (one.account_id for one in reached if accounts.get(one.account_id) is one.account)
        for account_id in dict.fromkeys(old):  # each once, however many of its sales are old
            self._leave(account_id, accounts[account_id])
        # Their ids are looked for by what is joined next, and by nothing before that.
        self._plain.forget([one for one in self._forgotten if one not in accounts])
        self._forgotten.clear()

    def _settle(self, accounts: Mapping[AccountId, Account]) -> None:
        """Settle the sales of some accounts that are due and were not settled; tell disputes."""
        for account_id, account in accounts.items():
            said = self._disputes.tell(account_id, account.sales, self.watermark)
            if self._settlement.at_once.tell(account_id, account, self.watermark) or said:
                self._changed.add(account_id)
        for index, due in enumerate(self._pending.due(accounts, self.watermark)):
            if due:
                self._settlement.settle_reached(index, due, self._changed)

    def _leave(self, account_id: AccountId, account: Account) -> None:
        """Forget an account or, if it may still be needed, part of it, and come back later."""
        last = self._last_moment(account)
        if last < self.watermark:
            del self._accounts[account_id]
            self._forgotten.append(account_id)
            self._changed.add(account_id)
            self.matches.forget_account(account)
            return
        if self.matches.forget_part(account, self.watermark - self._corrections_for):
            # Written anew: read back as it was, it would be forgotten and counted once more.
            self._changed.add(account_id)
        # Another sale that has not reached that age yet brings us back here anyway.
        if all(sale.at + self._remembered_for < self.watermark for sale in account.sales):
            self._deadlines.plan(account_id, [last])

    def _add_activity(self, account_id: AccountId, event: AccountActivity, at: Seconds) -> bool:
        told = self._activities.told_by(event, at)
        if told is Tells.NOTHING:
            return False
        account = self._accounts.get(account_id)
        if account is not None:
            sales = account.sales
            if not sales or sales[-1].at + self._remembered_for < self.watermark:
                account = self._still_known(account_id)  # hardly any
        if account is None:
            account = self._new_account(account_id, at + self._uses_kept_for)
        return self._activities.merge(account, event, at, told)

    def _add_cancellation(self, account_id: AccountId, event: Cancellation, at: Seconds) -> bool:
        if self._span_of_cancellations is None:
            return False
        until = Seconds(at + self._remembered_for)
        account = self._still_known(account_id) or self._new_account(account_id, until)
        record = cancellation_record(event, at)
        changed = account.add_cancellation(record, self._span_of_cancellations)
        if changed:
            self.matches.cancelled(account, record)
            self._mentions.cancelled(account_id, account, record, self.watermark)
            self._days.cancelled(record, account_id, account)
        return changed

    def _add_merge(self, account_id: AccountId, event: AccountMerged, at: Seconds) -> bool:
        span = self._settlement.span_of_merges()
        if span is None or event.into_account_id == account_id:
            return False
        until = Seconds(at + self._remembered_for)
        account = self._still_known(account_id) or self._new_account(account_id, until)
        self.matches.counts.merged += not account.merges
        before = account.merges
        account.merges = with_time(before, at, span) or before
        if account.merges is not before:
            self._mentions.merged(account_id, account, at, self.watermark)
        return account.merges is not before

    def _still_known(self, account_id: AccountId) -> Account | None:
        """Return an account, unless it would be forgotten by now if the ledger had been drained."""
        account = self._accounts.get(account_id)
        if account is None:
            return None
        some = has_one_since(account, self.watermark - self._remembered_for)
        if some or self._last_moment(account) >= self.watermark:
            return account
        self._settle({account_id: account})
        self._leave(account_id, account)
        return None

    def _new_account(self, account_id: AccountId, needed_until: Seconds) -> Account:
        account = self._accounts[account_id] = empty(account_id)
        self._note_new(account_id)
        self._deadlines.plan(account_id, [needed_until])
        return account

    def _note_new(self, account_id: AccountId) -> None:
        if account_id != self._reserved:
            self._plain.keep_elsewhere(account_id)

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        record = sale_record(event, at, self._cells.of(event), *self._asked)
        is_lowered = self.claims.lowered(record)
        account = self._still_known(account_id) if account_id in self._accounts else None
        if account is None:
            account = self._accounts[account_id] = empty(account_id)
            account.add_sale(record)
            self._note_new(account_id)
        else:
            if at >= self.watermark and (not self.claims.as_arrived or record.version > 1):
                # It may take back what was said: that must have been said, as before a late event.
                self._settle({account_id: account})
            changed = self.claims.merge(account_id, account, record, self.watermark)
            if changed is not None:
                self.matches.counts.unheeded += is_lowered and changed
                return changed
        self._mentions.tell(account_id, account, record, self.watermark)
        day, sold = day_of(at), Sold(record, account_id, account)
        self._days.sold(day, sold)
        if at < self.watermark:
            self._plan(account_id, record)
        else:
            self._cohorts.add(day, sold)
        return True

    def _plan(self, account_id: AccountId, sale: SaleRecord) -> None:
        """Plan a sale by deadlines: the cohort pointers may have passed its time already."""
        ends = [*self._pending.ends(sale), Seconds(sale.at + self._remembered_for)]
        self._deadlines.plan(account_id, ends)

    def _last_moment(self, account: Account) -> Seconds:
        """Return the time after which no accepted event can need any fact of the account."""
        return needed_until(account, self._longest, self._doubted) + self._corrections_for
