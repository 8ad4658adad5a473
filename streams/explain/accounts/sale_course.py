"""What one pattern says of the sales on an account, event by event, in plain Python.

Written apart from the ledger: every fact is kept, and none is thinned or forgotten. Only the
pattern is the same: its verdict, its words and the events that it points to.
"""

from collections.abc import Iterable
from math import inf
from operator import attrgetter
from typing import Final, NamedTuple

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds, seconds_at
from detectors.basis.identifiers import AccountId, AgentId
from detectors.events.event import (
    AccountActivity,
    AccountEvent,
    AccountMerged,
    Cancellation,
    Sale,
)
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import Acts, act_of, with_act
from detectors.facts.cancelling import CancellationRecord, in_order
from detectors.facts.claims import contradictions, corrections, known_claim, precedes
from detectors.facts.from_events import Standing, cancellation_record, sale_record, standing
from detectors.facts.questions import CANCELLATIONS, asks_activity, numbers_asked
from detectors.facts.sales import Sales, Sold
from detectors.facts.uses import OtherUses
from detectors.ledger.cells import CellNames
from detectors.patterns import SalePattern
from detectors.settings import Settings
from streams.files.events import Origin


class Arrived(NamedTuple):
    """An event, where it stands, and the watermark (seconds) when it came.

    ``as_arrived``: whether sales until then stand in the order in which they arrived.
    """

    event: AccountEvent
    origin: Origin
    watermark: Seconds
    as_arrived: bool


class Followed:
    """A sale, what the pattern said of it last, and how often there was news of it."""

    def __init__(self, sale: SaleRecord) -> None:
        self.sale: Final = sale
        self.verdict = Verdict.PENDING
        self.revision = 0
        self.opened_at: Seconds | None = None
        self.replaced_by: SaleRecord | None = None


