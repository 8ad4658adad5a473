"""The ledger of one partition: joins the events of each account and settles its sales in time."""

import heapq
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds, day_of, moment, seconds_at
from detectors.basis.identifiers import AccountId, interned
from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.facts.forgetting import needed_until
from detectors.facts.from_events import Standing, cancellation_record, sale_record, standing
from detectors.facts.questions import CANCELLATIONS, USES
from detectors.facts.sales import Sold
from detectors.ledger.cells import CellNames
from detectors.ledger.cohorts import Cohorts
from detectors.ledger.complete_days import CompleteDays
from detectors.ledger.distrust import Distrust
from detectors.ledger.matches import Matches
from detectors.ledger.mentions import Mentions
from detectors.ledger.output import LedgerOutput
from detectors.ledger.settlement import Settlement
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings


class Ledger:
    """State of all accounts of one partition.

    Order of calls: `apply` events as they come, `advance` whenever the watermark may have moved,
    `drain` to collect what became known; how often changes nothing in what is emitted. Accounts
    that are due are settled by `drain`, or before that if a late event comes; they are forgotten
    once nothing can change their outcomes any more, not even an event as late as is accepted.
    """

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        self._partition: Final = partition
        self.distrust: Final = Distrust()
        patterns: Final = settings.patterns.on_sales()
        asked: Final = {question for pattern in patterns for question in pattern.questions}
        self._longest: Final = max(seconds_of(pattern.window) for pattern in patterns)
        self._corrections_for: Final = seconds_of(settings.time.corrections_for)
        self._remembered_for: Final = self._longest + self._corrections_for
        self._forgiven: Final = settings.time.forgiven
        self._uses_kept_for: Final = self._forgiven + self._corrections_for
        self.matches: Final = Matches(
            self._longest,
            self._forgiven,
            self._corrections_for,
            uses=USES in asked,
            cancellations=CANCELLATIONS in asked,
        )
        self._settlement: Final = Settlement(settings, self.distrust, self.matches.judged)
        self._span_of_uses: Final = self._settlement.span_of(USES) or 0.0
        self._kinds_of_use: Final = settings.patterns.kinds_of_use() if USES in asked else ()
        self._span_of_cancellations: Final = self._settlement.span_of(CANCELLATIONS)
        self._cells: Final = CellNames(settings.peers.cell)
        self._mentions: Final = Mentions(settings)
        self._asked: Final = (self._settlement.numbers, self._mentions.contacts)
        self._accounts: dict[AccountId, Account] = {}
        self._cohorts: Final = Cohorts((*self._settlement.windows, self._remembered_for))
        self._deadlines: Final[list[tuple[Seconds, AccountId]]] = []
        self._days: Final = CompleteDays(patterns)
        self._changed: set[AccountId] = set()
        self.watermark = BEGINNING

    def __len__(self) -> int:
        """Count the accounts remembered."""
        return len(self._accounts)

    def apply(self, event: AnyEvent) -> bool:
        """Merge one event; return whether it changed anything (a duplicate does not).

        Raises
        ------
        InvalidEvent
            ``too_late``: the event lies further behind the watermark than ``corrections_for``.
        """
        return self.merge(event, seconds_at(event.occurred_at))

    def merge(self, event: AnyEvent, at: Seconds) -> bool:
        """Merge as `apply` does, for a caller who has the event's time `at` in seconds."""
        # It corrects what was settled without it: that must have been settled, drained or not.
        late = at < self.watermark
        if late:
            self._prepare(event, at)
        account_id = event.account_id
        if isinstance(event, AccountActivity):
            if (  # nearly every use, so it is told here and not by `standing`, which says the same
                event.kind in self._kinds_of_use
                and event.initiated_by == "customer"
                and event.agent_id is None
                and event.result is None
            ):
                account = self._accounts.get(account_id)
                if account is not None:
                    sales = account.sales
                    if not sales or sales[-1].at + self._remembered_for < self.watermark:
                        account = self._still_known(account_id)  # hardly any
                if account is None:
                    account = self._new_account(account_id, at + self._uses_kept_for)
                changed = account.add_use(at, self._span_of_uses)
            else:
                changed = self._add_other_use(event, at)
        elif isinstance(event, Sale):
            changed = self._add_sale(event, at)
        else:
            changed = self._add_cancellation(event, at)
        if changed:
            self._changed.add(account_id)
            if late:
                account = self._accounts[account_id]
                self._settlement.settle_again(account_id, account, self.watermark)
        return changed

    def advance(self, watermark: Seconds) -> None:
        """Declare that every event before `watermark` (seconds of event time) has come."""
        self.watermark = max(self.watermark, watermark)

    def drain(self) -> LedgerOutput:
        """Return what became known since the last call, once."""
        self._days.close_before(self.watermark)
        self._settle_what_is_due()
        outcomes, alerts = self._settlement.drain()
        bundle = OutcomeBundle(self._partition, self.watermark, outcomes, self._days.drain())
        changed, self._changed = self._changed, set()
        return LedgerOutput(bundle, alerts, changed, self._mentions.drain())

    def account(self, account_id: AccountId) -> Account | None:
        """Return the state of one account, for the host to persist; None when it is forgotten.

        What is persisted must have been emitted: call it after `drain`, and before the next event.
        """
        return self._accounts.get(account_id)

    def accounts(self) -> dict[AccountId, Account]:
        """Return the state of all accounts; the caller must not change it. Call it as `account`."""
        return self._accounts

    def restore(self, accounts: dict[AccountId, Account], watermark: Seconds) -> None:
        """Restore accounts and watermark of an earlier ledger, into one that is still empty.

        Both must be of this partition and these settings, and saved together: accounts that were
        saved later have forgotten what events that are read again may need. One that nothing can
        change after the watermark had been forgotten when that was saved, and is so now.
        """
        self.watermark = watermark
        self._days.close_before(watermark)
        for account_id, account in accounts.items():
            last = self._last_moment(account)
            if last < watermark:
                continue
            self._accounts[account_id] = account
            if not account.sales:
                heapq.heappush(self._deadlines, (last, account_id))
            for sale in account.sales:
                sale.share_names()
                day, sold = day_of(sale.at), Sold(sale, account_id, account)
                self._cohorts.add(day, sold)
                self._days.sold(day, sold)
            for cancellation in account.cancellations:
                self._days.cancelled(cancellation.at, account_id, account)

    def _prepare(self, event: AnyEvent, at: Seconds) -> None:
        """Refuse an event that is too late; settle its account as it is known without it."""
        if at < self.watermark - self._corrections_for:
            raise InvalidEvent(
                "too_late",
                f"`$.occurred_at` is {event.occurred_at.isoformat()}, more than "
                f"time.corrections_for behind the watermark {moment(self.watermark).isoformat()}",
            )
        self._days.close_before(self.watermark)
        account = self._accounts.get(event.account_id)
        if account is not None:
            self._settle_account(event.account_id, account)

    def _settle_what_is_due(self) -> None:
        """Settle and forget all accounts as far as the watermark has come."""
        watermark, accounts = self.watermark, self._accounts
        for index in range(len(self._settlement.windows)):
            reached = self._cohorts.reach(index, watermark)
            self._settlement.settle_reached(index, reached, self._changed)
        while self._deadlines and self._deadlines[0][0] < watermark:
            _, account_id = heapq.heappop(self._deadlines)
            account = accounts.get(account_id)
            if account is not None:
                self._settle_account(account_id, account)
                self._leave(account_id, account)
        reached = self._cohorts.reach(-1, watermark)
        for sold in self.matches.forget_used(reached, accounts, self._changed, watermark):
            if accounts.get(sold.account_id) is sold.account:
                self._leave(sold.account_id, sold.account)

    def _settle_account(self, account_id: AccountId, account: Account) -> None:
        """Settle the sales of one account that are due and were not settled."""
        for sale in account.sales:
            for index, window in enumerate(self._settlement.windows):
                end = sale.at + window
                if end < self.watermark and sale.is_pending(index):
                    self._settlement.settle(account_id, account, sale, index, end)
                    self._changed.add(account_id)

    def _leave(self, account_id: AccountId, account: Account) -> None:
        """Forget an account or, if it may still be needed, part of it, and come back later."""
        last = self._last_moment(account)
        if last < self.watermark:
            del self._accounts[account_id]
            self._changed.add(account_id)
            self.matches.forget_account(account)
            return
        if self.matches.forget_part(account, self.watermark - self._corrections_for):
            # Written anew: read back as it was, it would be forgotten and counted once more.
            self._changed.add(account_id)
        # Another sale that has not reached that age yet brings us back here anyway.
        if all(sale.at + self._remembered_for < self.watermark for sale in account.sales):
            heapq.heappush(self._deadlines, (last, account_id))

    def _add_other_use(self, event: AccountActivity, at: Seconds) -> bool:
        """Merge activity that may be use: whether it is depends on who keyed it, and who sold."""
        is_use = standing(event, self._kinds_of_use)
        if is_use is Standing.NO_USE or not self._kinds_of_use:
            return False
        account_id, until = event.account_id, at + self._uses_kept_for
        account = self._still_known(account_id) or self._new_account(account_id, until)
        agent_id = None if event.agent_id is None else interned(event.agent_id)
        is_certain, span = is_use is Standing.USE, self._span_of_uses
        if is_certain and agent_id is None:
            return account.add_use(at, span)
        return account.add_other_use(at, span, agent_id, is_certain=is_certain)

    def _add_cancellation(self, event: Cancellation, at: Seconds) -> bool:
        if self._span_of_cancellations is None:
            return False
        account_id, until = event.account_id, at + self._remembered_for
        account = self._still_known(account_id) or self._new_account(account_id, until)
        record = cancellation_record(event, at)
        changed = account.add_cancellation(record, self._span_of_cancellations)
        if changed:
            self._days.cancelled(at, account_id, account)
        return changed

    def _still_known(self, account_id: AccountId) -> Account | None:
        """Return an account, unless it would be forgotten by now if the ledger had been drained."""
        account = self._accounts.get(account_id)
        if account is None or self._last_moment(account) >= self.watermark:
            return account
        self._settle_account(account_id, account)
        self._leave(account_id, account)
        return None

    def _new_account(self, account_id: AccountId, needed_until: Seconds) -> Account:
        account = self._accounts[account_id] = Account()
        heapq.heappush(self._deadlines, (needed_until, account_id))
        return account

    def _add_sale(self, event: Sale, at: Seconds) -> bool:
        account_id = event.account_id
        record = sale_record(event, at, self._cells.of(event), *self._asked)
        account = self._still_known(account_id) if account_id in self._accounts else None
        if account is None:
            account = self._accounts[account_id] = Account((record,))
        else:
            sales, claim = account.sales, (event.sale_id, at, event.event_id, self._remembered_for)
            if (holds := account.earlier_claim(*claim)) is not None:
                return self._mentions.repeat(account_id, holds, record, self.watermark)
            if (known := account.later_claim(*claim)) is not None:
                self._replace(account_id, known, record)
                sales = tuple(sale for sale in sales if sale is not known)
            account.sales = (*sales, record)
        self._mentions.tell(account_id, record, self.watermark)
        day, sold = day_of(at), Sold(record, account_id, account)
        self._days.sold(day, sold)
        if at < self.watermark:
            self._plan(account_id, record)
        else:
            self._cohorts.add(day, sold)
        return True

    def _plan(self, account_id: AccountId, sale: SaleRecord) -> None:
        """Plan a late sale by deadlines: the cohort pointers have passed its time already."""
        for window in (*self._settlement.windows, self._remembered_for):
            heapq.heappush(self._deadlines, (sale.at + window, account_id))

    def _replace(self, account_id: AccountId, known: SaleRecord, record: SaleRecord) -> None:
        """Replace a known record by an earlier claim about the same sale, and withdraw it."""
        if known.is_told_as(record):
            # The same sale under another event id: what was emitted stands, or is corrected.
            record.verdicts = known.verdicts
        else:
            self._settlement.take_back(account_id, known, self.watermark)
        if known.at == record.at:
            record.revisions = known.revisions
        self._settlement.close(known)
        self._mentions.replace(account_id, known, record, self.watermark)

    def _last_moment(self, account: Account) -> Seconds:
        """Return the time after which no accepted event can need any fact of the account."""
        last = needed_until(account, self._longest, self._forgiven)
        return last + self._corrections_for
