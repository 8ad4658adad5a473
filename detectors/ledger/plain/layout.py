"""The arrays in which plain accounts are kept."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.evidence.arrays import Bytes, Integers, Reals

Numbers = npt.NDArray[np.int32]
Rows = npt.NDArray[np.void]

MOST_USES: Final = 4
"""Times of use of a plain account; more are kept by an account of its own."""

ROW: Final = np.dtype(
    [
        ("at", np.float64),
        ("uses", np.float64, (MOST_USES,)),
        ("amount", np.float64),
        ("batch", np.int64),
        ("customer", np.int64),
        ("verdicts", np.uint64),
        ("place", np.int64),
        ("hash", np.uint32),
        ("due", np.int32),
        ("agent", np.int32),
        ("cell", np.int32),
        ("product", np.int32),
        ("site", np.int32),
        ("team", np.int32),
        ("account_length", np.uint16),
        ("sale_length", np.uint16),
        ("event_length", np.uint16),
        ("used", np.uint8),
        ("state", np.uint8),
        ("in_cohort", np.bool_),
        ("is_changed", np.bool_),
        ("was_sold", np.bool_),
    ],
    align=True,
)
"""One account.

``at``: when it was sold (seconds), not a number as long as no sale is known. ``uses``: the first
``used`` are times of use, sorted. ``place``: where its id, the sale's and its event's follow each
other in `Store.heap`. ``due``: the day in whose list an account without a sale waits to be
forgotten. ``agent``, ``cell``, ``product``, ``site``, ``team``: numbers of names, `NO_NAME` for
none. ``in_cohort``: a cohort still holds this row, so that it must not be used anew. The rest is
as in `detectors.facts.account`.
"""

NO_NAME: Final = -1

FREE, PLAIN, ELSEWHERE, GONE, TAKEN = range(5)
"""States of a row.

A plain account; the id of an account that is kept as an object, `ELSEWHERE`; a row of which nothing
is left but its place in a cohort; and a plain account that is about to become an object.
"""

ROWS_USED, FREE_ROWS, HEAP_END, HEAP_LIVE, NAMES, LETTERS_END, CELLS, KNOWN = range(8)
"""Places in `Store.counters`. ``KNOWN``: how many accounts are found by their id."""

NOT_FOUND: Final = -1


class Store(NamedTuple):
    """All arrays, for compiled code.

    Attributes
    ----------
    rows
        Of type `ROW`.
    numbers
        Shape (rows, numbers asked): not a number where unknown.
    heap
        The ids of all accounts, sales and events.
    places
        Rows by the hash of their account id, with open addressing.
    free
        A stack of rows that may be used anew.
    counters
        See `ROWS_USED`.
    letters, names, name_index
        Names, each once: shape (n, 2), start and length in `letters`; found by hash.
    cells, cell_index
        Shape (n, 5): numbers of product, channel, site, team, then that of the cell's name.
    """

    rows: Rows
    numbers: Reals
    heap: Bytes
    places: Numbers
    free: Numbers
    counters: Integers
    letters: Bytes
    names: Integers
    name_index: Numbers
    cells: Integers
    cell_index: Numbers
