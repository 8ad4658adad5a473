"""Exact tables in compiled code: what has the same hash is compared byte by byte."""

import numpy as np

from detectors.evidence.compilation import compiled
from detectors.ledger.plain.hashing import table_hash
from detectors.ledger.plain.layout import (
    CELLS,
    KNOWN,
    LETTERS_END,
    NAMES,
    NOT_FOUND,
)


@compiled
def find(store, data, start, length, hashed):
    """Return the row of an account by its id, `NOT_FOUND` if there is none."""
    rows, heap, index = store.rows, store.heap, store.index
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
                return row
        place = (place + 1) & mask
    return NOT_FOUND


@compiled
def insert(index, hashed, row, counters):
    """Let a row that is in no table be found by its hash."""
    mask = index.size - 1
    place = hashed & mask
    while index[place] != NOT_FOUND:
        place = (place + 1) & mask
    index[place] = row
    counters[KNOWN] += 1


@compiled
def remove(store, row):
    """Let a row not be found any more; those behind it move up, so that no gap hides them."""
    rows, index = store.rows, store.index
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
def name_number(store, data, start, length, seed):
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
                return name
        place = (place + 1) & mask
    counters = store.counters
    name = np.int32(counters[NAMES])
    end = counters[LETTERS_END]
    for offset in range(length):
        letters[end + offset] = data[start + offset]
    names[name, 0], names[name, 1] = end, length
    index[place] = name
    counters[NAMES] += 1
    counters[LETTERS_END] = end + length
    return name


@compiled
def cell_place(store, product, channel, site, team):
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
            return place
        place = (place + 1) & mask
    return place


@compiled
def add_cell(store, product, channel, site, team, name):
    """Let a combination that is not known have a cell of this name."""
    cell = store.counters[CELLS]
    place = cell_place(store, product, channel, site, team)
    store.cells[cell] = (product, channel, site, team, name)
    store.cell_index[place] = cell
    store.counters[CELLS] += 1


@compiled
def put_rows(old, rows, index):
    """Put all rows of an index into another one, which is empty."""
    mask = index.size - 1
    for row in old:
        if row != NOT_FOUND:
            place = np.int64(rows[row].hash) & mask
            while index[place] != NOT_FOUND:
                place = (place + 1) & mask
            index[place] = row


@compiled
def put_names(store, seed):
    """Put all names into their index, which is empty."""
    index, names = store.name_index, store.names
    mask = index.size - 1
    for name in range(store.counters[NAMES]):
        hashed = table_hash(store.letters, names[name, 0], names[name, 1], seed)
        place = np.int64(hashed) & mask
        while index[place] != NOT_FOUND:
            place = (place + 1) & mask
        index[place] = name
