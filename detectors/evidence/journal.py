"""The first outcomes of an agent, kept as they were judged: all that is known of a young row.

A row of evidence takes 1.7 kB, and follows from what was applied to it. As long as that is little
it is kept instead, and the row is made of it again when it is needed: the same inputs in the same
order give the same bits. Nothing of a day is recomputed: the expectation and the exponent of an
outcome are those of the day on which it was judged.
"""

from copy import copy
from typing import Any, Final, NamedTuple, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.evidence.arrays import Bytes, Integers, Reals, SmallIntegers
from detectors.evidence.compilation import compiled

MOST: Final = 12
"""Outcomes of a young row: a sale is at risk on 11 days. They take 0.4 kB; a row of them, 6 µs."""

GROWN: Final = 255
"""The number of outcomes that stands for a row whose outcomes are no longer kept."""

_NONE: Final = -1
_MORE: Final = 64


class Applied(NamedTuple):
    """Outcomes as they were applied to rows, one an element of each array.

    ``values`` are what peers led one to expect, ``numbers`` how many were bad, ``exponents`` those
    of the likelihoods in sixteenths, ``spreads`` how many spreads of honest agents had been in
    force.
    """

    rows: Integers
    days: Integers
    values: Reals
    numbers: Integers
    exponents: Integers
    spreads: Integers


class Entries(NamedTuple):
    """Outcomes of all young rows: each row's latest one names the one before it, and so on."""

    previous: SmallIntegers
    day: SmallIntegers
    value: Reals
    number: SmallIntegers
    exponent: Bytes
    spreads: SmallIntegers
    kept: Bytes
    """(rows,): how many there are of a row, or `GROWN`."""
    latest: SmallIntegers
    """(rows,): the latest of a row."""


_OF_ROWS: Final = Entries._fields.index("kept")


class JournalState(Struct, array_like=True):
    """A `Journal` in a snapshot: ``counts`` by row, and the outcomes row by row, little endian."""

    counts: bytes
    days: bytes
    values: bytes
    numbers: bytes
    exponents: bytes
    spreads: bytes


@compiled
def _forget(entries: Entries, free: int, row: int) -> tuple[int, int]:
    """Let the entries of a row be free; return the first free one, and how many more there are."""
    entry, freed = entries.latest[row], 0
    if entries.kept[row] == GROWN:
        return free, freed
    for _ in range(entries.kept[row]):
        before = entries.previous[entry]
        entries.previous[entry] = free
        free, entry, freed = entry, before, freed + 1
    entries.kept[row] = 0
    return free, freed


@compiled
def _note(entries: Entries, free: int, applied: Applied) -> tuple[int, int, int]:
    """Keep what was applied to young rows.

    Return the first free entry, how many are used up, and how many rows have grown up. There must
    be room for all.
    """
    used = grown = 0
    for index in range(applied.rows.size):
        row = applied.rows[index]
        if applied.exponents[index] == 0 or entries.kept[row] == GROWN:
            continue
        if entries.kept[row] == MOST:
            free, freed = _forget(entries, free, row)
            used -= freed
            entries.kept[row] = GROWN
            grown += 1
            continue
        entry = free
        free = entries.previous[entry]
        entries.day[entry] = applied.days[index]
        entries.value[entry] = applied.values[index]
        entries.number[entry] = applied.numbers[index]
        entries.exponent[entry] = applied.exponents[index]
        entries.spreads[entry] = applied.spreads[index]
        entries.previous[entry] = entries.latest[row]
        entries.latest[row] = entry
        entries.kept[row] += 1
        used += 1
    return free, used, grown


@compiled
def _read(entries: Entries, rows: Integers, applied: Applied) -> None:
    """Fill in what was applied to some young rows."""
    first = 0
    for row in rows:
        entry, number = entries.latest[row], entries.kept[row]
        for back in range(1, number + 1):
            index = first + number - back
            applied.rows[index] = row
            applied.days[index] = entries.day[entry]
            applied.values[index] = entries.value[entry]
            applied.numbers[index] = entries.number[entry]
            applied.exponents[index] = entries.exponent[entry]
            applied.spreads[index] = entries.spreads[entry]
            entry = entries.previous[entry]
        first += number


def _empty(entries: int, rows: int) -> Entries:
    return Entries(
        previous=_chain(0, entries, _NONE),
        day=np.zeros(entries, np.int32),
        value=np.zeros(entries),
        number=np.zeros(entries, np.int32),
        exponent=np.zeros(entries, np.uint8),
        spreads=np.zeros(entries, np.int32),
        kept=np.zeros(rows, np.uint8),
        latest=np.zeros(rows, np.int32),
    )


def _arrays(entries: Entries) -> tuple[NDArray[Any], ...]:
    return tuple(entries)


