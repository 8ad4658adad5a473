"""Plain accounts of a ledger: joined in blocks, settled in columns, and given away as objects.

A plain account is kept in a row of arrays. To whatever happens to few accounts the ledger has one
answer: it keeps the account as an object from then on. So nothing is defined twice but what is
certainly the same, and which of both an account is changes nothing that is told of it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AccountId, GroupKind
from detectors.events.event import AccountActivity
from detectors.evidence.arrays import Reals
from detectors.facts.account import Account, Verdict
from detectors.facts.questions import USES, traffic_asked
from detectors.ledger.agreement import NEWEST, Agreement
from detectors.ledger.matches import MatchCounts
from detectors.ledger.plain.cohorts import RowCohorts
from detectors.ledger.plain.columns import packed, unpacked
from detectors.ledger.plain.joined import Joined, Times
from detectors.ledger.plain.joining import (
    JUMP,
    LATENESS,
    LOOKED_AT,
    MAY_BE_USE,
    NO_USE,
    OTHERS,
    REMEMBERED_FOR,
    SPAN_OF_USES,
    TRAFFIC,
    UNTIL,
    USE,
    USES_KEPT_FOR,
    WATERMARK,
)
from detectors.ledger.plain.layout import NO_NAME, NOT_FOUND, PLAIN, Numbers
from detectors.ledger.plain.leaving import (
    LONE_ACCOUNTS,
    LONE_SALES,
    SALES,
    USED,
    leave_cohort,
)
from detectors.ledger.plain.sales import PlainSales
from detectors.ledger.plain.seeing import seen_of
from detectors.ledger.plain.store import PlainStore
from detectors.ledger.plain.telling import good_outcomes, sales_made
from detectors.ledger.plain.waiting import Waiting
from detectors.ledger.seeing import Reach, SiteSeen
from detectors.ledger.settlement import Settlement
from detectors.messages.groups import SalesOfGroups
from detectors.messages.outcomes import SaleMade
from detectors.patterns.commission import COMMISSION
from detectors.scanning.fields import words_of
from detectors.scanning.lines import ScannedLines
from detectors.settings import Settings


class PlainAccounts:
    """The plain accounts of one ledger partition.

    Parameters
    ----------
    settings
        All settings.
    settlement
        That of the ledger.
    longest
        The longest window, in seconds.
    """

    def __init__(self, settings: Settings, settlement: Settlement, longest: float) -> None:
        time = settings.time
        is_derived = any(number.derive is not None for number in settlement.numbers)
        # Objects tell what is derived or looked for across accounts.
        across: Final = settings.patterns.across_accounts()
        needs_objects = is_derived or bool(across)
        self._settlement: Final = settlement
        self._longest: Final = longest
        self._forgiven: Final = time.forgiven
        self._doubted: Final = time.doubted
        self._corrections_for: Final = seconds_of(time.corrections_for)
        self._lots: Final = settings.verification.lots()
        self._numbers: Final = tuple(number.field for number in settlement.numbers)
        cell = None if needs_objects else settings.peers.cell
        self.store: Final = PlainStore(len(self._numbers), cell)
        remembered_for = longest + self._corrections_for
        self.cohorts: Final = RowCohorts((*settlement.windows, remembered_for))
        kept_for = self._doubted + self._corrections_for
        self._waiting: Final = Waiting(kept_for)
        span = settlement.span_of(USES)
        self._times: Final[Reals] = np.zeros(TRAFFIC + 1)
        self._times[LATENESS] = seconds_of(time.allowed_lateness)
        self._times[JUMP] = seconds_of(time.largest_jump)
        self._times[REMEMBERED_FOR] = remembered_for
        self._times[USES_KEPT_FOR] = kept_for
        self._times[SPAN_OF_USES] = np.nan if span is None else span
        asked = (one for pattern in across for one in pattern.questions)
        self._times[TRAFFIC] = np.nan if traffic_asked(asked) is None else 0.0
        use, looked_at = settings.patterns.kinds_of_use(), settings.patterns.kinds_of_acts()
        self._kinds: Final = np.array(
            [_kind(word, use, looked_at) for word in words_of(AccountActivity, "kind")]
        )
        by = {"customer": USE, "unknown": MAY_BE_USE}
        self._initiators: Final = np.array(
            [by.get(word, NO_USE) for word in words_of(AccountActivity, "initiated_by")]
        )

    def __len__(self) -> int:
        """Count the accounts that are known, those kept elsewhere among them."""
        return len(self.store)

    def join(
        self, scanned: ScannedLines, first: int, times: Times, clock: Agreement, told: Reals
    ) -> Joined:
        """Join lines from the one at `first` on, and move the clock of their source with them.

        It stops at one that is late or not recognised, and behind one that moved time far.
        `told`, shape (kinds of events, 4), counts events by what became of them
        (`joining.APPLIED`); its last column is the newest time of those that were read.
        """
        array = self._times
        array[WATERMARK], array[OTHERS], array[UNTIL] = times
        stopped, newest_line, lists = self.store.join(
            scanned, first, array, clock, self._kinds, self._initiators, told
        )
        if len(lists.made):
            self.cohorts.add(lists.made, self.store.arrays.rows["at"][lists.made])
        self._waiting.add(self.store.arrays, lists.alone)
        later = zip(lists.later.tolist(), lists.watermarks.tolist(), strict=True)
        newest = Seconds(float(clock.times[NEWEST]))
        watermark = Seconds(float(array[WATERMARK]))
        taken = self._taken(np.unique(lists.later_rows[lists.later_rows != NOT_FOUND]))
        return Joined(stopped, newest, watermark, newest_line, list(later), taken)

    def keep_elsewhere(self, account_id: AccountId) -> None:
        """Note that an account is kept as an object."""
        row = self.store.find(account_id)
        self.store.move_elsewhere(
            np.array([self.store.new(account_id) if row == NOT_FOUND else row])
        )

    def forget(self, account_ids: Sequence[AccountId]) -> None:
        """Forget accounts that were kept as objects."""
        if account_ids:
            self.store.forget(account_ids)

    def take(self, account_id: AccountId) -> dict[AccountId, Account]:
        """Return a plain account, to be kept as an object from now on; nothing if it is none."""
        row = self.store.find(account_id)
        return {} if row == NOT_FOUND else self._taken(np.array([row]))

    def _taken(self, rows: Numbers) -> dict[AccountId, Account]:
        rows = rows[self.store.are_plain(rows)]
        if not len(rows):
            return {}
        accounts = self.store.accounts(rows)
        self.store.move_elsewhere(rows)
        return accounts

    def knows(self, account_id: AccountId) -> bool:
        """Return whether there is an account of this id, wherever it is kept."""
        return self.store.find(account_id) != NOT_FOUND

    def account(self, account_id: AccountId) -> Account | None:
        """Return a plain account as an object; None if it is none."""
        row = self.store.find(account_id)
        rows = np.array([] if row == NOT_FOUND else [row], dtype=np.int32)
        return self.store.accounts(rows[self.store.are_plain(rows)]).get(account_id)

    def accounts(self) -> dict[AccountId, Account]:
        """Return all plain accounts as objects."""
        rows = np.flatnonzero(self.store.arrays.rows["state"] == PLAIN)
        return self.store.accounts(rows.astype(np.int32))

    def changed(self) -> Numbers:
        """Return the rows of plain accounts that changed since the last call."""
        rows = self.store.arrays.rows
        changed: Numbers = np.flatnonzero(rows["is_changed"]).astype(np.int32)
        rows["is_changed"][changed] = False
        plain: Numbers = changed[rows["state"][changed] == PLAIN]
        return plain

    def rows(self) -> Numbers:
        """Return the rows of all plain accounts."""
        rows: Numbers = np.flatnonzero(self.store.arrays.rows["state"] == PLAIN).astype(np.int32)
        return rows

    def packed(self, rows: Numbers) -> bytes:
        """Return those plain accounts that are still in some rows as bytes."""
        return packed(self.store, rows[self.store.arrays.rows["state"][rows] == PLAIN])

    def restore(self, data: bytes, watermark: Seconds) -> list[AccountId]:
        """Restore what `packed` gave, but for accounts that are known already.

        Return those that nobody needs any more. They are known until they are forgotten, so that no
        older state of them is restored.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are not of that kind, or were saved under other settings.
        """
        names, columns = unpacked(data)
        if columns.numbers.shape[1] != len(self._numbers):
            raise IncompatibleSnapshot("a segment of accounts has other numbers than are asked for")
        last = columns.last_use() + self._doubted
        last = np.fmax(last, columns.at + self._longest) + self._corrections_for
        rows = self.store.restore(names, columns, last >= watermark)
        is_plain = self.store.are_plain(rows)
        passed, rows = rows[~is_plain], rows[is_plain]
        at = self.store.arrays.rows["at"][rows]
        self.cohorts.add(rows[~np.isnan(at)], at[~np.isnan(at)])
        self._waiting.add(self.store.arrays, rows[np.isnan(at)])
        return self.store.identities(passed).accounts

    def days(self) -> list[Day]:
        """Return the days on which plain accounts were sold, as far as they are remembered."""
        return self.cohorts.days()

    def made(self, day: Day) -> list[SaleMade]:
        """Return the sales of a day that somebody made."""
        return sales_made(self.store, self._made_by_somebody(day), self._lots)

    def groups(self, day: Day, kinds: Collection[GroupKind]) -> SalesOfGroups:
        """Count the sales of a day that somebody made, by kind and group."""
        rows = self._made_by_somebody(day)
        counted = {kind: self.store.counted(rows, kind) for kind in kinds}
        return {kind: counts for kind, counts in counted.items() if counts}

    def seen(self, day: Day, reach: Reach) -> Iterable[SiteSeen]:
        """Give what was seen by the end of a day, by site."""
        return seen_of(self.store, self.cohorts, day, reach)

    def _made_by_somebody(self, day: Day) -> Numbers:
        rows, columns = self.cohorts.of(day), self.store.arrays.rows
        is_made = (columns["state"][rows] == PLAIN) & (columns["agent"][rows] != NO_NAME)
        made: Numbers = rows[is_made]
        return made

    def settle(self, index: int, watermark: Seconds) -> dict[AccountId, Account]:
        """Settle what has reached the window of a pattern, by its number.

        Return the accounts of which there is more to be told, to be kept as objects from now on.
        """
        rows = self.cohorts.reach(index, watermark)
        if not len(rows):
            return {}
        arrays, shift = self.store.arrays, np.uint64(2 * index)
        columns = arrays.rows
        is_new = columns["verdicts"][rows] >> shift & np.uint64(3) == 0
        is_new &= columns["state"][rows] == PLAIN
        rows = rows[is_new & ~np.isnan(columns["at"][rows])]
        if not len(rows):
            return {}
        window = self._settlement.windows[index]
        sales = PlainSales(self.store, rows, window, self._forgiven, self._numbers)
        verdicts = self._settlement.verdicts_on(index, sales)
        is_good, is_bad = verdicts == Verdict.GOOD, verdicts == Verdict.BAD
        told = rows[~is_bad]
        arrays.rows["verdicts"][told] |= verdicts[~is_bad].astype(np.uint64) << shift
        arrays.rows["is_changed"][told] = True
        name, ends = self._settlement.names[index], sales.end[is_good]
        good = good_outcomes(self.store, rows[is_good], name, ends)
        if self._settlement.commissions.asks(index):
            amounts = COMMISSION.answer(sales)[is_good]
            self._settlement.commissions.tell_good(index, good, sales.at[is_good], amounts)
        else:
            self._settlement.tell_good(good)
        return self._taken(rows[is_bad])

    def leave(self, watermark: Seconds, counts: MatchCounts, *, knows_both: bool) -> None:
        """Forget what nothing can change any more, and count it."""
        reached = self.cohorts.reach(-1, watermark)
        found = np.zeros(LONE_ACCOUNTS + 1, dtype=np.int64)
        arrays = self.store.arrays
        alone = np.zeros(len(reached) + 1, dtype=np.int32)
        spans = (self._longest, self._doubted, self._corrections_for)
        leave_cohort(arrays, reached, watermark, *spans, found, alone)
        self._waiting.add(arrays, alone[1 : alone[0] + 1])
        self._waiting.forget(arrays, watermark, found)
        counts.sales += int(found[SALES])
        counts.used += int(found[USED])
        counts.lone_sales += int(found[LONE_SALES]) * knows_both
        counts.lone_accounts += int(found[LONE_ACCOUNTS])
        self.store.forget_names()


def _kind(word: str, use: Collection[str], looked_at: Collection[str]) -> int:
    if word in use or word in looked_at:
        return LOOKED_AT if word in looked_at else USE
    return MAY_BE_USE if word == "other" else NO_USE
