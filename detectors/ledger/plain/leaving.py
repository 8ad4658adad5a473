"""What is forgotten of plain accounts, and what is told of them, in compiled code."""

import numpy as np

from detectors.evidence.arrays import Bytes, Integers
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.finding import find, remove
from detectors.ledger.plain.hashing import table_hash, with_digit, with_text
from detectors.ledger.plain.layout import (
    FREE,
    FREE_ROWS,
    GONE,
    HEAP_LIVE,
    NOT_FOUND,
    PLAIN,
    ROWS_USED,
    Numbers,
    Rows,
    Store,
)

SALES, USED, LONE_SALES, LONE_ACCOUNTS = range(4)
"""Counts of what is forgotten (`detectors.ledger.matches`)."""


@compiled
def free(store: Store, row: int) -> None:
    """Let a row be used anew, unless a cohort still holds it; it must be found no more."""
    one, counters = store.rows[row], store.counters
    counters[HEAP_LIVE] -= one.account_length + one.sale_length + one.event_length
    one.sale_length = 0
    one.event_length = 0
    one.account_length = 0
    one.is_changed = False
    if one.in_cohort:
        one.state = GONE
        return
    one.state = FREE
    store.free[counters[FREE_ROWS]] = row
    counters[FREE_ROWS] += 1


@compiled
def forget_all(store: Store, letters: Bytes, ends: Integers, seed: int) -> None:
    """Forget the accounts with some ids, which end there in `letters`, wherever they are kept."""
    start = 0
    for end in ends:
        hashed = table_hash(letters, start, end - start, seed)
        row = find(store, letters, start, end - start, hashed)
        if row != NOT_FOUND:
            remove(store, row)
            free(store, row)
        start = end


@compiled
def _trim(rows: Rows, row: int, since: float) -> None:
    """Forget uses before a time, but for the last."""
    one = rows[row]
    first = 0
    while first < one.used - 1 and one.uses[first] < since:
        first += 1
    for place in range(first, one.used):
        one.uses[place - first] = one.uses[place]
    one.used -= first


@compiled
def leave_cohort(
    store: Store,
    reached: Numbers,
    watermark: float,
    longest: float,
    forgiven: float,
    corrections_for: float,
    counts: Integers,
    alone: Numbers,
) -> None:
    """Forget the sales of rows that nothing can change any more, and whose accounts are not used.

    What is still in use stays, without its sale: `alone` is filled with such rows, the first
    element counts. `counts` are added to.
    """
    rows = store.rows
    for row in reached:
        one = rows[row]
        one.in_cohort = False
        if one.state == GONE:
            free(store, row)
            continue
        if one.state != PLAIN or np.isnan(one.at):
            continue
        used = False
        for place in range(one.used):
            used |= one.at - forgiven <= one.uses[place] <= one.at + longest
        counts[SALES] += 1
        counts[USED] += used
        counts[LONE_SALES] += not used
        last = one.uses[one.used - 1] + forgiven + corrections_for if one.used > 0 else -np.inf
        if last < watermark:
            remove(store, row)
            free(store, row)
            continue
        one.at = np.nan
        one.was_sold = True
        one.verdicts = 0
        one.is_changed = True
        store.counters[HEAP_LIVE] -= one.sale_length + one.event_length
        one.sale_length = 0
        one.event_length = 0
        _trim(rows, row, watermark - corrections_for - forgiven)
        alone[0] += 1
        alone[alone[0]] = row


@compiled
def leave_alone(
    store: Store,
    waiting: Numbers,
    day: int,
    watermark: float,
    kept_for: float,
    counts: Integers,
    later: Numbers,
) -> None:
    """Forget accounts without a sale that were used long ago; `later` gets those that are not.

    `waiting` are rows that were put into the list of a `day`.
    """
    rows = store.rows
    for row in waiting:
        one = rows[row]
        if one.state != PLAIN or not np.isnan(one.at) or one.due != day:
            continue
        if one.uses[one.used - 1] + kept_for < watermark:
            counts[LONE_ACCOUNTS] += not one.was_sold
            remove(store, row)
            free(store, row)
        else:
            _trim(rows, row, watermark - kept_for)
            later[0] += 1
            later[later[0]] = row


@compiled
def sale_hashes(store: Store, chosen: Numbers, hashes: Integers) -> None:
    """Fill in the hash of each sale, as `detectors.basis.text_hash.sale_hash` has it."""
    rows, heap = store.rows, store.heap
    for index in range(chosen.size):
        one = rows[chosen[index]]
        start = one.place
        hashed = with_digit(np.uint64(0), ord("."))
        hashed = with_text(hashed, heap, start, one.account_length)
        hashed = with_digit(hashed, 0)
        hashed = with_text(hashed, heap, start + one.account_length, one.sale_length)
        hashes[index] = hashed


@compiled
def gather_ids(store: Store, chosen: Numbers, letters: Bytes, ends: Integers) -> None:
    """Write the ids of some rows behind each other: account, sale, event; `ends`, shape (n, 3)."""
    rows, heap = store.rows, store.heap
    end = 0
    for index in range(chosen.size):
        one = rows[chosen[index]]
        length = one.account_length + one.sale_length + one.event_length
        for offset in range(length):
            letters[end + offset] = heap[one.place + offset]
        ends[index, 0] = end + one.account_length
        ends[index, 1] = end + one.account_length + one.sale_length
        end += length
        ends[index, 2] = end


@compiled
def compact(store: Store, heap: Bytes) -> int:
    """Copy all ids that are in use into another heap; return its end."""
    rows, old = store.rows, store.heap
    end = 0
    for row in range(store.counters[ROWS_USED]):
        one = rows[row]
        length = one.account_length + one.sale_length + one.event_length
        if length == 0:
            continue
        for offset in range(length):
            heap[end + offset] = old[one.place + offset]
        one.place = end
        end += length
    return end
