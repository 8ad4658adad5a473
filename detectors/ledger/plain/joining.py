"""Joins lines with plain accounts, in compiled code, as far as nothing unusual comes.

It does what `detectors.ledger.stage.Ledger.merge` does, for the events that are as nearly all are.
What else can be told of an account is left for later: a cancellation, another sale, a use that may
be none. So is all that comes after it about that account; what comes about others cannot matter to
it, nor it to them. Joining stops at what may move time otherwise: an event that is late, a claim
about time, and a line that the scanner has not recognised.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Booleans, Bytes, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.finding import cell_place, find, insert, name_number
from detectors.ledger.plain.hashing import table_hash, with_digit, with_text
from detectors.ledger.plain.layout import (
    ELSEWHERE,
    FREE_ROWS,
    HEAP_END,
    HEAP_LIVE,
    MOST_USES,
    NO_NAME,
    NOT_FOUND,
    PLAIN,
    ROWS_USED,
    TAKEN,
    Numbers,
    Rows,
    Store,
)
from detectors.scanning.fields import NUMBERS, TEXTS
from detectors.scanning.lines import ACTIVITY, SALE, ScannedLines
from detectors.scanning.scanner import NOT_RECOGNISED

ACCOUNT, EVENT, SALE_ID, CUSTOMER, AGENT, PRODUCT, CHANNEL, SITE, TEAM, REPLACES, RESULT = range(
    len(TEXTS)
)
AMOUNT, KIND, INITIATOR = range(len(NUMBERS))

(
    NEWEST,
    WATERMARK,
    OTHERS,
    LATENESS,
    JUMP,
    NEXT_CLAIM,
    UNTIL,
    REMEMBERED_FOR,
    USES_KEPT_FOR,
    SPAN_OF_USES,
) = range(10)
"""Places in the array of times: all in seconds. The first two move."""

APPLIED, UNCHANGED, AFTER, NEWEST_OF_KIND = range(4)
"""What became of an event; and the newest time."""

_ASKED: Final = len(NUMBERS)

NO_USE, MAY_BE_USE, USE = range(3)
"""What a kind of activity is, and what somebody who initiated one makes of it."""

_LATER, _SAME, _CHANGED = range(3)


class Lists(NamedTuple):
    """What `join` fills in, as many elements as there are lines."""

    made: Numbers
    alone: Numbers
    later: Integers
    later_rows: Integers
    watermarks: Reals


@compiled
def join(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - the branches that nearly all events go, in one place
    scanned: ScannedLines,
    first: int,
    store: Store,
    times: Reals,
    kinds: Integers,
    initiators: Integers,
    cell_fields: Booleans,
    seed: int,
    told: Reals,
    lists: Lists,
) -> tuple[int, int, int, int, int]:
    """Join lines from the one at `first` on; return where it stopped.

    That is the first line at which time may move otherwise, the last that moved the newest time (-1
    for none), and how many elements of `lists` were filled: `made`, `alone` and `later`.

    Parameters
    ----------
    times
        See `NEWEST`. Not a number as `SPAN_OF_USES` says that nobody asks for uses.
    kinds, initiators
        `NO_USE`, `MAY_BE_USE` or `USE`, by the numbers of their words.
    cell_fields
        Of product, channel, site and team, those that make a cell.
    told
        Shape (kinds of events, 4): counts by what became of them, then the newest time.
    lists
        ``made`` and ``alone`` are filled with the rows that got a sale, and with those of accounts
        that are new without one; ``later`` with lines that are left for later, ``later_rows`` with
        the rows of their accounts, ``watermarks`` with where the watermark stood before them.

    There must be room for a row, for ids and for names of all lines.
    """
    data, at_all, all_kinds = scanned.data, scanned.at, scanned.kinds
    texts, numbers, rows = scanned.texts, scanned.numbers, store.rows
    made = alone = later = 0
    newest, watermark = times[NEWEST], times[WATERMARK]
    newest_line = -1
    line = first
    while line < all_kinds.size:
        kind, at = all_kinds[line], at_all[line]
        if kind == NOT_RECOGNISED:
            break
        if at > times[UNTIL]:
            told[kind, AFTER] += 1
            line += 1
            continue
        reached = max(newest, at)
        if (
            at < watermark
            or at > newest + times[JUMP]
            or reached + times[JUMP] >= times[NEXT_CLAIM]
        ):
            break
        start, length = texts[line, ACCOUNT, 0], texts[line, ACCOUNT, 1]
        result = _LATER
        is_use = NO_USE
        if kind == ACTIVITY:
            is_use = min(
                kinds[np.int64(numbers[line, KIND])], initiators[np.int64(numbers[line, INITIATOR])]
            )
            if is_use == NO_USE or np.isnan(times[SPAN_OF_USES]):
                result = _SAME
        if result == _LATER:
            hashed = table_hash(data, start, length, seed)
            row = find(store, data, start, length, hashed)
            is_free = row == NOT_FOUND or not _is_due(rows, row, times, watermark)
            if not is_free:
                pass
            elif kind == SALE:
                if texts[line, REPLACES, 0] < 0:
                    result = _add_sale(store, scanned, line, row, hashed, cell_fields, seed)
                    if result == _CHANGED:
                        if row == NOT_FOUND:
                            row = find(store, data, start, length, hashed)
                        lists.made[made] = row
                        made += 1
            elif is_use == USE and texts[line, AGENT, 0] < 0 and texts[line, RESULT, 0] < 0:
                if row == NOT_FOUND:
                    row = new_row(store, data, start, length, hashed)
                    rows[row].uses[0] = at
                    rows[row].used = 1
                    lists.alone[alone] = row
                    alone += 1
                    result = _CHANGED
                else:
                    result = _add_use(rows, row, at, times[SPAN_OF_USES])
            if result == _LATER:
                if row == NOT_FOUND:
                    row = new_row(store, data, start, length, hashed)
                    rows[row].state = ELSEWHERE
                elif rows[row].state == PLAIN:
                    rows[row].state = TAKEN
                lists.later[later] = line
                lists.later_rows[later] = row
                lists.watermarks[later] = watermark
                later += 1
        if result != _LATER:
            told[kind, APPLIED if result == _CHANGED else UNCHANGED] += 1
        told[kind, NEWEST_OF_KIND] = max(told[kind, NEWEST_OF_KIND], at)
        if at > newest:
            newest = at
            newest_line = line
            reached = newest - times[LATENESS]
            if times[OTHERS] > watermark and watermark < reached:
                watermark = min(reached, times[OTHERS])
        line += 1
    times[NEWEST], times[WATERMARK] = newest, watermark
    return line, newest_line, made, alone, later


@compiled
def _is_due(rows: Rows, row: int, times: Reals, watermark: float) -> bool:
    """Return whether an account is no plain one, or would be forgotten or looked at by now."""
    one = rows[row]
    if one.state != PLAIN:
        return True
    if np.isnan(one.at):
        return bool(one.uses[one.used - 1] + times[USES_KEPT_FOR] < watermark)
    return bool(one.at + times[REMEMBERED_FOR] < watermark)


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
def keep_letters(heap: Bytes, counters: Integers, data: Bytes, start: int, length: int) -> None:
    """Keep a text at the end of the heap."""
    end = counters[HEAP_END]
    for offset in range(length):
        heap[end + offset] = data[start + offset]
    counters[HEAP_END] = end + length
    counters[HEAP_LIVE] += length


@compiled
def _add_use(  # noqa: C901 - as that one does, without a list
    rows: Rows, row: int, at: float, span: float
) -> int:
    """Merge a use as `facts.uses.with_time` does; leave it for later where there is no room."""
    one = rows[row]
    used = np.int64(one.used)
    place = 0
    while place < used and one.uses[place] < at:
        place += 1
    if place < used and (
        one.uses[place] == at or (place > 0 and one.uses[place] - one.uses[place - 1] <= span)
    ):
        return _SAME
    if place == used and used > 1 and at - one.uses[used - 2] <= span:
        one.uses[used - 1] = at
        one.is_changed = True
        return _CHANGED
    merged = np.empty(MOST_USES + 1)
    for other in range(place):
        merged[other] = one.uses[other]
    merged[place] = at
    for other in range(place, used):
        merged[other + 1] = one.uses[other]
    size = used + 1
    if place < used:
        for middle in (place + 1, place - 1):
            if 0 < middle < size - 1 and merged[middle + 1] - merged[middle - 1] <= span:
                for other in range(middle, size - 1):
                    merged[other] = merged[other + 1]
                size -= 1
    if size > MOST_USES:
        return _LATER
    for other in range(size):
        one.uses[other] = merged[other]
    one.used = size
    one.is_changed = True
    return _CHANGED


@compiled
def _add_sale(
    store: Store,
    scanned: ScannedLines,
    line: int,
    row: int,
    hashed: np.uint32,
    cell_fields: Booleans,
    seed: int,
) -> int:
    """Merge a sale; leave it for later where its account has another one, or its cell is new."""
    rows, data, texts, numbers = store.rows, scanned.data, scanned.texts, scanned.numbers
    at = scanned.at[line]
    if row != NOT_FOUND and not np.isnan(rows[row].at):
        return _SAME if _is_same(store, row, data, texts, line, at) else _LATER
    product = _named(store, data, texts, line, PRODUCT, seed)
    site = _named(store, data, texts, line, SITE, seed)
    team = _named(store, data, texts, line, TEAM, seed)
    channel = _named(store, data, texts, line, CHANNEL, seed) if cell_fields[1] else NO_NAME
    place = cell_place(
        store,
        product if cell_fields[0] else NO_NAME,
        channel,
        site if cell_fields[2] else NO_NAME,
        team if cell_fields[3] else NO_NAME,
    )
    cell = store.cell_index[place]
    if cell == NOT_FOUND:
        return _LATER
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
    return _CHANGED


@compiled
def _named(store: Store, data: Bytes, texts: Integers, line: int, column: int, seed: int) -> int:
    start = texts[line, column, 0]
    if start < 0:
        return NO_NAME
    return name_number(store, data, start, texts[line, column, 1], seed)


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
def _is_same(store: Store, row: int, data: Bytes, texts: Integers, line: int, at: float) -> bool:
    """Return whether a sale is the known one once more: the same claim, with the same ids."""
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
    return int(max(customer, np.uint64(1))), int(batch)
