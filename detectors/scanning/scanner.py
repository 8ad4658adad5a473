"""The scanner, in compiled code: it accepts a line only if it is certainly a valid event.

It is no second definition of validity. Whatever it does not recognise is left to the decoder
(`detectors.decoding`): escapes, letters beyond ASCII, exponents, unknown or repeated fields, fields
before the type, values out of bounds. What it accepts, the decoder accepts with equal fields.

Every byte that is read lies before the end of its line: that is asked before each of them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from detectors.evidence.arrays import Bytes, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.scanning.fields import (
    ANY_KIND,
    BIT,
    FIRST_WORD,
    HASHES,
    IS_NULLABLE,
    IS_TIME,
    IS_TYPE,
    LENGTH,
    NUMBER_COLUMN,
    REQUIRED,
    SHAPE,
    START,
    TEXT_COLUMN,
    WORDS,
    FieldTable,
    Shape,
)
from detectors.scanning.moments import moment_at

_QUOTE: Final = ord('"')
_BACKSLASH: Final = ord("\\")
_SPACE: Final = ord(" ")
_DELETE: Final = 0x7F
_ZERO: Final = ord("0")
_COLON, _COMMA, _OPEN, _CLOSE = (ord(letter) for letter in ":,{}")
_MINUS, _POINT = (ord(letter) for letter in "-.")
_N, _U, _L, _T, _R, _E, _F, _A, _S = (ord(letter) for letter in "nultrefas")
_NINE: Final = _ZERO + 9

MOST_DIGITS: Final = 15
"""So many digits are an exact integer, whose quotient by a power of ten is rounded once."""

_TENS: Final = np.array([10.0**power for power in range(MOST_DIGITS + 1)])

TEXT, REAL, COUNT, FLAG, WORD, MOMENT, ONE = (int(shape) for shape in Shape)

Kinds = npt.NDArray[np.int8]

NOT_RECOGNISED: Final = -1
"""The kind of a line that is left to the decoder."""


# All of it is one function, and only numbers are handed to others: every array that changes hands
# is counted, which costs more than to read a field.


@compiled
def scan(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - see above
    data: Bytes,
    starts: Integers,
    ends: Integers,
    kind: int,
    table: FieldTable,
    kinds: Kinds,
    at: Reals,
    texts: Integers,
    numbers: Reals,
) -> None:
    """Scan lines, each from its start to before its end in `data`; fill a row for each.

    Parameters
    ----------
    kind
        The kind that every line must be, `ANY_KIND` where each names its own.
    kinds, at, texts, numbers
        Columns to fill: of kinds, `NOT_RECOGNISED` where the line is not; of times, in seconds; of
        places of texts (start and length, -1 for none), shape (n, texts, 2); of numbers, not a
        number for none, shape (n, numbers).
    """
    letters, slots, fields, bounds, words = table
    for row in range(starts.size):
        kinds[row] = NOT_RECOGNISED
        for column in range(texts.shape[1]):
            texts[row, column, 0] = -1
            texts[row, column, 1] = 0
        for column in range(numbers.shape[1]):
            numbers[row, column] = np.nan
        i, end = starts[row], ends[row]
        if i >= end or data[i] != _OPEN:
            continue
        known, seen, needed = kind, np.int64(0), np.int64(0)
        while True:
            # The name of a field.
            i += 1
            while i < end and data[i] == _SPACE:
                i += 1
            if i >= end or data[i] != _QUOTE:
                break
            i += 1
            start = i
            while i < end and data[i] != _QUOTE:
                i += 1
            length = i - start
            if i >= end or length == 0:
                break
            place = np.int64(data[start]) * 31 + np.int64(data[start + length // 2]) * 17
            place = (place + np.int64(data[i - 1]) * 7 + length * 53) & (HASHES - 1)
            field = slots[known, place]
            while field >= 0:
                if fields[field, LENGTH] == length:
                    other = fields[field, START]
                    offset = 0
                    while offset < length and data[start + offset] == letters[other + offset]:
                        offset += 1
                    if offset == length:
                        break
                place = (place + 1) & (HASHES - 1)
                field = slots[known, place]
            if field < 0 or seen & fields[field, BIT]:
                break
            seen |= fields[field, BIT]
            i += 1
            while i < end and data[i] == _SPACE:
                i += 1
            if i >= end or data[i] != _COLON:
                break
            i += 1
            while i < end and data[i] == _SPACE:
                i += 1
            if i >= end:
                break
            # Its value.
            shape, letter, number = fields[field, SHAPE], data[i], np.nan
            if letter == _QUOTE:
                i += 1
                start = i
                while i < end:
                    letter = data[i]
                    if letter in (_QUOTE, _BACKSLASH) or not _SPACE <= letter < _DELETE:
                        break
                    i += 1
                if i >= end or letter != _QUOTE:
                    break
                length = i - start
                i += 1
                if shape == TEXT:
                    if not bounds[field, 0] <= length <= bounds[field, 1]:
                        break
                    column = fields[field, TEXT_COLUMN]
                    if column >= 0:
                        texts[row, column, 0] = start
                        texts[row, column, 1] = length
                elif shape == WORD:
                    word = fields[field, FIRST_WORD]
                    last = word + fields[field, WORDS]
                    while word < last:
                        if words[word, 1] == length:
                            other = words[word, 0]
                            offset = 0
                            while (
                                offset < length and data[start + offset] == letters[other + offset]
                            ):
                                offset += 1
                            if offset == length:
                                break
                        word += 1
                    if word == last:
                        break
                    number = np.float64(word - fields[field, FIRST_WORD])
                elif shape == MOMENT:
                    number = moment_at(data, start, length)
                    if np.isnan(number):
                        break
                    if fields[field, IS_TIME]:
                        at[row] = number
                else:
                    break
            elif letter == _N:
                if (
                    not fields[field, IS_NULLABLE]
                    or i + 4 > end
                    or data[i + 1] != _U
                    or data[i + 2] != _L
                    or data[i + 3] != _L
                ):
                    break
                i += 4
            elif shape == FLAG:
                if (
                    letter == _T
                    and i + 4 <= end
                    and data[i + 1] == _R
                    and data[i + 2] == _U
                    and data[i + 3] == _E
                ):
                    number = 1.0
                    i += 4
                elif (
                    letter == _F
                    and i + 5 <= end
                    and data[i + 1] == _A
                    and data[i + 2] == _L
                    and data[i + 3] == _S
                    and data[i + 4] == _E
                ):
                    number = 0.0
                    i += 5
                else:
                    break
            elif shape in (REAL, COUNT, ONE):
                is_negative = letter == _MINUS
                if is_negative:
                    if shape != REAL:
                        break
                    i += 1
                start, mantissa = i, np.int64(0)
                while i < end and _ZERO <= data[i] <= _NINE and i - start <= MOST_DIGITS:
                    mantissa = mantissa * 10 + (np.int64(data[i]) - _ZERO)
                    i += 1
                digits, decimals = i - start, 0
                if digits == 0 or (digits > 1 and data[start] == _ZERO):
                    break
                if i < end and data[i] == _POINT:
                    i += 1
                    start = i
                    while i < end and _ZERO <= data[i] <= _NINE and digits <= MOST_DIGITS:
                        mantissa = mantissa * 10 + (np.int64(data[i]) - _ZERO)
                        digits += 1
                        i += 1
                    decimals = i - start
                    if decimals == 0 or shape != REAL:
                        break
                if digits > MOST_DIGITS:
                    break
                number = np.float64(mantissa) / _TENS[decimals]
                if is_negative:
                    number = -number
                if not bounds[field, 0] <= number <= bounds[field, 1]:
                    break
            else:
                break
            if fields[field, IS_TYPE]:
                said = int(number)
                if known not in (ANY_KIND, said):
                    break
                known = said
            column = fields[field, NUMBER_COLUMN]
            if column >= 0:
                numbers[row, column] = number
            # What follows.
            while i < end and data[i] == _SPACE:
                i += 1
            if i >= end:
                break
            if data[i] == _COMMA:
                continue
            if data[i] == _CLOSE and i + 1 == end and known != ANY_KIND:
                needed = slots[known, REQUIRED]
                if seen & needed == needed:
                    kinds[row] = known
            break
