"""The ledger of one partition: joins the events of each account and settles its sales in time."""

import heapq
from sys import intern
from typing import Final

from msgspec import Struct, field

from detectors.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.alerts import Alert
from detectors.durations import seconds_of
from detectors.errors import InvalidEvent
from detectors.event_time import BEGINNING, day_of, moment
from detectors.events import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.identity import settings_id
from detectors.ledger.account_alerts import account_alert
from detectors.ledger.sales_count import SalesCount
from detectors.outcomes import Outcome, OutcomeBundle
from detectors.settings import Settings

_NEVER: Final = float("inf")


class Harvest(Struct, frozen=True):
    """What a ledger has to tell since it was last asked.

    ``changed``: ids of the accounts whose state is new or gone (for the host to persist).
    """

    bundle: OutcomeBundle
    alerts: list[Alert] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)


class Ledger:
    """State of all accounts of one partition.

    Order of calls: `apply` events as they come, `advance` whenever the watermark may have moved,
    `harvest` to collect what became known. An account is looked at when a late event changes it and
    when it is due, in O(log accounts); it is forgotten once nothing can change its outcomes any
    more, not even an event as late as is accepted.
    """

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        self._partition: Final = partition
        self._patterns: Final = settings.patterns.enabled()
        self._windows: Final = tuple(seconds_of(p.window) for p in self._patterns)
        self._young: Final = (Verdict.PENDING,) * len(self._patterns)
        self._verdicts: Final[dict[tuple[Verdict, ...], tuple[Verdict, ...]]] = {}
        self._shortest: Final = min(self._windows)
        self._longest: Final = max(self._windows)
        self._corrections_for: Final = seconds_of(settings.time.corrections_for)
        self._remembered_for: Final = self._longest + self._corrections_for
        self._cell_fields: Final = settings.peers.cell
        self._accounts: dict[str, Account] = {}
        self._agenda: list[tuple[float, str]] = []
        self._config_hash: Final = settings_id(settings)
        self._sales = SalesCount()
        self._outcomes: list[Outcome] = []
        self._alerts: list[Alert] = []
        self._changed: set[str] = set()
        self.watermark = BEGINNING
        self._told_until = BEGINNING

    def __len__(self) -> int:
        """Count the accounts remembered."""
        return len(self._accounts)

    def apply(self, event: AnyEvent) -> bool:
        """Merge one event; tell whether it changed anything (a duplicate does not).

        Raises
        ------
        InvalidEvent
            ``too_late``: the event lies further behind the watermark than ``corrections_for``.
        """
        return self.merge(event, event.occurred_at.timestamp())

    def merge(self, event: AnyEvent, at: float) -> bool:
        """Do as `apply` does, for a caller who knows the event's time `at` in seconds already."""
        if at < self.watermark - self._corrections_for:
            raise InvalidEvent(
                "too_late",
                f"`$.occurred_at` is {event.occurred_at.isoformat()}, more than "
                f"time.corrections_for behind the watermark {moment(self.watermark).isoformat()}",
            )
        account_id = event.account_id
        account = self._accounts.get(account_id)
        if isinstance(event, AccountActivity):
            if event.initiated_by != "customer":
                return False
            if account is None:
                account = self._new_account(account_id, at + self._corrections_for)
            changed = account.add_use(at, self._shortest)
        elif isinstance(event, Sale):
            if account is None:
                account = self._new_account(account_id, at + self._shortest)
            changed = self._add_sale(account_id, account, event, at)
        else:
            if account is None:
                account = self._new_account(account_id, at + self._remembered_for)
            changed = account.add_cancellation(
                _cancellation_record(event, at), self._remembered_for
            )
        if changed:
            self._changed.add(account_id)
            if at < self.watermark:
                self._settle_again(account_id, account)
        return changed

    def advance(self, watermark: float) -> None:
        """Settle every sale whose window ended before `watermark` (seconds of event time)."""
        if watermark <= self.watermark:
            return
        self.watermark = watermark
        agenda = self._agenda
        while agenda and agenda[0][0] < watermark:
            due, account_id = heapq.heappop(agenda)
            account = self._accounts.get(account_id)
            if account is not None and account.due == due:
                self._look_at(account_id, account)
        self._told_until = watermark

    def harvest(self) -> Harvest:
        """Give what became known since the last call, and forget that it was not told."""
        sales = {}
        if self.watermark > BEGINNING:
            sales = self._sales.take_before(day_of(self.watermark))
        bundle = OutcomeBundle(self._partition, self.watermark, self._outcomes, sales)
        harvest = Harvest(bundle, self._alerts, self._changed)
        self._outcomes, self._alerts, self._changed = [], [], set()
        return harvest

    def account(self, account_id: str) -> Account | None:
        """Give the state of one account, for the host to persist; None when it is forgotten."""
        return self._accounts.get(account_id)

    def accounts(self) -> dict[str, Account]:
        """Give the state of all accounts; the caller must not change it."""
        return self._accounts

    def restore(self, accounts: dict[str, Account], watermark: float) -> None:
        """Take over accounts and watermark of an earlier ledger of this partition and settings.

        Accounts that were saved later than the watermark are as good: what they have told already
        is not told again.
        """
        self.watermark = self._told_until = watermark
        self._accounts = accounts
        self._agenda = [(account.due, account_id) for account_id, account in accounts.items()]
        heapq.heapify(self._agenda)
        for account in accounts.values():
            for sale in account.sales:
                sale.agent_id = None if sale.agent_id is None else intern(sale.agent_id)
                sale.product, sale.cell = intern(sale.product), intern(sale.cell)
                sale.verdicts = self._shared(sale.verdicts)
                self._count(sale, 1)

    def _new_account(self, account_id: str, due: float) -> Account:
        account = self._accounts[account_id] = Account(due=due)
        heapq.heappush(self._agenda, (due, account_id))
        return account

    def _add_sale(self, account_id: str, account: Account, event: Sale, at: float) -> bool:
        agent_id = event.agent_id
        product = intern(event.product)
        record = SaleRecord(
            event.sale_id,
            event.event_id,
            at,
            None if agent_id is None else intern(agent_id),
            product,
            product if self._cell_fields == ("product",) else self._cell(event),
            self._young,
        )
        sales = account.sales
        if sales:
            claim = (event.sale_id, at, event.event_id, self._remembered_for)
            if account.earlier_claim(*claim) is not None:
                return False
            known = account.later_claim(*claim)
            if known is not None:
                self._replace(account_id, known, record)
                sales = tuple(sale for sale in sales if sale is not known)
        account.sales = (*sales, record)
        self._count(record, 1)
        due = at + self._shortest
        if due < account.due:
            account.due = due
            heapq.heappush(self._agenda, (due, account_id))
        return True

    def _replace(self, account_id: str, known: SaleRecord, record: SaleRecord) -> None:
        """Put an earlier claim about a sale in the place of a known one, and take that one back."""
        self._count(known, -1)
        if (known.at, known.agent_id, known.cell) == (record.at, record.agent_id, record.cell):
            record.verdicts = known.verdicts
        else:
            nobody = Account()
            for index, verdict in enumerate(known.verdicts):
                if verdict in (Verdict.GOOD, Verdict.BAD):
                    self._tell(account_id, nobody, known, index, Verdict.EXCLUDED)
        if known.at == record.at:
            record.findings = known.findings

    def _count(self, sale: SaleRecord, change: int) -> None:
        """Count a sale as one of its day's, unless that day has been told."""
        if sale.at >= self.watermark or day_of(sale.at) >= day_of(self.watermark):
            self._sales.add(sale.agent_id, sale.at, change)

    def _cell(self, event: Sale) -> str:
        values = (str(getattr(event, name) or "-") for name in self._cell_fields)
        return intern("/".join(v.replace("\\", "\\\\").replace("/", "\\/") for v in values))

    def _look_at(self, account_id: str, account: Account) -> None:
        """Give the verdicts that are due; set when the account is due next, or forget it."""
        watermark, windows = self.watermark, self._windows
        next_due = _NEVER
        for sale in account.sales:
            for index, verdict in enumerate(sale.verdicts):
                if verdict is Verdict.PENDING:
                    end = sale.at + windows[index]
                    if end < watermark:
                        self._settle(account_id, account, sale, index, end)
                    elif end < next_due:
                        next_due = end
        if next_due == _NEVER:
            next_due = self._last_moment(account)
            if next_due < watermark:
                del self._accounts[account_id]
                self._changed.add(account_id)
                return
        account.due = next_due
        heapq.heappush(self._agenda, (next_due, account_id))

    def _last_moment(self, account: Account) -> float:
        """Give the time after which no event can be accepted that would need this account."""
        last = account.uses[-1] if account.uses else BEGINNING
        for sale in account.sales:
            last = max(last, sale.at + self._longest)
        for cancellation in account.cancellations:
            last = max(last, cancellation.at + self._longest)
        return last + self._corrections_for

    def _settle_again(self, account_id: str, account: Account) -> None:
        """Give every verdict that is due, or that a late event changed."""
        for sale in account.sales:
            for index, window in enumerate(self._windows):
                end = sale.at + window
                if end < self.watermark:
                    self._settle(account_id, account, sale, index, end)

    def _settle(
        self, account_id: str, account: Account, sale: SaleRecord, index: int, end: float
    ) -> None:
        verdict = self._patterns[index].verdict(account, sale, end)
        if verdict is not sale.verdicts[index]:
            self._tell(account_id, account, sale, index, verdict)
            verdicts = (*sale.verdicts[:index], verdict, *sale.verdicts[index + 1 :])
            sale.verdicts = self._shared(verdicts)
            self._changed.add(account_id)

    def _shared(self, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
        """Give one copy of what many sales have in common."""
        return self._verdicts.setdefault(verdicts, verdicts)

    def _tell(
        self, account_id: str, account: Account, sale: SaleRecord, index: int, verdict: Verdict
    ) -> None:
        pattern, before = self._patterns[index], sale.verdicts[index]
        matured_at = sale.at + self._windows[index]
        known_at = max(matured_at, self._told_until)
        bad = verdict is Verdict.BAD
        event_ids = pattern.evidence_events(account, sale, matured_at) if bad else ()
        if before is not Verdict.PENDING or verdict is not Verdict.EXCLUDED:
            self._outcomes.append(
                Outcome(
                    pattern.name,
                    sale.sale_id,
                    sale.agent_id,
                    sale.cell,
                    matured_at,
                    known_at,
                    verdict,
                    event_ids,
                    before,
                    account_id,
                )
            )
        if pattern.alerts_on_account and (bad or before is Verdict.BAD):
            sale.findings += 1
            self._alerts.append(
                account_alert(
                    pattern,
                    account_id,
                    sale,
                    matured_at=matured_at,
                    known_at=known_at,
                    withdrawn=not bad,
                    event_ids=pattern.evidence_events(account, sale, matured_at),
                    config_hash=self._config_hash,
                )
            )


def _cancellation_record(event: Cancellation, at: float) -> CancellationRecord:
    return CancellationRecord(event.sale_id, event.event_id, at, event.reason, event.initiated_by)
