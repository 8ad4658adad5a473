"""Ids of agents in columns spelt as the decoder spells them (`detectors.reading.spelling`).

Lines that are recognised hold ASCII alone, of which every form is the same.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Bytes, Integers
from detectors.evidence.compilation import compiled
from detectors.scanning.fields import AGENT
from detectors.scanning.scanner import NOT_RECOGNISED, Kinds

_SPACE: Final = ord(" ")
_A, _Z = ord("A"), ord("Z")
_TO_SMALL: Final = ord("a") - _A


def words_as_columns(words: Iterable[str]) -> tuple[Bytes, Integers]:
    """Return the words that an ASCII id may be: their letters, and where each starts and ends."""
    chosen = sorted(word.encode() for word in words if word.isascii())
    ends = np.cumsum([0, *map(len, chosen)], dtype=np.int64)
    return np.frombuffer(b"".join(chosen), dtype=np.uint8), ends


class Targets(NamedTuple):
    """Ids of agents who have another one, as columns, and these others.

    ``old_letters`` and ``old_ends`` are as of words; ``places`` has the start in `letters` and the
    length of the other id of each, -1 and 0 where no recognised line can hold it.
    """

    old_letters: Bytes
    old_ends: Integers
    places: Integers
    letters: Bytes


def targets(merged: Mapping[str, str]) -> Targets:
    """Return the merges of ids that an ASCII line may hold."""
    chosen = sorted(old for old in merged if old.isascii())
    places, letters = np.zeros((len(chosen), 2), dtype=np.int64), bytearray()
    for number, old in enumerate(chosen):
        new = merged[old]
        places[number] = (len(letters), len(new)) if new.isascii() else (-1, 0)
        letters += new.encode() if new.isascii() else b""
    joined = np.frombuffer(bytes(letters), dtype=np.uint8)
    return Targets(*words_as_columns(chosen), places, joined)


@compiled
def _word_at(data: Bytes, start: int, length: int, letters: Bytes, ends: Integers) -> int:
    """Return which of some words stands in a place, -1 for none."""
    for word in range(ends.size - 1):
        first = ends[word]
        if ends[word + 1] - first == length:
            offset = 0
            while offset < length and data[start + offset] == letters[first + offset]:
                offset += 1
            if offset == length:
                return word
    return -1


@compiled
def _without_spaces(data: Bytes, start: int, length: int) -> tuple[int, int]:
    """Return the place of a text without the spaces at its ends."""
    while length > 0 and data[start] == _SPACE:
        start += 1
        length -= 1
    while length > 0 and data[start + length - 1] == _SPACE:
        length -= 1
    return start, length


@compiled
def respell(
    data: Bytes,
    kinds: Kinds,
    texts: Integers,
    letters: Bytes,
    ends: Integers,
    merged: Targets,
    trims: bool,  # noqa: FBT001 - as numba calls it
    folds: bool,  # noqa: FBT001 - as above
) -> None:
    """Spell the agents of recognised lines; those who are nobody are none.

    An agent who has another id gets that one, which stands behind the lines in `data`.

    Parameters
    ----------
    data, kinds, texts
        Columns as `detectors.scanning.scanner.scan` fills them; letters of `data` are changed.
    letters, ends
        Words that mean nobody, as `words_as_columns` returns them.
    merged
        Ids of agents who have another one; the letters of these are the last of `data`.
    """
    old_letters, old_ends, places, others = merged
    behind = data.size - others.size
    for row in range(kinds.size):
        start, length = texts[row, AGENT, 0], texts[row, AGENT, 1]
        if kinds[row] == NOT_RECOGNISED or start < 0:
            continue
        if trims:
            start, length = _without_spaces(data, start, length)
        if folds:
            for place in range(start, start + length):
                if _A <= data[place] <= _Z:
                    data[place] += _TO_SMALL
        word = _word_at(data, start, length, old_letters, old_ends)
        if word >= 0:
            start, length = behind + places[word, 0], places[word, 1]
            if length == 0:  # not in ASCII
                kinds[row] = NOT_RECOGNISED
                continue
        is_nobody = length == 0 or _word_at(data, start, length, letters, ends) >= 0
        texts[row, AGENT, 0] = -1 if is_nobody else start
        texts[row, AGENT, 1] = 0 if is_nobody else length
