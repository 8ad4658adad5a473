"""The ledger of one partition: joins the events of each account and settles its sales in time."""

from collections.abc import Mapping
from typing import Final

from detectors.basis.event_time import Seconds, day_of, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent, OfAgent
from detectors.evidence.arrays import Reals
from detectors.facts.account import Account
from detectors.facts.sales import Sold
from detectors.ledger.agreement import Agreement
from detectors.ledger.merging.refused import RefusedRecords
from detectors.ledger.output import LedgerOutput
from detectors.ledger.oversized import OversizedAccounts
from detectors.ledger.plain.accounts import PlainAccounts
from detectors.ledger.plain.joined import Joined, Times
from detectors.messages.groups import outcomes_of_groups
from detectors.messages.merging.renaming import renamed
from detectors.messages.outcomes import OutcomeBundle
from detectors.scanning.fields import VERSION
from detectors.scanning.lines import ScannedLines
from detectors.settings import Settings


class Ledger(OversizedAccounts):
    """State of all accounts of one partition.

    Order of calls: `apply` events as they come, `advance` whenever the watermark may have moved,
    `drain` to collect what became known; how often changes nothing in what is emitted. Accounts
    that are due are settled by `drain`, or before that if a late event comes; they are forgotten
    once nothing can change their outcomes any more, not even an event as late as is accepted.
    """

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        super().__init__(settings, partition)
        self._refused: Final = RefusedRecords(settings.patterns.kinds_of_use(), settings.identities)

    def __len__(self) -> int:
        """Count the accounts remembered."""
        return len(self._plain)

    def apply(self, event: AnyEvent) -> bool:
        """Merge one event, as `merge` does by its time."""
        return self.merge(event, seconds_at(event.occurred_at))

    def refuse(self, record: bytes, event_type: str | None, reached: Seconds) -> bool:
        """Take in what a record that was refused still tells of its account, if it tells anything.

        `event_type` is as for the decoder, `reached` how far the source had come (seconds). Return
        whether that changed anything.
        """
        at = max(reached, self.watermark)
        activity = self._refused.told(record, event_type, at)
        return activity is not None and self.merge(activity, at)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of a sale that `join` needs: what patterns ask for, and what corrects one."""
        version = (VERSION,) if self.claims.heeds_versions else ()
        return (*(number.field for number in self._settlement.numbers), *version)

    def join(
        self, scanned: ScannedLines, first: int, times: Times, clock: Agreement, told: Reals
    ) -> Joined:
        """Join lines as `merge` would their events; see `PlainAccounts.join`.

        What it left for later is to be merged at once, by `merge_later`; `advance` comes after it.
        """
        joined = self._plain.join(scanned, first, times, clock, told)
        self._keep(joined.taken)
        return joined

    def merge_later(self, event: AnyEvent, watermark: Seconds) -> bool:
        """Merge an event that `join` left for later, with the watermark that it told."""
        if isinstance(event, OfAgent):  # no account waits for it
            at = seconds_at(event.occurred_at)
            return self._of_agents.pass_on(event, at, watermark, self._corrections_for)
        account_id, reached = event.account_id, self.watermark
        # `join` has kept a row for each of their ids.
        self._reserved = account_id
        # Of its own time: it was not late, and must not be for what came after it.
        self.watermark = watermark
        changed = self._merge(event, seconds_at(event.occurred_at))
        self.watermark, self._reserved = reached, None
        if account_id not in self._accounts:
            self._forgotten.append(account_id)
        return changed

    def advance(self, watermark: Seconds) -> None:
        """Declare that every event before `watermark` (seconds of event time) has come."""
        self.watermark = max(self.watermark, watermark)

    def drain(self) -> LedgerOutput:
        """Return what became known since the last call, once; all outcomes are in the bundle."""
        return self._drained(in_columns=False)

    def drain_in_columns(self) -> LedgerOutput:
        """Return the same, nearly all good outcomes in columns: for a receiver in this process."""
        return self._drained(in_columns=True)

    def _drained(self, *, in_columns: bool) -> LedgerOutput:
        self._days.close_before(self.watermark)
        self._settle_what_is_due()
        outcomes, findings = self._settlement.drain()
        good = self._settlement.drain_good()
        if not in_columns:
            outcomes = [*(one for some in good for one in some.outcomes()), *outcomes]
            good = ()
        told = self._of_agents.drain()
        bundle = OutcomeBundle(
            self._partition,
            self.watermark,
            outcomes,
            self._days.drain(),
            groups=outcomes_of_groups(outcomes, self._days.groups),
            contested=[*self.claims.drain(), *self._settlement.exclusions.drain()],
            seen=self._days.seeing.drain(),
            findings=findings,
            disputes=self._disputes.drain(),
            commissions=self._settlement.commissions.drain(),
            started=told.started,
        )
        bundle, good = renamed(bundle, good, self.merged_agents)
        changed, self._changed = self._changed, set()
        merged = self.merged_agents.drain()
        self.matches.counts.merged_agents = len(self.merged_agents)
        mentions = self._mentions.drain()
        return LedgerOutput(bundle, changed, mentions, good, told.touches, merged, told.staff)

    def account(self, account_id: AccountId) -> Account | None:
        """Return the state of one account, for the host to persist; None when it is forgotten.

        What is persisted must have been emitted: call it after `drain`, and before the next event.
        """
        return self._accounts.get(account_id) or self._plain.account(account_id)

    def accounts(self) -> dict[AccountId, Account]:
        """Return the state of all accounts; the caller must not change it. Call it as `account`."""
        return self._accounts | self._plain.accounts()

    @property
    def plain(self) -> PlainAccounts:
        """The accounts that are kept in columns, for the host to persist."""
        return self._plain

    @property
    def objects(self) -> Mapping[AccountId, Account]:
        """The accounts that are kept as objects, for the host to persist; not to be changed."""
        return self._accounts

    def restore_plain(self, data: bytes) -> None:
        """Restore what `PlainAccounts.packed` gave, after `restore`."""
        self._forgotten += self._plain.restore(data, self.watermark)

    def knows(self, account_id: AccountId) -> bool:
        """Return whether an account is remembered."""
        return account_id in self._accounts or self._plain.knows(account_id)

    def restore(self, accounts: dict[AccountId, Account], watermark: Seconds) -> None:
        """Restore accounts and watermark of an earlier ledger, into one that knows none of them.

        Both must be of this partition and these settings, and saved together: accounts that were
        saved later have forgotten what events that are read again may need. One that nothing can
        change after the watermark had been forgotten when that was saved, and is so now.
        """
        self.watermark = watermark
        self._days.close_before(watermark)
        for account_id, account in accounts.items():
            last = self._last_moment(account)
            if last < watermark:
                # Known until the next drain, so that no older state of it is restored.
                self._plain.keep_elsewhere(account_id)
                self._forgotten.append(account_id)
                continue
            self._accounts[account_id] = account
            self.note_crowded(account_id, account)
            self._plain.keep_elsewhere(account_id)
            if not account.sales:
                self._deadlines.plan(account_id, [last])
            self._disputes.plan_again(account_id, account.sales)
            certain = self._settlement.at_once.moments(account_id, account)
            self._deadlines.plan(account_id, certain, self.watermark)
            for sale in account.sales:
                sale.share_names()
                day, sold = day_of(sale.at), Sold(sale, account_id, account)
                self._cohorts.add(day, sold)
                self._days.sold(day, sold)
            for cancellation in account.cancellations:
                self._days.cancelled(cancellation, account_id, account)
