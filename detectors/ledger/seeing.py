"""What a ledger saw of each site, told by the end of every day (`detectors.messages.seen`).

It is read off the accounts as they are when the watermark passes the end of a day, and nothing is
remembered for it that an account does not hold. So the order of events cannot matter, and a ledger
that was restored tells the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from detectors.basis.event_time import Day, Seconds, day_of, end_of_day
from detectors.basis.identifiers import AccountId, SaleId
from detectors.facts.account import Account
from detectors.facts.sales import Sold
from detectors.messages.seen import DAYS_TOLD, YOUNG, Seen

FEW: Final = 100
"""Sales of an account that are searched for one of them; of more, no site is told of it."""


class Tally:
    """Counts of one site, by the number of days before the last one told."""

    def __init__(self) -> None:
        self.sold = 0
        self.used: Final = [0] * DAYS_TOLD
        self.cancelled: Final = [0] * DAYS_TOLD

    def add(self, other: "Tally") -> None:
        """Add the counts of another site."""
        self.sold += other.sold
        for place in range(DAYS_TOLD):
            self.used[place] += other.used[place]
            self.cancelled[place] += other.cancelled[place]


MOST_SITES: Final = 1_000
"""Sites of which one ledger tells by the end of a day; of more, the smaller ones as of none."""

Tallies = dict[str | None, Tally]


class SeenElsewhere(Protocol):
    """Sales that are kept elsewhere."""

    def days(self) -> Sequence[Day]:
        """Return the days on which there were any."""

    def seen(self, day: Day) -> Iterable[tuple[str | None, int, Sequence[int]]]:
        """Give the sales of a day and the first uses lately, by site, as `Seen` has them."""


class Seeing:
    """Tells of each day that is complete what was seen by then.

    Parameters
    ----------
    others
        Knows of sales that are told of here, and were not given to `sold`.
    """

    def __init__(self, others: SeenElsewhere | None = None) -> None:
        self._others: Final = others
        self._sold: Final[dict[Day, list[Sold]]] = {}
        self._cancelled: Final[dict[Day, dict[AccountId, Account]]] = {}
        self._told: dict[Day, list[Seen]] = {}

    def sold(self, day: Day, sold: Sold) -> None:
        """Note a sale of a day."""
        self._sold.setdefault(day, []).append(sold)

    def cancelled(self, day: Day, account_id: AccountId, account: Account) -> None:
        """Note that a sale on an account was cancelled on a day."""
        self._cancelled.setdefault(day, {})[account_id] = account

    def close(self, since: Day, until: Day) -> None:
        """Tell of the days from `since` to before `until`, which are complete now."""
        elsewhere = [] if self._others is None else self._others.days()
        known = [*self._sold, *self._cancelled, *(day for day in elsewhere if day < until)]
        if not known:
            return
        # Of what was long ago nothing is told any more, so years without an event cost nothing.
        for day in range(max(since, min(known)), min(until, max(known) + DAYS_TOLD + 1)):
            seen = self._seen(Day(day))
            if seen:
                self._told[Day(day)] = seen
        _drop(self._sold, until - YOUNG)
        _drop(self._cancelled, until - DAYS_TOLD)

    def drain(self) -> dict[Day, list[Seen]]:
        """Return what was told since the last call."""
        told, self._told = self._told, {}
        return told

    def _seen(self, day: Day) -> list[Seen]:
        tallies: Tallies = {}
        if self._others is not None:
            for site, sold, used in self._others.seen(day):
                tally = tallies.setdefault(site, Tally())
                tally.sold += sold
                for place, number in enumerate(used):
                    tally.used[place] += number
        self._count_sales(day, tallies)
        for age in range(DAYS_TOLD):
            for account in self._cancelled.get(day - age, {}).values():
                for site in _cancelled_first_on(day - age, account, end_of_day(day)):
                    tallies.setdefault(site, Tally()).cancelled[-1 - age] += 1
        return [
            Seen(site, tally.sold, tuple(tally.used), tuple(tally.cancelled))
            for site, tally in sorted(_bounded(tallies).items(), key=lambda one: one[0] or "")
        ]

    def _count_sales(self, day: Day, tallies: Tallies) -> None:
        for age in range(YOUNG):
            for sold in self._sold.get(day - age, ()):
                account, sale = sold.account, sold.sale
                if len(account.sales) <= FEW and sale not in account.sales:
                    continue  # another record has replaced it
                tally = tallies.setdefault(sale.site, Tally())
                tally.sold += age == 0
                if account.uses and 0 <= (ago := day - day_of(account.uses[0])) < DAYS_TOLD:
                    tally.used[-1 - ago] += 1


def _bounded(tallies: Tallies) -> Tallies:
    """Return tallies with no more than so many sites, the others counted as of none."""
    if len(tallies) <= MOST_SITES:
        return tallies
    ranked = sorted(tallies, key=lambda site: (-tallies[site].sold, site or ""))
    kept = {site: tallies[site] for site in ranked[:MOST_SITES]}
    rest = kept.setdefault(None, Tally())
    for site in ranked[MOST_SITES:]:
        rest.add(tallies[site])
    return kept


def _cancelled_first_on(day: Day, account: Account, before: Seconds) -> Iterator[str | None]:
    """Yield the site of each sale of an account that was cancelled for the first time on a day."""
    first: dict[SaleId, Seconds] = {}
    for record in account.cancellations:
        first[record.sale_id] = min(record.at, first.get(record.sale_id, record.at))
    sites = _sites(account, before)
    for sale_id, at in first.items():
        if day_of(at) == day and (sites is None or sale_id in sites):
            yield None if sites is None else sites[sale_id]


def _sites(account: Account, before: Seconds) -> Mapping[SaleId, str | None] | None:
    """Return the site of each sale made before a time; None if there are too many to look."""
    if len(account.sales) > FEW:
        return None
    return {sale.sale_id: sale.site for sale in account.sales if sale.at < before}


def _drop(days: dict[Day, list[Sold]] | dict[Day, dict[AccountId, Account]], before: int) -> None:
    for day in [day for day in days if day < before]:
        del days[day]
