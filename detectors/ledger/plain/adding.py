"""Accounts and sales put into rows, in compiled code."""

from typing import Final

import numpy as np

from detectors.evidence.arrays import Bytes, Integers
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.finding import add_cell, cell_place, insert, name_number
from detectors.ledger.plain.hashing import with_digit, with_text
from detectors.ledger.plain.layout import (
    CELLS,
    FREE_ROWS,
    HEAP_END,
    HEAP_LIVE,
    LETTERS_END,
    NO_NAME,
    NOT_FOUND,
    PLAIN,
    ROWS_USED,
    Store,
)
from detectors.scanning.fields import (
    ACCOUNT,
    AGENT,
    AMOUNT,
    CHANNEL,
    CUSTOMER,
    EVENT,
    NUMBERS,
    PRODUCT,
    SALE_ID,
    SITE,
    TEAM,
)
from detectors.scanning.lines import ScannedLines

LATER, SAME, CHANGED = range(3)
"""What an event comes to: it is left for later, it says nothing new, or it does."""

_ASKED: Final = len(NUMBERS)

_SLASH, _BACKSLASH, _DASH = b"/\\-"

FIELDS: Final = 4
"""Of a sale that may make a cell: product, channel, site and team."""

NO_FIELD: Final = -1
"""The place in the name of a cell of a field that is not in it."""


@compiled
def keep_letters(heap: Bytes, counters: Integers, data: Bytes, start: int, length: int) -> None:
    """Keep a text at the end of the heap."""
    end = counters[HEAP_END]
    for offset in range(length):
        heap[end + offset] = data[start + offset]
    counters[HEAP_END] = end + length
    counters[HEAP_LIVE] += length


@compiled
def new_row(store: Store, data: Bytes, start: int, length: int, hashed: np.uint32) -> int:
    """Return the row of a new account, of which nothing is known but its id."""
    counters = store.counters
    if counters[FREE_ROWS] > 0:
        counters[FREE_ROWS] -= 1
        row = np.int64(store.free[counters[FREE_ROWS]])
    else:
        row = counters[ROWS_USED]
        counters[ROWS_USED] += 1
    one = store.rows[row]
    one.hash = hashed
    one.state = PLAIN
    one.at = np.nan
    one.used = 0
    one.verdicts = 0
    one.due = 0
    one.agent = one.cell = one.product = one.site = one.team = NO_NAME
    one.amount = np.nan
    one.batch = one.customer = 0
    one.in_cohort = False
    one.is_changed = True
    one.was_sold = False
    one.place = counters[HEAP_END]
    one.account_length = length
    one.sale_length = 0
    one.event_length = 0
    keep_letters(store.heap, counters, data, start, length)
    insert(store.places, hashed, int(row), counters)
    return int(row)


@compiled
def _named(store: Store, data: Bytes, texts: Integers, line: int, column: int, seed: int) -> int:
    start = texts[line, column, 0]
    if start < 0:
        return NO_NAME
    return name_number(store, data, start, texts[line, column, 1], seed)


@compiled
def _cell_name(store: Store, names: tuple[int, int, int, int], order: Integers, seed: int) -> int:
    """Return the number of the name of a cell, which is that of `basis.identifiers.cell_of`."""
    letters = store.letters
    start = end = store.counters[LETTERS_END]
    for place in range(FIELDS):
        for field in range(FIELDS):
            if order[field] != place:
                continue
            if place > 0:
                letters[end] = _SLASH
                end += 1
            name = names[field]
            if name == NO_NAME or store.names[name, 1] == 0:
                letters[end] = _DASH
                end += 1
                continue
            first, length = store.names[name]
            for offset in range(length):
                letter = letters[first + offset]
                if letter in {_SLASH, _BACKSLASH}:
                    letters[end] = _BACKSLASH
                    end += 1
                letters[end] = letter
                end += 1
    return name_number(store, letters, start, end - start, seed)


@compiled
def _cell(store: Store, names: tuple[int, int, int, int], order: Integers, seed: int) -> int:
    """Return the cell of such a product, channel, site and team; a new one is added."""
    product, channel, site, team = names
    cell = np.int64(store.cell_index[cell_place(store, product, channel, site, team)])
    if cell == NOT_FOUND:
        cell = store.counters[CELLS]
        add_cell(store, product, channel, site, team, _cell_name(store, names, order, seed))
    return int(cell)


