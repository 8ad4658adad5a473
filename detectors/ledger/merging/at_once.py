"""What is certain of a sale before its window ends is told of its account at once.

When it is certain is a function of event time alone (`SalePattern.certain_at`), and it is told once
the watermark has passed that moment. So neither the order in which events come in time nor how
often a ledger is drained matters. The rate waits for the window: a bad sale that counted before the
good ones of its day would raise every rate.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Final

from msgspec import structs

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, SaleRecord
from detectors.facts.acts import any_of
from detectors.facts.apart import account_of
from detectors.facts.other_sites import other_sites
from detectors.facts.questions import CANCELLATIONS, acts_asked, asks_activity
from detectors.facts.sales import Sales, Sold
from detectors.facts.uses import any_within
from detectors.messages.findings import AccountFinding
from detectors.patterns import SalePattern


class Asked:
    """The patterns of a ledger as they are asked.

    Parameters
    ----------
    patterns, windows
        The enabled patterns that judge sales, and their windows in seconds.
    numbers
        The names of the numbers that sales remember.
    forgiven, remembered_for
        Seconds, as in `Sales`, and for how long sales are remembered.
    heeds_merges
        Whether nothing is told of a sale that lies around a merge of its account.
    """

    def __init__(
        self,
        patterns: Sequence[SalePattern],
        windows: Sequence[float],
        numbers: Sequence[str],
        forgiven: float,
        remembered_for: float,
        *,
        heeds_merges: bool,
    ) -> None:
        self.patterns: Final = patterns
        self.windows: Final = windows
        self.remembered_for: Final = remembered_for
        self._numbers: Final = numbers
        self._forgiven: Final = forgiven
        self._heeds_merges: Final = heeds_merges
        questions: Final = [pattern.questions for pattern in patterns]
        self._by_activity: Final = [asks_activity(one) for one in questions]
        self._by_cancellation: Final = [CANCELLATIONS in one for one in questions]
        self._acts: Final = [acts_asked(one) for one in questions]

    def sales(self, rows: Sequence[Sold], index: int) -> Sales:
        """Return some sales as the pattern number `index` judges them."""
        return Sales(rows, self.windows[index], self._forgiven, self._numbers)

    def certain_at(self, rows: Sequence[Sold], index: int) -> list[float]:
        """Return when each of some sales was certainly bad by a pattern; infinite if never.

        Not where nobody can tell whose sale it is or what the account was used for, nor after the
        account became part of another one.
        """
        moments = [inf] * len(rows)
        concerned = [n for n, sold in enumerate(rows) if self.concerns(sold.account, index)]
        if not concerned:  # nearly always: the columns would cost more than to look
            return moments
        sales = self.sales([rows[number] for number in concerned], index)
        certain: list[float] = self.patterns[index].certain_at(sales).tolist()
        by_activity, window = self._by_activity[index], self.windows[index]
        for number, at in zip(concerned, certain, strict=True):
            sale, account = rows[number].sale, rows[number].account
            if at == inf or sale.is_undecided or (by_activity and account.is_apart):
                continue
            begin, end = Seconds(sale.at - window), Seconds(at)
            if not (self._heeds_merges and any_within(account.merges, begin, end)):
                moments[number] = at
        return moments

    def concerns(self, account: Account, index: int) -> bool:
        """Return whether anything is known of an account that makes a pattern certain."""
        if account.cancellations and self._by_cancellation[index]:
            return True
        return bool(account.acts) and any_of(account.acts, self._acts[index])


class AtOnce:
    """Tells findings about accounts, of the patterns that do not wait for the end of a window.

    Parameters
    ----------
    asked
        The patterns.
    found
        Where findings are put.
    """

    def __init__(self, asked: Asked, found: list[AccountFinding]) -> None:
        self._asked: Final = asked
        self._found: Final = found
        self._indexes: Final = tuple(
            index for index, pattern in enumerate(asked.patterns) if pattern.tells_at_once
        )

    def moments(self, account_id: AccountId, account: Account) -> Sequence[Seconds]:
        """Return when it is certain of sales of an account what was not told of them yet."""
        if not self._indexes:  # nearly always, and it is asked after every event
            return ()
        return [
            at
            for index, sold, at in self._certain(account_id, account)
            if at < inf and sold.sale.is_pending(index) and not _is_told(sold.sale, index)
        ]

    def tell(self, account_id: AccountId, account: Account, until: Seconds) -> bool:
        """Tell what has become certain of an account before a time; return whether anything has.

        Of sales whose windows are open: of others it was told when they ended.
        """
        if not self._indexes:
            return False
        was_due = False
        for index, sold, at in self._certain(account_id, account):
            if at < until and sold.sale.is_pending(index) and not _is_told(sold.sale, index):
                self._tell(index, sold, at, at)
                was_due = True
        return was_due

    def tell_reached(self, index: int, rows: Sequence[Sold]) -> None:
        """Tell what is certain by a pattern of sales that have just reached its window."""
        if index not in self._indexes:
            return
        for sold, at in zip(rows, self._asked.certain_at(rows, index), strict=True):
            if at < inf and not _is_told(sold.sale, index):
                self._tell(index, sold, Seconds(at), Seconds(at))

    def tell_again(
        self,
        account_id: AccountId,
        account: Account,
        watermark: Seconds,
        sales: Iterable[SaleRecord],
    ) -> None:
        """Tell or take back what a late event has changed about some sales of an account."""
        rows = [Sold(sale, account_id, account) for sale in sales] if self._indexes else []
        for index in self._indexes:
            for sold, at in zip(rows, self._asked.certain_at(rows, index), strict=True):
                is_told = _is_told(sold.sale, index)
                if (at < watermark) is not is_told:
                    self._tell(index, sold, watermark if is_told else Seconds(at), watermark)

    def take_back(
        self, index: int, account_id: AccountId, sale: SaleRecord, known_at: Seconds
    ) -> None:
        """Take back what a pattern told of a sale, if it has."""
        if index in self._indexes and _is_told(sale, index):
            at = max(known_at, sale.opened[index])
            self._tell(index, Sold(sale, account_id, Account()), at, at)

    def _certain(
        self, account_id: AccountId, account: Account
    ) -> Iterator[tuple[int, Sold, Seconds]]:
        concerned = [one for one in self._indexes if self._asked.concerns(account, one)]
        if not concerned:
            return
        rows = [Sold(sale, account_id, account) for sale in account.sales]
        for index in concerned:
            for sold, at in zip(rows, self._asked.certain_at(rows, index), strict=True):
                yield index, sold, Seconds(at)

    def tell_at_end(self, index: int, sold: Sold, known_at: Seconds, *, bad: bool) -> None:
        """Tell by a pattern that waits for the end of the window, if it tells of accounts."""
        if self._asked.patterns[index].alerts_on_account and index not in self._indexes:
            end = Seconds(sold.sale.at + self._asked.windows[index])
            self._put(index, sold, end, known_at, end, withdrawn=not bad)

    def _tell(self, index: int, sold: Sold, at: Seconds, known_at: Seconds) -> None:
        """Tell what is not told yet, or take it back, by what was known at a time."""
        sale = sold.sale
        times = [*sale.opened, *[BEGINNING] * (index + 1 - len(sale.opened))]
        if times[index] == BEGINNING:
            times[index] = at
            sale.opened = tuple(times)
        known = structs.replace(sold, account=_known_until(sold.account, at))
        self._put(index, known, at, known_at, times[index], withdrawn=_is_told(sale, index))

    def _put(
        self,
        index: int,
        sold: Sold,
        until: Seconds,
        known_at: Seconds,
        opened_at: Seconds,
        *,
        withdrawn: bool,
    ) -> None:
        pattern, sale, account = self._asked.patterns[index], sold.sale, sold.account
        end, since = sale.at + self._asked.windows[index], known_at - self._asked.remembered_for
        self._found.append(
            AccountFinding(
                pattern.name,
                account_of(sold.account_id),
                sale,
                sale.next_revision(index),
                known_at,
                withdrawn=withdrawn,
                event_ids=pattern.evidence_events(account, sale, Seconds(end)),
                opened_at=opened_at,
                other_sites=other_sites(account, sale, until, since),
            )
        )


def _known_until(account: Account, at: Seconds) -> Account:
    """Return what is known of an account of the time up to a moment."""
    return structs.replace(
        account,
        sales=tuple([one for one in account.sales if one.at <= at]),
        cancellations=tuple([one for one in account.cancellations if one.at <= at]),
        acts=tuple([one for one in account.acts if one.at <= at]),
    )


def _is_told(sale: SaleRecord, index: int) -> bool:
    """Return whether an alert of a pattern is open: every other revision withdraws it."""
    return index < len(sale.revisions) and sale.revisions[index] % 2 == 1
