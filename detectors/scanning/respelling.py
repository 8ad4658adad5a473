"""Ids of agents in columns spelt as the decoder spells them (`detectors.reading.spelling`).

Lines that are recognised hold ASCII alone, of which every form is the same.
"""

from collections.abc import Iterable
from typing import Final

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


@compiled
def _is_a_word(data: Bytes, start: int, length: int, letters: Bytes, ends: Integers) -> bool:
    for word in range(ends.size - 1):
        first = ends[word]
        if ends[word + 1] - first == length:
            offset = 0
            while offset < length and data[start + offset] == letters[first + offset]:
                offset += 1
            if offset == length:
                return True
    return False


@compiled
def respell(
    data: Bytes,
    kinds: Kinds,
    texts: Integers,
    letters: Bytes,
    ends: Integers,
    trims: bool,  # noqa: FBT001 - as numba calls it
    folds: bool,  # noqa: FBT001 - as above
) -> None:
    """Spell the agents of recognised lines; those who are nobody are none.

    Parameters
    ----------
    data, kinds, texts
        Columns as `detectors.scanning.scanner.scan` fills them; letters of `data` are changed.
    letters, ends
        Words that mean nobody, as `words_as_columns` returns them.
    """
    for row in range(kinds.size):
        start, length = texts[row, AGENT, 0], texts[row, AGENT, 1]
        if kinds[row] == NOT_RECOGNISED or start < 0:
            continue
        if trims:
            while length > 0 and data[start] == _SPACE:
                start += 1
                length -= 1
            while length > 0 and data[start + length - 1] == _SPACE:
                length -= 1
        if folds:
            for place in range(start, start + length):
                if _A <= data[place] <= _Z:
                    data[place] += _TO_SMALL
        is_nobody = length == 0 or _is_a_word(data, start, length, letters, ends)
        texts[row, AGENT, 0] = -1 if is_nobody else start
        texts[row, AGENT, 1] = 0 if is_nobody else length
