"""The ledger of one partition: joins the events of each account and settles its sales in time."""

import heapq
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
    `harvest` to collect what became known. An account is looked at when it changes and when it is
    due, in O(log accounts); it is forgotten once nothing can change its outcomes any more.
    """

    def __init__(self, settings: Settings, partition: int = 0) -> None:
        self._partition: Final = partition
        self._patterns: Final = settings.patterns.enabled()
        self._windows: Final = tuple(seconds_of(p.window) for p in self._patterns)
        self._young: Final = (Verdict.PENDING,) * len(self._patterns)
        self._use_span: Final = min(self._windows)
        self._corrections_for: Final = seconds_of(settings.time.corrections_for)
        self._cell_fields: Final = settings.peers.cell
        self._accounts: dict[str, Account] = {}
        self._agenda: list[tuple[float, str]] = []
        self._config_hash: Final = settings_id(settings)
        self._words: dict[str, str] = {}
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
        at = event.occurred_at.timestamp()
        if at < self.watermark - self._corrections_for:
            raise InvalidEvent(
                "too_late",
                f"`$.occurred_at` is {event.occurred_at.isoformat()}, more than "
                f"time.corrections_for behind the watermark {moment(self.watermark).isoformat()}",
            )
        if isinstance(event, AccountActivity) and event.initiated_by != "customer":
            return False
        account_id = event.account_id
        account = self._accounts.get(account_id)
        if account is None:
            account = Account(due=at + self._corrections_for)
            self._accounts[account_id] = account
            if not isinstance(event, Sale):
                heapq.heappush(self._agenda, (account.due, account_id))
        if isinstance(event, AccountActivity):
            changed = account.add_use(at, self._use_span)
        elif isinstance(event, Sale):
            changed = self._add_sale(account_id, account, event, at)
        else:
            changed = account.add_cancellation(_cancellation_record(event, at))
        if changed:
            self._changed.add(account_id)
            settled_before = self.watermark - self._use_span
            for sale in account.sales:
                if sale.at < settled_before:
                    self._settle(account_id, account)
                    break
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
                self._settle(account_id, account)
                self._reschedule(account_id, account)
        self._told_until = watermark

    def harvest(self) -> Harvest:
        """Give what became known since the last call, and forget that it was not told."""
        if self.watermark > BEGINNING:
            self._sales.forget_before(day_of(self.watermark - max(self._windows)) - 1)
        bundle = OutcomeBundle(
            self._partition, self.watermark, self._outcomes, self._sales.changed()
        )
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
        """Take over accounts and watermark of an earlier ledger of this partition and settings."""
        self.watermark = self._told_until = watermark
        self._accounts = accounts
        self._agenda = [(account.due, account_id) for account_id, account in accounts.items()]
        heapq.heapify(self._agenda)
        for account in accounts.values():
            for sale in account.sales:
                self._sales.add(sale.agent_id, sale.at)

    def _add_sale(self, account_id: str, account: Account, event: Sale, at: float) -> bool:
        known = account.sale(event.sale_id)
        if known is not None:
            if (known.at, known.event_id) <= (at, event.event_id):
                return False
            self._retract(account_id, known)
        agent_id = event.agent_id
        record = SaleRecord(
            event.sale_id,
            event.event_id,
            at,
            None if agent_id is None else self._word(agent_id),
            self._word(event.product),
            self._cell(event),
            self._young,
        )
        account.sales = (*(sale for sale in account.sales if sale is not known), record)
        self._sales.add(record.agent_id, at)
        due = at + self._use_span
        if due < account.due or len(account.sales) == 1:
            account.due = due
            heapq.heappush(self._agenda, (due, account_id))
        return True

    def _cell(self, event: Sale) -> str:
        fields = self._cell_fields
        if fields == ("product",):
            return self._word(event.product)
        return self._word("/".join(str(getattr(event, name) or "-") for name in fields))

    def _settle(self, account_id: str, account: Account) -> None:
        """Give every verdict that is due, or that a late event changed."""
        for sale in account.sales:
            verdicts: list[Verdict] | None = None
            for index, window in enumerate(self._windows):
                matured_at = sale.at + window
                if matured_at >= self.watermark:
                    continue
                verdict = self._patterns[index].verdict(account, sale)
                before = sale.verdicts[index]
                if verdict is before:
                    continue
                if verdicts is None:
                    verdicts = list(sale.verdicts)
                verdicts[index] = verdict
                self._tell(account_id, account, sale, index, before, verdict)
            if verdicts is not None:
                sale.verdicts = tuple(verdicts)
                self._changed.add(account_id)

    def _tell(
        self,
        account_id: str,
        account: Account,
        sale: SaleRecord,
        index: int,
        before: Verdict,
        verdict: Verdict,
    ) -> None:
        pattern = self._patterns[index]
        matured_at = sale.at + self._windows[index]
        bad = verdict is Verdict.BAD
        event_ids = pattern.evidence_events(account, sale) if bad else ()
        known_at = max(matured_at, self._told_until)
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
                    event_ids=pattern.evidence_events(account, sale),
                    config_hash=self._config_hash,
                )
            )

    def _retract(self, account_id: str, sale: SaleRecord) -> None:
        """Take back what was said of a sale that an earlier claim about it replaces."""
        self._sales.add(sale.agent_id, sale.at, -1)
        nobody = Account()
        for index, verdict in enumerate(sale.verdicts):
            if verdict in (Verdict.GOOD, Verdict.BAD):
                self._tell(account_id, nobody, sale, index, verdict, Verdict.EXCLUDED)

    def _reschedule(self, account_id: str, account: Account) -> None:
        """Set when the account is due next, or forget it."""
        ahead = [
            due
            for sale in account.sales
            for window in self._windows
            if (due := sale.at + window) >= self.watermark
        ]
        due = min(ahead) if ahead else self._last_change(account) + self._corrections_for
        if not ahead and due < self.watermark:
            del self._accounts[account_id]
            self._changed.add(account_id)
            return
        account.due = due
        heapq.heappush(self._agenda, (due, account_id))

    def _last_change(self, account: Account) -> float:
        """Give the time after which no fact can matter but through a late event."""
        last = max((sale.at for sale in account.sales), default=BEGINNING) + max(self._windows)
        for cancellation in account.cancellations:
            last = max(last, cancellation.at)
        return max(last, account.uses[-1]) if account.uses else last

    def _word(self, text: str) -> str:
        """Give one shared copy of a text that many sales repeat."""
        return self._words.setdefault(text, text)


def _cancellation_record(event: Cancellation, at: float) -> CancellationRecord:
    return CancellationRecord(event.sale_id, event.event_id, at, event.reason, event.initiated_by)
