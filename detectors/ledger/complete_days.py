"""Sales made and sales ended, day by day, emitted once a day is complete."""

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of, end_of_day, start_of_day
from detectors.basis.identifiers import AccountId, GroupKind, PatternName
from detectors.basis.text_hash import sale_hash, sale_hashes
from detectors.facts.account import Account, SaleRecord
from detectors.facts.apart import account_of
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.named import named
from detectors.facts.sales import Sold
from detectors.ledger.seeing import Reach, Seeing, SeenElsewhere
from detectors.messages.candidates import Lots
from detectors.messages.groups import SalesOfGroups, added, sales_of_groups
from detectors.messages.outcomes import SaleEnded, SaleMade, SalesDay
from detectors.patterns import SalePattern


class OtherSales(SeenElsewhere, Protocol):
    """Sales that are kept elsewhere."""

    def made(self, day: Day) -> list[SaleMade]:
        """Return those of a day that somebody made."""

    def groups(self, day: Day, kinds: Collection[GroupKind]) -> SalesOfGroups:
        """Count those, by kind and group."""


_BEFORE_ALL_DAYS: Final = Day(-(2**40))

_FEW: Final = 10
"""Sales of an account that are looked at one by one: nearly every account has one."""


class CompleteDays:
    """The sales of each day as accounts hold them when the watermark passes the end of the day.

    Until then a day only remembers where to look, so the order of events cannot matter; an event
    that comes after that is not emitted, and changes nothing that was. A sale whose end became
    known only after its day was closed counts as going on.

    Order of calls: `close_before` whenever the watermark has moved and before an event behind it is
    merged, so that what is emitted does not depend on how often it is drained.

    Parameters
    ----------
    patterns
        Those that judge sales; sales ended are emitted for the early ones.
    groups
        The kinds of groups for which sales are counted.
    others
        Knows of sales that are told of here when their day is complete, and not before.
    reach
        How far back it is told what was seen.
    lots
        Draws which sales may be asked for; None: none may.

    Attributes
    ----------
    seeing
        Tells of the same days what was seen.
    """

    def __init__(
        self,
        patterns: Sequence[SalePattern],
        groups: Collection[GroupKind] = (),
        others: OtherSales | None = None,
        reach: Reach = Reach(),  # noqa: B008 - it cannot change
        lots: Lots | None = None,
    ) -> None:
        self.groups: Final = groups
        self._others: Final = others
        self._lots: Final = lots
        self.seeing: Final = Seeing(reach, others)
        self._early: Final = [(p, seconds_of(p.window)) for p in patterns if p.early]
        self._made: Final[dict[Day, list[Sold]]] = {}
        self._ending: Final[dict[Day, dict[AccountId, Account]]] = {}
        self._complete: dict[Day, SalesDay] = {}
        self._open_since = _BEFORE_ALL_DAYS

    def __len__(self) -> int:
        """Count what is remembered of days that are not complete."""
        return sum(map(len, (*self._made.values(), *self._ending.values())))

    def sold(self, day: Day, sold: Sold) -> None:
        """Record a sale of a day. Its account may hold cancellations of it already."""
        self.seeing.sold(day, sold)
        if day < self._open_since or sold.sale.agent_id is None:
            return
        made = self._made.get(day)
        if made is None:
            self._made[day] = [sold]
        else:
            made.append(sold)
        # A cancellation that is dated before its sale ends it on the day of the sale.
        if sold.account.cancellations:
            self._look_at(day, sold.account_id, sold.account)

    def cancelled(
        self, record: CancellationRecord, account_id: AccountId, account: Account
    ) -> None:
        """Record that a sale on an account, known or not yet, was cancelled."""
        # One that is dated before its sale ends it on the day of the sale, whichever came first.
        times = [record.at, *[sale.at for sale in named(account.sales, record.sale_id)]]
        for day in {day_of(at) for at in times if at >= record.at}:
            if day >= self._open_since:
                self._look_at(day, account_id, account)

    def close_before(self, watermark: Seconds) -> None:
        """Close the days that end before or at a watermark (seconds), as accounts are now."""
        if watermark == BEGINNING or day_of(watermark) <= self._open_since:
            return
        before, self._open_since = self._open_since, day_of(watermark)
        self.seeing.close(before, self._open_since)
        elsewhere = [] if self._others is None else self._others.days()
        known = {*self._made, *self._ending, *(day for day in elsewhere if day >= before)}
        for day in sorted(day for day in known if day < self._open_since):
            kept = _kept(self._made.pop(day, []))
            made = _made(kept, self._lots)
            groups = sales_of_groups([sold.sale for sold in kept], self.groups)
            if self._others is not None and day in elsewhere:
                made += self._others.made(day)
                groups = added(groups, self._others.groups(day, self.groups))
            ended = self._ended(day, self._ending.pop(day, {}))
            if made or ended:
                self._complete[day] = SalesDay(made, ended, groups)

    def drain(self) -> dict[Day, SalesDay]:
        """Return the days that were closed since the last call."""
        days, self._complete = self._complete, {}
        return days

    def _look_at(self, day: Day, account_id: AccountId, account: Account) -> None:
        if self._early:
            self._ending.setdefault(day, {})[account_id] = account

    def _ended(
        self, day: Day, accounts: dict[AccountId, Account]
    ) -> dict[PatternName, list[SaleEnded]]:
        by_pattern: dict[PatternName, list[SaleEnded]] = {}
        for pattern, window in self._early:
            ended = [
                SaleEnded(
                    sale.agent_id,
                    day_of(sale.at),
                    sale_hash(sale.sale_id, account_of(account_id)),
                    ending.bad and not sale.is_undecided,
                )
                for account_id, account in accounts.items()
                for sale in _perhaps_ended(day, account)
                if sale.agent_id is not None
                and (ending := pattern.ending(account, sale, sale.at + window)) is not None
                and day_of(ending.at) == day
            ]
            if ended:
                by_pattern[pattern.name] = ended
        return by_pattern


def _perhaps_ended(day: Day, account: Account) -> Sequence[SaleRecord]:
    """Return the sales of an account that may have ended on a day, perhaps others too.

    A sale ends when it is cancelled, and not before it is made.
    """
    if len(account.sales) <= _FEW:
        return account.sales
    start, end = start_of_day(day), end_of_day(day)
    cancelled = {one.sale_id for one in account.cancellations if start <= one.at <= end}
    return [sale for sale in account.sales if start <= sale.at <= end or sale.sale_id in cancelled]


def _kept(sales: list[Sold]) -> list[Sold]:
    """Return sales without those that another record has replaced, or that are nobody's."""
    return [
        sold
        for sold in sales
        if sold.sale in named(sold.account.sales, sold.sale.sale_id) and not sold.sale.is_undecided
    ]


def _made(kept: list[Sold], lots: Lots | None) -> list[SaleMade]:
    """Return the sales of a day."""
    hashes = sale_hashes([(sold.sale.sale_id, account_of(sold.account_id)) for sold in kept])
    return [
        SaleMade(
            agent_id,
            sale.cell,
            hashed,
            sale.batch,
            sale.log_amount,
            None if lots is None else lots.candidate(sale, sold.account_id),
        )
        for sold, hashed in zip(kept, hashes, strict=True)
        if (agent_id := (sale := sold.sale).agent_id) is not None
    ]
