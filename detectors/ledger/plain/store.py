"""Plain accounts: found by id, given as objects, joined with lines, counted and forgotten."""

from collections import namedtuple
from collections.abc import Sequence
from math import isnan
from sys import intern
from typing import Final, NamedTuple

import numpy as np

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.events.event import Sale
from detectors.evidence.arrays import Integers, Reals
from detectors.facts.account import Account, SaleRecord
from detectors.ledger.cells import CellNames
from detectors.ledger.plain.finding import add_cell, cell_place, find, name_number, remove
from detectors.ledger.plain.growing import empty_store, with_room, with_room_for_a_cell
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.joining import Lists, join, new_row
from detectors.ledger.plain.layout import (
    ELSEWHERE,
    KNOWN,
    NAMES,
    NO_NAME,
    NOT_FOUND,
    PLAIN,
    ROW,
    TAKEN,
    Numbers,
    Store,
)
from detectors.ledger.plain.leaving import free, gather_ids
from detectors.scanning.lines import ScannedLines

_SEED: Final = hash("plain accounts") & 0xFFFFFFFFFFFF
"""Python draws the hash of a text anew in every process. No output depends on it."""

_CELL_FIELDS: Final = ("product", "channel", "site", "team")


class Identities(NamedTuple):
    """Of some rows: the ids of account and sale, and the names of agent and cell."""

    accounts: list[AccountId]
    sales: list[SaleId]
    agents: list[AgentId | None]
    cells: list[Cell]


_Row = namedtuple("_Row", ROW.names)


