"""Plain accounts put back, in compiled code."""

import numpy as np

from detectors.evidence.arrays import Booleans
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.adding import keep_letters, new_row
from detectors.ledger.plain.finding import find
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.layout import ELSEWHERE, NO_NAME, NOT_FOUND, Numbers, Store
from detectors.ledger.plain.saved import Columns


@compiled
def _fill(
    store: Store, columns: Columns, known: Numbers, index: int, row: int, first_use: int
) -> None:
    """Fill a row with everything but the letters of its ids."""
    one = store.rows[row]
    one.sale_length, one.event_length = columns.lengths[index, 1], columns.lengths[index, 2]
    one.at = columns.at[index]
    one.in_cohort = not np.isnan(one.at)
    one.amount = columns.amount[index]
    one.batch = columns.batch[index]
    one.customer = columns.customer[index]
    one.verdicts = columns.verdicts[index]
    one.was_sold = columns.was_sold[index] != 0
    named = columns.named[index]
    one.agent = known[named[0]] if named[0] >= 0 else NO_NAME
    one.cell = known[named[1]] if named[1] >= 0 else NO_NAME
    one.product = known[named[2]] if named[2] >= 0 else NO_NAME
    one.site = known[named[3]] if named[3] >= 0 else NO_NAME
    one.team = known[named[4]] if named[4] >= 0 else NO_NAME
    one.used = columns.used[index]
    for place in range(one.used):
        one.uses[place] = columns.uses[first_use + place]
    for column in range(columns.numbers.shape[1]):
        store.numbers[row, column] = columns.numbers[index, column]


@compiled
def put_back(
    store: Store,
    columns: Columns,
    known: Numbers,
    is_needed: Booleans,
    seed: int,
    added: Numbers,
) -> int:
    """Put accounts back that are not known yet; return how many of `added` were filled with rows.

    `known` are the numbers of the columns' names, `is_needed` tells which accounts still are. There
    must be room for all of them. Those that nobody needs are known afterwards as kept elsewhere, so
    that no older state of them is put back.
    """
    count = start = first_use = 0
    for index in range(columns.at.size):
        account, sale, event = columns.lengths[index]
        hashed = table_hash(columns.texts, start, account, seed)
        if find(store, columns.texts, start, account, hashed) == NOT_FOUND:
            row = new_row(store, columns.texts, start, account, hashed)
            if is_needed[index]:
                keep_letters(
                    store.heap, store.counters, columns.texts, start + account, sale + event
                )
                _fill(store, columns, known, index, row, first_use)
            else:
                store.rows[row].state = ELSEWHERE
            store.rows[row].is_changed = False
            added[count] = row
            count += 1
        start += account + sale + event
        first_use += columns.used[index]
    return count
