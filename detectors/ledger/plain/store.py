"""Plain accounts: found by id, given as objects, joined with lines, counted and forgotten."""

from collections.abc import Sequence
from sys import intern
from typing import Final, Literal, NamedTuple

import numpy as np

from detectors.basis.identifiers import AccountId, SaleId
from detectors.evidence.arrays import Booleans, Bytes, Integers, Reals
from detectors.facts.account import Account
from detectors.ledger.agreement import Agreement
from detectors.ledger.cells import TENURE
from detectors.ledger.plain.adding import NO_FIELD, new_row
from detectors.ledger.plain.finding import find, name_number
from detectors.ledger.plain.growing import empty_store, with_needed_names, with_room
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.joining import Lists, join
from detectors.ledger.plain.layout import (
    ELSEWHERE,
    KNOWN,
    NAMES,
    NO_NAME,
    PLAIN,
    TAKEN,
    Numbers,
    Store,
)
from detectors.ledger.plain.leaving import forget_all, gather_ids
from detectors.ledger.plain.restoring import put_back
from detectors.ledger.plain.rows import Row, account_in
from detectors.ledger.plain.saved import Columns
from detectors.messages.good_outcomes import SaleIds, Texts
from detectors.scanning.lines import ScannedLines

SEED: Final = 0x5DEECE66D
"""Of the hashes of the tables. No output depends on it."""

_CELL_FIELDS: Final = ("product", "channel", "site", "team")

_ROOM: Final = 64

NAMES_KEPT: Final = 10_000
"""Names that are kept in any case, needed or not."""


class Identities(NamedTuple):
    """The ids of some rows: of account, sale and its event; the last two are empty for no sale."""

    accounts: list[AccountId]
    sales: list[SaleId]
    events: list[str]


