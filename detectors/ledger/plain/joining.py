"""Joins lines with plain accounts, in compiled code, as far as nothing unusual comes.

It does what `detectors.ledger.stage.Ledger.merge` does, for the events that are as nearly all are.
What else can be told of an account is left for later: a cancellation, another sale, a use that may
be none. So is all that comes after it about that account; what comes about others cannot matter to
it, nor it to them. An interaction and an access, which are about no account, are left as well.
Joining stops at an event that is late, and a line that the scanner has not recognised; and behind
one that moved time far, for the host to say which it was.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.ledger.agreement import FAR, NEWEST, Agreement, account_number, observe
from detectors.ledger.plain.adding import CHANGED, LATER, SAME, add_sale, new_row
from detectors.ledger.plain.finding import find
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.layout import (
    ELSEWHERE,
    MOST_USES,
    NOT_FOUND,
    PLAIN,
    TAKEN,
    Numbers,
    Rows,
    Store,
)
from detectors.scanning.fields import (
    ACCOUNT,
    AGENT,
    INITIATOR,
    KIND,
    REPLACES,
    RESULT,
    SCANNED_TYPES,
)
from detectors.scanning.lines import ACTIVITY, INTERACTION, SALE, ScannedLines
from detectors.scanning.scanner import NOT_RECOGNISED

(
    WATERMARK,
    OTHERS,
    LATENESS,
    JUMP,
    UNTIL,
    REMEMBERED_FOR,
    USES_KEPT_FOR,
    SPAN_OF_USES,
    TRAFFIC,
) = range(9)
"""Places in the array of times: all in seconds. The first one moves."""

APPLIED, UNCHANGED, AFTER, NEWEST_OF_KIND = range(4)
"""What became of an event; and the newest time."""


def no_counts() -> Reals:
    """Return counts of no events, as `join` adds to them."""
    told = np.zeros((len(SCANNED_TYPES), NEWEST_OF_KIND + 1))
    told[:, NEWEST_OF_KIND] = -np.inf
    return told


NO_USE, MAY_BE_USE, USE, LOOKED_AT = range(4)
"""What a kind of activity is, and what somebody who initiated one makes of it. What is looked at
one by one is left for later, whatever else it is."""


_PASSED_ON: Final = 3
"""What became of an event beside what `adding` knows: whoever asks for it takes it."""


class Lists(NamedTuple):
    """What `join` fills in, as many elements as there are lines."""

    made: Numbers
    alone: Numbers
    later: Integers
    later_rows: Integers
    watermarks: Reals


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
        return SAME
    if place == used and used > 1 and at - one.uses[used - 2] <= span:
        one.uses[used - 1] = at
        one.is_changed = True
        return CHANGED
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
        return LATER
    for other in range(size):
        one.uses[other] = merged[other]
    one.used = size
    one.is_changed = True
    return CHANGED


@compiled
def join(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - the branches that nearly all events go, in one place
    scanned: ScannedLines,
    first: int,
    store: Store,
    times: Reals,
    clock: Agreement,
    kinds: Integers,
    initiators: Integers,
    cell_order: Integers,
    seed: int,
    told: Reals,
    lists: Lists,
) -> tuple[int, int, int, int, int]:
    """Join lines from the one at `first` on; return where it stopped.

    Then the last line that moved the newest time (-1 for none), and how many elements of `lists`
    were filled: `made`, `alone` and `later`.

    Parameters
    ----------
    times
        See `WATERMARK`. Not a number as `SPAN_OF_USES` says that nobody asks for uses, and as
        `TRAFFIC` that nobody asks for interactions and accesses.
    clock
        Of the source, moved with every line.
    kinds, initiators
        `NO_USE`, `MAY_BE_USE`, `USE` or `LOOKED_AT`, by the numbers of their words.
    cell_order
        Of product, channel, site and team the place in the name of the cell, `adding.NO_FIELD` for
        none; without any number every sale is left for later.
    told
        Shape (kinds of events, 4): counts by what became of them, then the newest time.
    lists
        ``made`` and ``alone`` are filled with the rows that got a sale, and with those of accounts
        that are new without one; ``later`` with lines that are left for later, ``later_rows`` with
        the rows of their accounts (`NOT_FOUND` for what is about none), ``watermarks`` with where
        the watermark stood before them.

    There must be room for a row, for ids and for names of all lines.
    """
    data, at_all, all_kinds = scanned.data, scanned.at, scanned.kinds
    texts, numbers, rows = scanned.texts, scanned.numbers, store.rows
    made = alone = later = 0
    newest, watermark = clock.times[NEWEST], times[WATERMARK]
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
        if at < watermark:
            break
        start, length = texts[line, ACCOUNT, 0], texts[line, ACCOUNT, 1]
        result = LATER
        is_use = NO_USE
        if kind == ACTIVITY:
            of_kind = kinds[np.int64(numbers[line, KIND])]
            if of_kind != LOOKED_AT:
                is_use = min(of_kind, initiators[np.int64(numbers[line, INITIATOR])])
                if is_use == NO_USE or np.isnan(times[SPAN_OF_USES]):
                    result = SAME
        elif kind >= INTERACTION:
            result = SAME
            if not np.isnan(times[TRAFFIC]):
                lists.later[later] = line
                lists.later_rows[later] = NOT_FOUND
                lists.watermarks[later] = watermark
                later += 1
                result = _PASSED_ON
        if result == LATER:
            hashed = table_hash(data, start, length, seed)
            row = find(store, data, start, length, hashed)
            is_free = row == NOT_FOUND or not _is_due(rows, row, times, watermark)
            if not is_free:
                pass
            elif kind == SALE:
                if texts[line, REPLACES, 0] < 0:
                    result = add_sale(store, scanned, line, row, hashed, cell_order, seed)
                    if result == CHANGED:
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
                    result = CHANGED
                else:
                    result = _add_use(rows, row, at, times[SPAN_OF_USES])
            if result == LATER:
                if row == NOT_FOUND:
                    row = new_row(store, data, start, length, hashed)
                    rows[row].state = ELSEWHERE
                elif rows[row].state == PLAIN:
                    rows[row].state = TAKEN
                lists.later[later] = line
                lists.later_rows[later] = row
                lists.watermarks[later] = watermark
                later += 1
        if result in (CHANGED, SAME):
            told[kind, APPLIED if result == CHANGED else UNCHANGED] += 1
        told[kind, NEWEST_OF_KIND] = max(told[kind, NEWEST_OF_KIND], at)
        account = account_number(data, start, length)
        moved = observe(clock, at, account, times[LATENESS], times[JUMP])
        line += 1
        if moved > newest:
            is_far = moved > newest + FAR
            newest = moved
            newest_line = line - 1
            reached = newest - times[LATENESS]
            if times[OTHERS] > watermark and watermark < reached:
                watermark = min(reached, times[OTHERS])
            if is_far:
                break
    times[WATERMARK] = watermark
    return line, newest_line, made, alone, later
