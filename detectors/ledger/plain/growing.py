"""Room in the arrays of plain accounts, made before lines are joined: joining makes none."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detectors.ledger.plain.finding import put_cells, put_names, put_rows
from detectors.ledger.plain.layout import (
    CELLS,
    FREE_ROWS,
    HEAP_END,
    HEAP_LIVE,
    KNOWN,
    LETTERS_END,
    NAMES,
    NO_NAME,
    NOT_FOUND,
    PLAIN,
    ROW,
    ROWS_USED,
    TAKEN,
    Numbers,
    Store,
)
from detectors.ledger.plain.leaving import compact

AnyArray = npt.NDArray[Any]

_GROWTH: Final = 1.25
"""Memory is what is short; copying costs little beside what fills an array."""

_FULLEST: Final = 0.6
"""Share of a table that is taken at most."""

_NAMED: Final = ("agent", "cell", "product", "site", "team")
"""The fields of a row that are numbers of names."""

_LEAST_DEAD: Final = 1 << 20
"""Bytes of forgotten ids for which compacting is not worth its time."""


def empty_store(numbers: int) -> Store:
    """Return a store of nothing, with so many numbers a sale."""
    return Store(
        np.zeros(0, dtype=ROW),
        np.zeros((0, numbers)),
        np.zeros(0, dtype=np.uint8),
        _empty_index(16),
        np.zeros(0, dtype=np.int32),
        np.zeros(KNOWN + 1, dtype=np.int64),
        np.zeros(0, dtype=np.uint8),
        np.zeros((0, 2), dtype=np.int64),
        _empty_index(16),
        np.zeros((0, 5), dtype=np.int64),
        _empty_index(16),
    )


def with_room(store: Store, lines: int, letters: int, seed: int) -> Store:
    """Return a store with room for what so many lines of so many bytes may bring."""
    counters = store.counters
    rows = int(counters[ROWS_USED] - counters[FREE_ROWS]) + lines
    if rows > len(store.rows):
        room = int(rows * _GROWTH) + 64
        store = store._replace(
            rows=_grown(store.rows, room),
            numbers=_grown(store.numbers, room),
            free=_grown(store.free, room),
        )
    # An account without a sale has its id twice for a moment: once more than the line has it.
    end = int(counters[HEAP_END]) + 2 * letters
    if end > len(store.heap):
        live = int(counters[HEAP_LIVE])
        if counters[HEAP_END] - live > live + _LEAST_DEAD:
            heap = np.zeros(int((live + 2 * letters) * _GROWTH), dtype=np.uint8)
            counters[HEAP_END] = compact(store, heap)
        else:
            heap = _grown(store.heap, int(end * _GROWTH))
        store = store._replace(heap=heap)
    known = int(counters[KNOWN]) + lines
    if known > _FULLEST * len(store.places):
        index = _empty_index(int(known * _GROWTH / _FULLEST))
        put_rows(store.places, store.rows, index)
        store = store._replace(places=index)
    # Names that are new, and that of a cell of such: as long once more, with what is escaped twice.
    store = _with_room_for_names(store, 6 * lines, 3 * letters + 4 * lines, seed)
    return _with_room_for_cells(store, lines)


def _with_room_for_names(store: Store, more: int, letters: int, seed: int) -> Store:
    counters = store.counters
    names = int(counters[NAMES]) + more
    if names > len(store.names):
        index = _empty_index(int(names * _GROWTH / _FULLEST))
        store = store._replace(names=_grown(store.names, int(names * _GROWTH)), name_index=index)
        put_names(store, seed)
    end = int(counters[LETTERS_END]) + letters
    if end > len(store.letters):
        store = store._replace(letters=_grown(store.letters, int(end * _GROWTH)))
    return store


def _with_room_for_cells(store: Store, more: int) -> Store:
    cells = int(store.counters[CELLS])
    if cells + more <= len(store.cells):
        return store
    room = int((cells + more) * _GROWTH) + 8
    index = _empty_index(int(room / _FULLEST))
    grown = store._replace(cells=_grown(store.cells, room), cell_index=index)
    put_cells(grown)
    return grown


def with_needed_names(store: Store, seed: int) -> Store:
    """Return a store with those names only that its plain accounts need, under new numbers.

    The rows of the store itself are renumbered. Of cells, those go that no account is in.
    """
    counters = store.counters
    rows = store.rows[: int(counters[ROWS_USED])]
    is_plain = (rows["state"] == PLAIN) | (rows["state"] == TAKEN)
    needed = np.unique(np.concatenate([rows[field][is_plain] for field in _NAMED]))
    cells = store.cells[: int(counters[CELLS])]
    cells = cells[np.isin(cells[:, -1], needed)]
    needed = np.union1d(needed, cells)
    needed = needed[needed != NO_NAME]
    # One place more: the last one, at which NO_NAME is found as well.
    renumbered = np.full(int(counters[NAMES]) + 1, NO_NAME, np.int32)
    renumbered[needed] = np.arange(needed.size)
    for field in _NAMED:
        rows[field] = renumbered[rows[field]]
    starts, lengths = store.names[needed].T
    ends = np.cumsum(lengths)
    size = int(lengths.sum())
    letters = store.letters[np.repeat(starts - ends + lengths, lengths) + np.arange(size)]
    counters[NAMES], counters[LETTERS_END], counters[CELLS] = needed.size, size, len(cells)
    store = store._replace(
        letters=letters,
        names=np.stack([ends - lengths, lengths], axis=1),
        name_index=_empty_index(int(needed.size * _GROWTH / _FULLEST)),
        cells=renumbered[cells].astype(np.int64),
        cell_index=_empty_index(int(len(cells) * _GROWTH / _FULLEST)),
    )
    put_names(store, seed)
    put_cells(store)
    return store


def _empty_index(size: int) -> Numbers:
    return np.full(1 << max(4, (size - 1).bit_length()), NOT_FOUND, dtype=np.int32)


def _grown(array: AnyArray, room: int) -> AnyArray:
    grown: AnyArray = np.zeros((room, *array.shape[1:]), dtype=array.dtype)
    grown[: len(array)] = array
    return grown
