"""What a ledger saw of each site, told by the end of every day (`detectors.messages.seen`).

It is read off the accounts as they are when the watermark passes the end of a day, and nothing is
remembered for it that an account does not hold. So the order of events cannot matter, and a ledger
that was restored tells the same. Of a sale on an account that was sold before nothing is told. Only
what was sold so shortly before it that it is certainly remembered counts: else it would depend on
how far each ledger has come.
"""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Final, NamedTuple, Protocol

from detectors.basis.event_time import DAY, Day, Seconds, day_of, end_of_day
from detectors.basis.identifiers import SaleId
from detectors.facts.account import Account
from detectors.facts.named import named
from detectors.facts.sales import Sold
from detectors.messages.seen import AGENT_GROUPS, DAYS_TOLD, YOUNG, Seen, group_of

MOST_SITES: Final = 1_000
"""Sites of which one ledger tells by the end of a day; of more, the smaller ones as of none."""


class Reach(NamedTuple):
    """How far back a ledger looks, in days: at sales, and at what happened to them.

    No further than all of it is remembered, and than an event may be late. ``before`` is for how
    long before a sale (seconds) others on its account count.
    """

    young: int = YOUNG
    told: int = DAYS_TOLD
    before: float = inf


def reach_of(remembered_for: float, corrections_for: float) -> Reach:
    """Return it for a ledger that remembers sales for so long, and accepts so late events (s)."""
    young = min(YOUNG, int(remembered_for // DAY))
    return Reach(young, min(DAYS_TOLD, int(corrections_for // DAY) + 1), remembered_for)


class Tally:
    """Counts of one site, by the number of days before the last one told."""

    def __init__(self) -> None:
        self.sold = 0
        self.used: Final = [0] * DAYS_TOLD
        self.cancelled: Final = [0] * DAYS_TOLD
        self.came: Final = [0] * AGENT_GROUPS
        self.came_used: Final = [0] * AGENT_GROUPS

    def add(self, other: "Tally") -> None:
        """Add the counts of another site."""
        self.sold += other.sold
        _add(self.used, other.used)
        _add(self.cancelled, other.cancelled)
        _add(self.came, other.came)
        _add(self.came_used, other.came_used)

    def seen(self, site: str | None) -> Seen:
        """Return what is told of a site that has these counts."""
        came = (tuple(self.came), tuple(self.came_used)) if any(self.came) else ()
        return Seen(site, self.sold, tuple(self.used), tuple(self.cancelled), *came)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.sold or any(self.used) or any(self.cancelled) or any(self.came))


def _add(counts: list[int], more: Sequence[int]) -> None:
    for place, number in enumerate(more):
        counts[place] += number


Tallies = dict[str | None, Tally]


class SiteSeen(NamedTuple):
    """What is told of one site, as `Seen` has it, where nothing was cancelled."""

    site: str | None
    sold: int
    used: Sequence[int]
    came: Sequence[int]
    came_used: Sequence[int]


class SeenElsewhere(Protocol):
    """Sales that are kept elsewhere."""

    def days(self) -> Sequence[Day]:
        """Return the days on which there were any."""

    def seen(self, day: Day, reach: Reach) -> Iterable[SiteSeen]:
        """Give what was seen by the end of a day, by site."""


class Seeing:
    """Tells of each day that is complete what was seen by then.

    Parameters
    ----------
    reach
        How far it looks back.
    others
        Knows of sales that are told of here, and were not given to `sold`.
    """

    def __init__(self, reach: Reach, others: SeenElsewhere | None = None) -> None:
        self._reach: Final = reach
        self._others: Final = others
        self._sold: Final[dict[Day, list[Sold]]] = {}
        self._told: dict[Day, list[Seen]] = {}

    def sold(self, day: Day, sold: Sold) -> None:
        """Note a sale of a day."""
        self._sold.setdefault(day, []).append(sold)

    def close(self, since: Day, until: Day) -> None:
        """Tell of the days from `since` to before `until`, which are complete now."""
        elsewhere = [] if self._others is None else self._others.days()
        known = [*self._sold, *(day for day in elsewhere if day < until)]
        if not known:
            return
        # Of what was long ago nothing is told any more, so years without an event cost nothing.
        for day in range(max(since, min(known)), min(until, max(known) + DAYS_TOLD + 1)):
            seen = self._seen(Day(day))
            if seen:
                self._told[Day(day)] = seen
        for old in [day for day in self._sold if day < until - self._reach.young]:
            del self._sold[old]

    def drain(self) -> dict[Day, list[Seen]]:
        """Return what was told since the last call."""
        told, self._told = self._told, {}
        return told

    def _seen(self, day: Day) -> list[Seen]:
        tallies: Tallies = {}
        if self._others is not None:
            for one in self._others.seen(day, self._reach):
                tally = tallies.setdefault(one.site, Tally())
                tally.sold += one.sold
                _add(tally.used, one.used)
                _add(tally.came, one.came)
                _add(tally.came_used, one.came_used)
        for age in range(self._reach.young):
            for sold in self._sold.get(day - age, ()):
                if _is_only_sale(sold, end_of_day(day), self._reach.before):
                    self._count(sold, day, age, tallies.setdefault(sold.sale.site, Tally()))
        return [
            tally.seen(site)
            for site, tally in sorted(_bounded(tallies).items(), key=lambda one: one[0] or "")
            if not tally.is_empty
        ]

    def _count(self, one: Sold, day: Day, age: int, tally: "Tally") -> None:
        account, told = one.account, self._reach.told
        tally.sold += age == 0
        if account.uses and 0 <= (ago := day - day_of(account.uses[0])) < told:
            tally.used[-1 - ago] += 1
        cancelled = _cancelled_at(account, one.sale.sale_id)
        if cancelled is not None and 0 <= (ago := day - day_of(cancelled)) < told:
            tally.cancelled[-1 - ago] += 1
        if age == self._reach.young - 1 and (cancelled is None or day_of(cancelled) > day):
            group = group_of(one.sale.agent_id)
            tally.came[group] += 1
            tally.came_used[group] += bool(account.uses) and day_of(account.uses[0]) <= day


def _is_only_sale(one: Sold, until: Seconds, before: float) -> bool:
    """Return whether its account was sold once until a time, and not shortly `before` (seconds)."""
    account, since = one.account, one.sale.at - before
    if account.is_apart or account.sold_at > since:
        return False
    found = [sale for sale in account.sales if since < sale.at < until]
    return found == [one.sale]


def _cancelled_at(account: Account, sale_id: SaleId) -> Seconds | None:
    """Return when a sale was cancelled for the first time."""
    times = [one.at for one in named(account.cancellations, sale_id)]
    return min(times, default=None)


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