def _chain(first: int, number: int, after: int) -> SmallIntegers:
    """Return free entries, each naming the next; the last one names the one `after` them."""
    chain = np.arange(first + 1, first + number + 1, dtype=np.int32)
    chain[-1] = after
    return chain


def _integers(held: bytes, kind: str) -> Integers:
    return np.frombuffer(held, kind).astype(np.int64)


class Journal:
    """Keeps the outcomes of every row that has had at most `MOST`.

    Parameters
    ----------
    rows
        How many there is room for at first.

    Attributes
    ----------
    young
        How many rows have not grown up.
    """

    def __init__(self, rows: int) -> None:
        self._entries = _empty(_MORE, rows)
        self._first_free, self._free = 0, _MORE
        self.young = 0

    def add(self, row: int) -> None:
        """Begin with a row."""
        rows = self._entries.kept.size
        if row >= rows:
            self._grow(0, row + row // 4 + _MORE - rows)
        self._entries.kept[row] = 0
        self.young += 1

    def counts(self, rows: Integers) -> Bytes:
        """Return how many outcomes of some rows are kept, `GROWN` of grown ones."""
        return self._entries.kept[rows]

    def note(self, applied: Applied) -> None:
        """Keep what was applied to young rows; those who have had too many grow up."""
        size = applied.rows.size
        if size > self._free:
            self._grow(size + self._entries.day.size // 4 + _MORE, 0)
        self._first_free, used, grown = _note(self._entries, self._first_free, applied)
        self._free -= used
        self.young -= grown

    def of(self, rows: Integers) -> Applied:
        """Return what was applied to some young rows: row by row, in order."""
        size = int(self._entries.kept[rows].sum(dtype=np.int64))
        applied = Applied(
            np.empty(size, np.int64),
            np.empty(size, np.int64),
            np.empty(size),
            np.empty(size, np.int64),
            np.empty(size, np.int64),
            np.empty(size, np.int64),
        )
        _read(self._entries, rows, applied)
        return applied

    def clear(self, row: int, *, grown: bool) -> None:
        """Forget the outcomes of a row: it has had none, or is `grown`."""
        self._first_free, freed = _forget(self._entries, self._first_free, row)
        self._free += freed
        self.young += int(self._entries.kept[row] == GROWN) - grown
        self._entries.kept[row] = GROWN if grown else 0

    def take(self, row: int, source: Self, source_row: int) -> None:
        """Keep of `row` what `source` keeps of `source_row`."""
        one = np.array([source_row], np.int64)
        grown = source.counts(one)[0] == GROWN
        applied = None if grown else source.of(one)
        self.clear(row, grown=grown)
        if applied is not None:
            self.note(applied._replace(rows=np.full_like(applied.rows, row)))

    def copy(self) -> Self:
        """Return an independent object that is equal to this one."""
        same = copy(self)
        same._entries = Entries._make(array.copy() for array in self._entries)  # noqa: SLF001 - of this class
        return same

    def snapshot(self, rows: int) -> JournalState:
        """Return all that is kept of the first rows."""
        counts = self._entries.kept[:rows]
        applied = self.of(np.flatnonzero(counts != GROWN))
        return JournalState(
            counts.tobytes(),
            applied.days.astype("<i4").tobytes(),
            applied.values.astype("<f8").tobytes(),
            applied.numbers.astype("<i4").tobytes(),
            applied.exponents.astype(np.uint8).tobytes(),
            applied.spreads.astype("<i4").tobytes(),
        )

    def restore(self, state: JournalState) -> None:
        """Restore what `snapshot` returned, into a journal of as many rows without outcomes."""
        counts = np.frombuffer(state.counts, np.uint8).astype(np.int64)
        young = np.flatnonzero(counts != GROWN)
        self.note(
            Applied(
                np.repeat(young, counts[young]),
                _integers(state.days, "<i4"),
                np.frombuffer(state.values, "<f8").astype(np.float64),
                _integers(state.numbers, "<i4"),
                _integers(state.exponents, "u1"),
                _integers(state.spreads, "<i4"),
            )
        )
        grown = np.flatnonzero(counts == GROWN)
        self._entries.kept[grown] = GROWN
        self.young -= grown.size

    def _grow(self, entries: int, rows: int) -> None:
        """Make room for so many more of each."""
        old, more = self._entries, _empty(max(entries, 1), rows)
        first, lengths = old.day.size, (entries, rows)
        self._entries = Entries._make(
            np.concatenate([array, new[: lengths[place >= _OF_ROWS]]])
            for place, (array, new) in enumerate(zip(_arrays(old), _arrays(more), strict=True))
        )
        if entries:
            self._entries.previous[first:] = _chain(first, entries, self._first_free)
            self._first_free, self._free = first, self._free + entries
