"""Exact tables in compiled code: what has the same hash is compared byte by byte."""

import numpy as np

from detectors.evidence.arrays import Bytes, Integers
from detectors.evidence.compilation import compiled
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.layout import (
    CELLS,
    KNOWN,
    LETTERS_END,
    NAMES,
    NOT_FOUND,
    Numbers,
    Rows,
    Store,
)


@compiled
def find(store: Store, data: Bytes, start: int, length: int, hashed: np.uint32) -> int:
    """Return the row of an account by its id, `NOT_FOUND` if there is none."""
    rows, heap, index = store.rows, store.heap, store.places
    mask = index.size - 1
    place = hashed & mask
    while index[place] != NOT_FOUND:
        row = index[place]
        if rows[row].hash == hashed and rows[row].account_length == length:
            other = rows[row].place
            offset = 0
            while offset < length and heap[other + offset] == data[start + offset]:
                offset += 1
            if offset == length:
                return int(row)
        place = (place + 1) & mask
    return NOT_FOUND


@compiled
def insert(index: Numbers, hashed: np.uint32, row: int, counters: Integers) -> None:
    """Let a row that is in no table be found by its hash."""
    mask = index.size - 1
    place = hashed & mask
    while index[place] != NOT_FOUND:
        place = (place + 1) & mask
    index[place] = row
    counters[KNOWN] += 1


@compiled
def remove(store: Store, row: int) -> None:
    """Let a row not be found any more; those behind it move up, so that no gap hides them."""
    rows, index = store.rows, store.places
    mask = index.size - 1
    place = np.int64(rows[row].hash) & mask
    while index[place] != row:
        place = (place + 1) & mask
    gap = place
    while True:
        place = (place + 1) & mask
        other = index[place]
        if other == NOT_FOUND:
            break
        home = np.int64(rows[other].hash) & mask
        # It may move to the gap unless its home lies behind that.
        if (place - home) & mask >= (place - gap) & mask:
            index[gap] = other
            gap = place
    index[gap] = NOT_FOUND
    store.counters[KNOWN] -= 1


@compiled
def name_number(store: Store, data: Bytes, start: int, length: int, seed: int) -> int:
    """Return the number of a name; a new one is added."""
    letters, names, index = store.letters, store.names, store.name_index
    mask = index.size - 1
    place = np.int64(table_hash(data, start, length, seed)) & mask
    while index[place] != NOT_FOUND:
        name = index[place]
        if names[name, 1] == length:
            other = names[name, 0]
            offset = 0
            while offset < length and letters[other + offset] == data[start + offset]:
                offset += 1
            if offset == length:
                return int(name)
        place = (place + 1) & mask
    counters = store.counters
    name = counters[NAMES]
    end = counters[LETTERS_END]
    for offset in range(length):
        letters[end + offset] = data[start + offset]
    names[name, 0], names[name, 1] = end, length
    index[place] = name
    counters[NAMES] += 1
    counters[LETTERS_END] = end + length
    return int(name)


@compiled
def cell_place(store: Store, product: int, channel: int, site: int, team: int) -> int:
    """Return where in `Store.cell_index` a combination stands, or would stand."""
    cells, index = store.cells, store.cell_index
    mask = index.size - 1
    mixed = np.int64(product) * 31 + np.int64(channel) * 1_009
    mixed += np.int64(site) * 40_503 + np.int64(team) * 65_599
    place = (mixed ^ (mixed >> 7)) & mask
    while index[place] != NOT_FOUND:
        cell = index[place]
        if (
            cells[cell, 0] == product
            and cells[cell, 1] == channel
            and cells[cell, 2] == site
            and cells[cell, 3] == team
        ):
            return int(place)
        place = (place + 1) & mask
    return int(place)


@compiled
def add_cell(store: Store, product: int, channel: int, site: int, team: int, name: int) -> None:
    """Let a combination that is not known have a cell of this name."""
    cell = store.counters[CELLS]
    place = cell_place(store, product, channel, site, team)
    store.cells[cell] = (product, channel, site, team, name)
    store.cell_index[place] = cell
    store.counters[CELLS] += 1


@compiled
def put_rows(old: Numbers, rows: Rows, index: Numbers) -> None:
    """Put all rows of an index into another one, which is empty."""
    mask = index.size - 1
    for row in old:
        if row != NOT_FOUND:
            place = np.int64(rows[row].hash) & mask
            while index[place] != NOT_FOUND:
                place = (place + 1) & mask
            index[place] = row


@compiled
def put_names(store: Store, seed: int) -> None:
    """Put all names into their index, which is empty."""
    index, names = store.name_index, store.names
    mask = index.size - 1
    for name in range(store.counters[NAMES]):
        hashed = table_hash(store.letters, names[name, 0], names[name, 1], seed)
        place = np.int64(hashed) & mask
        while index[place] != NOT_FOUND:
            place = (place + 1) & mask
        index[place] = name


@compiled
def put_cells(store: Store) -> None:
    """Put all cells into their index, which is empty."""
    for cell in range(store.counters[CELLS]):
        product, channel, site, team, _ = store.cells[cell]
        store.cell_index[cell_place(store, product, channel, site, team)] = cell