class SaleCourse:
    """The verdicts of one pattern on the sales of one account, as they became known.

    Parameters
    ----------
    settings
        All settings.
    pattern
        Whose verdicts.
    account_id, arrived
        The account and its events, in the order in which they came.
    watermark
        The time (seconds) up to which everything has come.

    Attributes
    ----------
    account
        All that is known of the account in the end.
    numbers
        Which numbers its records keep of their events, in their order.
    """

    def __init__(
        self,
        settings: Settings,
        pattern: SalePattern,
        account_id: AccountId,
        arrived: Iterable[Arrived],
        watermark: Seconds,
    ) -> None:
        self._pattern: Final = pattern
        self._account_id: Final = account_id
        self._window: Final = seconds_of(pattern.window)
        self._forgiven: Final = settings.time.forgiven
        self._heeds_versions: Final = settings.corrections.versions
        longest = settings.longest()
        self.remembered_for: Final = longest + seconds_of(settings.time.corrections_for)
        self._cells: Final = CellNames(settings.peers.cell)
        self.numbers: Final = numbers_asked(
            question
            for one in (*settings.patterns.on_sales(), *settings.commission.asked())
            for question in one.questions
        )
        self._sales: Final[list[Followed]] = []
        self._cancellations: Final[set[CancellationRecord]] = set()
        self._kinds_of_use: Final = settings.patterns.kinds_of_use()
        self._looked_at: Final = settings.patterns.kinds_of_acts()
        self._acts: Acts = ()
        self._uses: Final[set[Seconds]] = set()
        self._other_uses: Final[dict[tuple[AgentId | None, bool], set[Seconds]]] = {}
        self._heeds_merges: Final = settings.corrections.merges
        self._merges: Final[set[Seconds]] = set()
        self._undecided = 0
        for event, _, reached, as_arrived in arrived:
            self._settle(reached)
            undecided = self._undecided
            self._merge(event, reached, as_arrived=as_arrived)
            if seconds_at(event.occurred_at) < reached or self._undecided > undecided:
                self._correct(reached)
        self._settle(watermark)
        self.account: Final = self._known()

    def hear(
        self, followed: Followed, before: Verdict, account: Account, known_at: Seconds
    ) -> None:
        """Take in that the verdict on a sale is not the one `before` any more.

        Called while the course is made, in the order in which verdicts became known.
        """

    def hold(self, new: Followed) -> None:
        """Take in that a record holds from now on."""

    def is_told_as(self, known: SaleRecord, record: SaleRecord) -> bool:
        """Return whether what was said of one record holds of another one of the same sale."""
        return known.is_told_as(record)

    def _settle(self, until: Seconds) -> None:
        """Judge the sales whose windows end before `until` and that were not judged yet."""
        account = self._known()
        for followed in self._sales:
            end = followed.sale.at + self._window
            if self._pattern.tells_at_once:
                at = self.certain_at(followed.sale, account)
                if at < until and followed.verdict is not Verdict.BAD:
                    self._become(followed, Verdict.BAD, account, at)
            elif end < until and followed.verdict is Verdict.PENDING:
                self._judge(followed, account, end)

    def _correct(self, reached: Seconds) -> None:
        """Judge again every sale whose window had passed when a late event came.

        If it is told at once, every sale.
        """
        account = self._known()
        for followed in self._sales:
            if self._pattern.tells_at_once:
                is_bad = self.certain_at(followed.sale, account) < reached
                verdict = Verdict.BAD if is_bad else Verdict.PENDING
                self._become(followed, verdict, account, reached)
            elif followed.sale.at + self._window < reached:
                self._judge(followed, account, reached)

    def _judge(self, followed: Followed, account: Account, known_at: Seconds) -> None:
        sale = followed.sale
        verdict = self._pattern.verdict(self.sales_of(sale, account))
        if sale.is_undecided or self.merged(sale):
            verdict = Verdict.EXCLUDED
        self._become(followed, verdict, account, known_at)

    def merged(self, sale: SaleRecord) -> bool:
        """Return whether the account became part of another one within the window of a sale.

        What was certain before that, and told at once, stands.
        """
        asks = asks_activity(self._pattern.questions) or CANCELLATIONS in self._pattern.questions
        return asks and any(abs(at - sale.at) <= self._window for at in self._merges)

    def certain_at(self, sale: SaleRecord, account: Account) -> Seconds:
        """Return when a sale was certainly bad, infinite if it never was."""
        at = float(self._pattern.certain_at(self.sales_of(sale, account))[0])
        is_merged = any(sale.at - self._window <= one <= at for one in self._merges)
        return Seconds(inf if sale.is_undecided or is_merged else at)

    def sales_of(self, sale: SaleRecord, account: Account) -> Sales:
        """Return a sale as the pattern judges it, by what is known of its account."""
        names = [number.field for number in self.numbers]
        sold = Sold(sale, self._account_id, account)
        return Sales([sold], self._window, self._forgiven, names)

    def _become(
        self, followed: Followed, verdict: Verdict, account: Account, known_at: Seconds
    ) -> None:
        before = followed.verdict
        if verdict is not before:
            followed.verdict = verdict
            self.hear(followed, before, account, known_at)

    def _merge(self, event: AccountEvent, reached: Seconds, *, as_arrived: bool) -> None:
        at = seconds_at(event.occurred_at)
        match event:
            case Sale():
                self._claim(event, at, reached, as_arrived=as_arrived)
            case Cancellation():
                self._cancellations.add(cancellation_record(event, at))
            case AccountActivity():
                act = act_of(event, at, self._looked_at)
                self._acts = (act and with_act(self._acts, act)) or self._acts
                is_use = standing(event, self._kinds_of_use)
                if is_use is Standing.USE and event.agent_id is None:
                    self._uses.add(at)
                elif is_use is not Standing.NO_USE:
                    key = (event.agent_id, is_use is Standing.USE)
                    self._other_uses.setdefault(key, set()).add(at)
            case AccountMerged():
                if self._heeds_merges and event.into_account_id != event.account_id:
                    self._merges.add(at)

    def _claim(self, event: Sale, at: Seconds, reached: Seconds, *, as_arrived: bool) -> None:
        """Let the greatest version hold, of it the earliest that agrees with what came first."""
        record = sale_record(event, at, self._cells.of(event), self.numbers)
        record.version = record.version if self._heeds_versions else 1
        sale = known_claim([one.sale for one in self._sales], record, self.remembered_for)
        if sale is not None and sale.version != record.version:
            record.corrected = sale.corrected = sale.corrected | corrections(sale, record)
            if sale.version < record.version:
                self._hold(record, sale, reached)
            return
        if sale is not None and (fields := contradictions(sale, record)):
            sale.contested |= fields
            self._undecided += not (as_arrived or sale.is_undecided)
            sale.is_undecided |= not as_arrived
            return
        if sale is not None and precedes(sale, record):
            return
        if sale is not None:
            record.contested, record.is_undecided = sale.contested, sale.is_undecided
            record.corrected = sale.corrected
        self._hold(record, sale, reached)

    def _hold(self, record: SaleRecord, sale: SaleRecord | None, reached: Seconds) -> None:
        """Let a record hold, in the place of another one if there is one."""
        new = Followed(record)
        if sale is not None:
            self._replace(next(one for one in self._sales if one.sale is sale), new, reached)
        self._sales.append(new)
        self.hold(new)

    def _replace(self, known: Followed, new: Followed, reached: Seconds) -> None:
        """Take back what was said of a sale, unless the other record says the same of it."""
        old, record = known.sale, new.sale
        if self.is_told_as(old, record):
            new.verdict = known.verdict
        elif known.verdict is not Verdict.PENDING:
            taken_back_at = max(known.opened_at or old.at + self._window, reached)
            self._become(known, Verdict.EXCLUDED, Account(), taken_back_at)
        if old.at == record.at:
            new.revision, new.opened_at = known.revision, known.opened_at
        known.replaced_by = record
        self._sales.remove(known)

    def _known(self) -> Account:
        return Account(
            # In the order of the sales they name, as in a ledger: of many they are found by it.
            tuple(sorted((followed.sale for followed in self._sales), key=attrgetter("sale_id"))),
            tuple(sorted(self._cancellations, key=lambda one: (one.sale_id, *in_order(one)))),
            tuple(sorted(self._uses)),
            tuple(
                OtherUses(agent_id, is_certain, tuple(sorted(times)))
                for (agent_id, is_certain), times in self._other_uses.items()
            ),
            acts=self._acts,
        )