class PlainStore:
    """The arrays, and how they are read.

    Parameters
    ----------
    numbers
        How many numbers of a sale are kept.
    cell
        The fields of a sale that make its cell.
    """

    def __init__(self, numbers: int, cell: Sequence[str]) -> None:
        self.arrays: Store = empty_store(numbers)
        self.cell_fields: Final = np.array([name in cell for name in _CELL_FIELDS])
        self._cells: Final = CellNames(cell)
        self._names: list[str] = []
        self._lists = _lists(0)

    def __len__(self) -> int:
        """Count the accounts that are found by id, those kept elsewhere among them."""
        return int(self.arrays.counters[KNOWN])

    def find(self, account_id: AccountId) -> int:
        """Return the row of a plain account; `NOT_FOUND` if it is none, or not known."""
        row = self._find(account_id)
        return row if row != NOT_FOUND and self.is_plain(row) else NOT_FOUND

    def is_plain(self, row: int) -> bool:
        """Return whether the account of a row is a plain one, be it that it is to be taken."""
        return self.arrays.rows["state"][row] in (PLAIN, TAKEN)

    def _find(self, account_id: AccountId) -> int:
        letters = _letters(account_id)
        hashed = _hash(letters)
        return int(find(self.arrays, letters, 0, letters.size, hashed))

    def keep_elsewhere(self, account_id: AccountId) -> None:
        """Note that an account is kept as an object."""
        row = self._find(account_id)
        self.move_elsewhere(self.new(account_id) if row == NOT_FOUND else row)

    def move_elsewhere(self, row: int) -> None:
        """Note that the account of a row is kept as an object."""
        self.arrays.rows["state"][row] = ELSEWHERE
        self.arrays.rows["is_changed"][row] = False

    def new(self, account_id: AccountId) -> int:
        """Return the row of an account that is not known yet; nothing else is in it."""
        letters = _letters(account_id)
        self.make_room(1, letters.size)
        return int(new_row(self.arrays, letters, 0, letters.size, _hash(letters)))

    def forget(self, account_id: AccountId) -> None:
        """Forget an account, wherever it is kept."""
        row = self._find(account_id)
        if row != NOT_FOUND:
            remove(self.arrays, row)
            free(self.arrays, row)

    def make_room(self, lines: int, letters: int) -> None:
        """Make room for what so many lines of so many bytes may bring."""
        self.arrays = with_room(self.arrays, lines, letters, _SEED)

    def join(
        self,
        scanned: ScannedLines,
        first: int,
        times: Reals,
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
            kinds,
            initiators,
            self.cell_fields,
            _SEED,
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

    def learn_cell(self, sale: Sale) -> None:
        """Let the cell of a sale be known to compiled code."""
        values = (sale.product, sale.channel, sale.site, sale.team)
        numbers = [
            self.number(value) if value is not None and asked else NO_NAME
            for value, asked in zip(values, self.cell_fields, strict=True)
        ]
        place = cell_place(self.arrays, *numbers)
        if self.arrays.cell_index[place] == NOT_FOUND:
            cell = self.number(self._cells.of(sale))
            self.arrays = with_room_for_a_cell(self.arrays)
            add_cell(self.arrays, *numbers, cell)

    def number(self, name: str) -> int:
        """Return the number of a name."""
        letters = _letters(name)
        self.make_room(1, letters.size)
        return int(name_number(self.arrays, letters, 0, letters.size, _SEED))

    def name(self, number: int) -> str:
        """Return the name of a number."""
        return self._known_names()[number]

    def _known_names(self) -> list[str]:
        arrays, names = self.arrays, self._names
        for start, length in arrays.names[len(names) : int(arrays.counters[NAMES])].tolist():
            names.append(intern(arrays.letters[start : start + length].tobytes().decode()))
        return names

    def identities(self, rows: Numbers) -> Identities:
        """Return who the accounts, sales, agents and cells of some rows are."""
        chosen, names = self.arrays.rows[rows], self._known_names()
        lengths = chosen["account_length"].astype(np.int64) + chosen["sale_length"]
        letters = np.zeros(int(lengths.sum()), dtype=np.uint8)
        ends = np.zeros((len(rows), 2), dtype=np.int64)
        gather_ids(self.arrays, rows, letters, ends)
        text = letters.tobytes().decode("ascii")
        accounts, sales = list[AccountId](), list[SaleId]()
        start = 0
        for middle, end in ends.tolist():
            accounts.append(AccountId(text[start:middle]))
            sales.append(SaleId(text[middle:end]))
            start = end
        agents = [AgentId(names[one]) if one >= 0 else None for one in chosen["agent"].tolist()]
        return Identities(accounts, sales, agents, [Cell(names[one]) for one in chosen["cell"]])

    def account(self, row: int) -> Account:
        """Return a plain account as an object; changing that changes no row."""
        one, numbers = _Row(*self.arrays.rows[row].item()), self.arrays.numbers[row]
        sales: tuple[SaleRecord, ...] = ()
        if not isnan(one.at):
            sales = (self._sale(one, [None if isnan(n) else n for n in numbers.tolist()]),)
        uses = tuple(map(Seconds, one.uses[: one.used].tolist()))
        return Account(sales, (), uses, (), one.was_sold)

    def account_id(self, row: int) -> AccountId:
        """Return the id of the account in a row."""
        one = self.arrays.rows[row]
        start = int(one["place"])
        return AccountId(self._text(start, start + int(one["account_length"])))

    def _sale(self, one: "_Row", numbers: list[float | None]) -> SaleRecord:
        names = self._known_names()
        start = one.place + one.account_length
        middle = start + one.sale_length
        return SaleRecord(
            SaleId(self._text(start, middle)),
            self._text(middle, middle + one.event_length),
            Seconds(one.at),
            None if one.agent < 0 else AgentId(names[one.agent]),
            names[one.product],
            Cell(names[one.cell]),
            one.verdicts,
            (),
            one.batch,
            None if isnan(one.amount) else one.amount,
            None,
            one.customer,
            None if one.site < 0 else names[one.site],
            None if one.team < 0 else names[one.team],
            tuple(numbers),
        )

    def _text(self, start: int, end: int) -> str:
        return self.arrays.heap[start:end].tobytes().decode("ascii")


def _lists(size: int) -> Lists:
    rows, lines = (size, np.int32), (size, np.int64)
    return Lists(np.empty(*rows), np.empty(*rows), np.empty(*lines), np.empty(*lines), np.empty(size))


def _letters(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _hash(letters):
    return table_hash(letters, 0, letters.size, _SEED)