class PlainStore:
    """The arrays, and how they are read.

    Parameters
    ----------
    numbers
        How many numbers of a sale are kept.
    cell
        The fields of a sale that make its cell, in their order; None: every sale is left for later.

    Attributes
    ----------
    most_names
        Beyond so many names those are forgotten that no plain account needs.
    """

    def __init__(self, numbers: int, cell: Sequence[str] | None) -> None:
        self.arrays: Store = empty_store(numbers)
        named = [field for field in cell or () if field != TENURE]
        order = [named.index(one) if one in named else NO_FIELD for one in _CELL_FIELDS]
        self.cell_order: Final = np.array([] if cell is None else order, np.int64)
        self._names: list[str] = []
        self._named: Texts = np.full(_ROOM, None, np.object_)
        self._lists = _lists(0)
        self.most_names = NAMES_KEPT

    def __len__(self) -> int:
        """Count the accounts that are found by id, those kept elsewhere among them."""
        return int(self.arrays.counters[KNOWN])

    def find(self, account_id: AccountId) -> int:
        """Return the row of an account, wherever it is kept; `NOT_FOUND` if it is not known."""
        letters = _letters(account_id)
        return int(find(self.arrays, letters, 0, letters.size, _hash(letters)))

    def move_elsewhere(self, rows: Numbers) -> None:
        """Note that the accounts of some rows are kept as objects."""
        self.arrays.rows["state"][rows] = ELSEWHERE
        self.arrays.rows["is_changed"][rows] = False

    def new(self, account_id: AccountId) -> int:
        """Return the row of an account that is not known yet; nothing else is in it."""
        letters = _letters(account_id)
        self.make_room(1, letters.size)
        return int(new_row(self.arrays, letters, 0, letters.size, _hash(letters)))

    def forget(self, account_ids: Sequence[AccountId]) -> None:
        """Forget some accounts that are known, wherever they are kept."""
        encoded = [account_id.encode() for account_id in account_ids]
        letters = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        ends = np.cumsum([len(one) for one in encoded])
        forget_all(self.arrays, letters, ends, SEED)

    def make_room(self, lines: int, letters: int) -> None:
        """Make room for what so many lines of so many bytes may bring."""
        self.arrays = with_room(self.arrays, lines, letters, SEED)

    def join(
        self,
        scanned: ScannedLines,
        first: int,
        times: Reals,
        clock: Agreement,
        kinds: Integers,
        initiators: Integers,
        told: Reals,
    ) -> tuple[int, int, Lists]:
        """Join lines as `detectors.ledger.plain.joining.join` does.

        Return the line at which it stopped, the last that moved the newest time, and the lists.
        """
        size = len(scanned.kinds) - first
        self.make_room(size, len(scanned.data))
        if size > len(self._lists.made):
            self._lists = _lists(size)
        lists = self._lists
        stopped, newest, made, alone, later = join(
            scanned,
            first,
            self.arrays,
            times,
            clock,
            kinds,
            initiators,
            self.cell_order,
            SEED,
            told,
            lists,
        )
        filled = Lists(
            lists.made[:made].copy(),
            lists.alone[:alone].copy(),
            lists.later[:later],
            lists.later_rows[:later],
            lists.watermarks[:later],
        )
        return stopped, newest, filled

    def forget_names(self) -> None:
        """Forget the names that nobody needs, if there may be many of them.

        Whoever sends events may invent names without end. Every name is looked at once for each
        that is new, at most. Call it while nobody else holds numbers of names.
        """
        if self.arrays.counters[NAMES] <= self.most_names:
            return
        self.arrays = with_needed_names(self.arrays, SEED)
        self._names, self._named = [], np.full(_ROOM, None, np.object_)
        self.most_names = max(self.most_names, 2 * int(self.arrays.counters[NAMES]))

    def number(self, name: str) -> int:
        """Return the number of a name."""
        letters = _letters(name)
        self.make_room(1, letters.size)
        return int(name_number(self.arrays, letters, 0, letters.size, SEED))

    def _known_names(self) -> list[str]:
        arrays, names = self.arrays, self._names
        for start, length in arrays.names[len(names) : int(arrays.counters[NAMES])].tolist():
            names.append(intern(arrays.letters[start : start + length].tobytes().decode()))
        return names

    def _known_by_number(self) -> Texts:
        """Return all names by their numbers; the last of all, at `NO_NAME`, is None."""
        known, named = self._known_names(), self._named
        if len(known) >= len(named):
            named = self._named = np.full(2 * len(known), None, np.object_)
        if len(known) and named[len(known) - 1] is None:  # some are new
            named[: len(known)] = known
        return named

    def texts(self, rows: Numbers, field: Literal["agent", "cell", "site", "team"]) -> Texts:
        """Return the names in a field of some rows, None where there is none."""
        texts: Texts = self._known_by_number()[self.arrays.rows[field][rows]]
        return texts

    def counted(self, rows: Numbers, field: Literal["site", "team"]) -> dict[str, int]:
        """Count rows by the name in a field, without those that name none."""
        numbers, counts = np.unique(self.arrays.rows[field][rows], return_counts=True)
        is_named = numbers != NO_NAME
        return dict(zip(self.texts_of(numbers[is_named]), counts[is_named].tolist(), strict=True))

    def letters(self, rows: Numbers) -> Bytes:
        """Return the ids in some rows behind each other: of account, sale and event."""
        return self._gathered(rows)[0]

    def _gathered(self, rows: Numbers) -> tuple[Bytes, Integers]:
        chosen = self.arrays.rows[rows]
        lengths = chosen["account_length"].astype(np.int64) + chosen["sale_length"]
        letters = np.empty(int((lengths + chosen["event_length"]).sum()), dtype=np.uint8)
        ends = np.empty((len(rows), 3), dtype=np.int64)
        gather_ids(self.arrays, rows, letters, ends)
        return letters, ends

    def texts_of(self, names: Numbers) -> list[str]:
        """Return names by their numbers."""
        known = self._known_names()
        return [known[number] for number in names.tolist()]

    def sale_ids(self, rows: Numbers) -> SaleIds:
        """Return the ids of the accounts and sales in some rows, not made yet."""
        letters, ends = self._gathered(rows)
        bounds = np.empty_like(ends)
        bounds[1:, 0], bounds[:1, 0], bounds[:, 1:] = ends[:-1, 2], 0, ends[:, :2]
        return SaleIds(letters.tobytes().decode("ascii"), bounds)

    def identities(self, rows: Numbers) -> Identities:
        """Return the ids in some rows."""
        letters, ends = self._gathered(rows)
        text = letters.tobytes().decode("ascii")
        accounts, sales, events = list[AccountId](), list[SaleId](), list[str]()
        start = 0
        for first, second, end in ends.tolist():
            accounts.append(AccountId(text[start:first]))
            sales.append(SaleId(text[first:second]))
            events.append(text[second:end])
            start = end
        return Identities(accounts, sales, events)

    def accounts(self, rows: Numbers) -> dict[AccountId, Account]:
        """Return plain accounts as objects; changing these changes no row."""
        ids, names = self.identities(rows), self._known_names()
        chosen = [Row(*one) for one in self.arrays.rows[rows].tolist()]
        numbers = self.arrays.numbers[rows].tolist()
        columns = zip(chosen, numbers, ids.sales, ids.events, strict=True)
        found = [account_in(one, names, more, sale, event) for one, more, sale, event in columns]
        return dict(zip(ids.accounts, found, strict=True))

    def restore(self, names: list[str], columns: Columns, is_needed: Booleans) -> Numbers:
        """Restore accounts that are not known yet; return their rows.

        Those that nobody needs are kept elsewhere: known, so that no older state is restored.
        """
        size, letters = len(columns.at), len(columns.texts)
        known = np.array([self.number(name) for name in names], dtype=np.int32)
        self.make_room(size, letters)
        added = np.zeros(size, dtype=np.int32)
        count = put_back(self.arrays, columns, known, is_needed, SEED, added)
        return added[:count]

    def are_plain(self, rows: Numbers) -> Booleans:
        """Return which rows hold a plain account, be it that it is to be taken."""
        states = self.arrays.rows["state"][rows]
        are: Booleans = (states == PLAIN) | (states == TAKEN)
        return are


def _lists(size: int) -> Lists:
    rows, lines = (size, np.int32), (size, np.int64)
    return Lists(
        np.empty(*rows), np.empty(*rows), np.empty(*lines), np.empty(*lines), np.empty(size)
    )


def _letters(text: str) -> Bytes:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _hash(letters: Bytes) -> np.uint32:
    return table_hash(letters, 0, letters.size, SEED)