@compiled
def _add_ids(store: Store, row: int, data: Bytes, texts: Integers, line: int) -> None:
    """Keep the ids of a sale and of its event behind that of its account."""
    one, counters, heap = store.rows[row], store.counters, store.heap
    end = counters[HEAP_END]
    if one.place + one.account_length != end:
        # Known by its uses until now: the id moves, for the three stand together.
        for offset in range(one.account_length):
            heap[end + offset] = heap[one.place + offset]
        one.place = end
        counters[HEAP_END] = end + one.account_length
    one.sale_length = texts[line, SALE_ID, 1]
    one.event_length = texts[line, EVENT, 1]
    keep_letters(heap, counters, data, texts[line, SALE_ID, 0], texts[line, SALE_ID, 1])
    keep_letters(heap, counters, data, texts[line, EVENT, 0], texts[line, EVENT, 1])


@compiled
def _hashes(data: Bytes, texts: Integers, line: int, amount: float) -> tuple[int, int]:
    """Return the hash of the customer and of sales like this one, as `facts.from_events` does."""
    start, length = texts[line, CUSTOMER, 0], texts[line, CUSTOMER, 1]
    if start < 0:
        return 0, 0
    customer = with_text(with_digit(np.uint64(0), ord(".")), data, start, length)
    batch = np.uint64(0)
    if not np.isnan(amount):
        batch = with_digit(customer, 0)
        batch = with_text(batch, data, texts[line, PRODUCT, 0], texts[line, PRODUCT, 1])
        bits = np.float64(amount).view(np.uint64)
        for byte in range(7, -1, -1):
            batch = with_digit(batch, int((bits >> np.uint64(8 * byte)) & np.uint64(0xFF)))
        batch = max(batch, np.uint64(1))
    # Signed before they are whole numbers: of both kinds numba makes a real one, which rounds them.
    return int(np.int64(max(customer, np.uint64(1)))), int(np.int64(batch))


@compiled
def _is_same(
    store: Store, row: int, data: Bytes, texts: Integers, line: int, amount: float, seed: int
) -> bool:
    """Return whether a claim says of the same seller, product, amount and customer the same."""
    one = store.rows[row]
    customer, _ = _hashes(data, texts, line, amount)
    return bool(
        one.agent == _named(store, data, texts, line, AGENT, seed)
        and one.product == _named(store, data, texts, line, PRODUCT, seed)
        and (one.amount == amount or (np.isnan(one.amount) and np.isnan(amount)))
        and one.customer == customer
    )


@compiled
def _has_same_ids(
    store: Store, row: int, data: Bytes, texts: Integers, line: int, at: float
) -> bool:
    """Return whether a sale is of the time of the known one, with the same ids."""
    one, heap = store.rows[row], store.heap
    if (
        one.at != at
        or one.sale_length != texts[line, SALE_ID, 1]
        or one.event_length != texts[line, EVENT, 1]
    ):
        return False
    place = one.place + one.account_length
    for column in (SALE_ID, EVENT):
        start, length = texts[line, column, 0], texts[line, column, 1]
        for offset in range(length):
            if heap[place + offset] != data[start + offset]:
                return False
        place += length
    return True


@compiled
def add_sale(
    store: Store,
    scanned: ScannedLines,
    line: int,
    row: int,
    hashed: np.uint32,
    cell_order: Integers,
    seed: int,
) -> int:
    """Merge a sale; leave it for later where its account has another one."""
    rows, data, texts, numbers = store.rows, scanned.data, scanned.texts, scanned.numbers
    if not cell_order.size:
        return LATER
    at = scanned.at[line]
    if row != NOT_FOUND and not np.isnan(rows[row].at):
        is_known = _has_same_ids(store, row, data, texts, line, at) and _is_same(
            store, row, data, texts, line, numbers[line, AMOUNT], seed
        )
        return SAME if is_known else LATER
    product = _named(store, data, texts, line, PRODUCT, seed)
    site = _named(store, data, texts, line, SITE, seed)
    team = _named(store, data, texts, line, TEAM, seed)
    channel = NO_NAME
    if cell_order[1] != NO_FIELD:
        channel = _named(store, data, texts, line, CHANNEL, seed)
    names = (
        product if cell_order[0] != NO_FIELD else NO_NAME,
        channel,
        site if cell_order[2] != NO_FIELD else NO_NAME,
        team if cell_order[3] != NO_FIELD else NO_NAME,
    )
    cell = _cell(store, names, cell_order, seed)
    if row == NOT_FOUND:
        row = new_row(store, data, texts[line, ACCOUNT, 0], texts[line, ACCOUNT, 1], hashed)
    one = rows[row]
    one.at = at
    one.is_changed = True
    one.in_cohort = True
    one.product, one.site, one.team = product, site, team
    one.agent = _named(store, data, texts, line, AGENT, seed)
    one.cell = store.cells[cell, 4]
    one.amount = numbers[line, AMOUNT]
    for column in range(store.numbers.shape[1]):
        store.numbers[row, column] = numbers[line, _ASKED + column]
    _add_ids(store, row, data, texts, line)
    one.customer, one.batch = _hashes(data, texts, line, one.amount)
    return CHANGED
