"""A date and time in a line, in compiled code."""

from typing import Final

import numpy as np

from detectors.evidence.arrays import Bytes
from detectors.evidence.compilation import compiled

_DASH, _COLON, _T, _Z, _POINT, _PLUS = (ord(letter) for letter in "-:TZ.+")
_ZERO: Final = ord("0")

_FEBRUARY, _DECEMBER, _LAST_HOUR, _LAST_MINUTE, _LAST_SECOND, _NINE = 2, 12, 23, 59, 59, 9
_MOST_DECIMALS: Final = 6

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Of the times that are recognised: microseconds of those, and their quotients, are exact."""

_SHORTEST: Final = len("2025-01-01T00:00:00Z")

_DAYS: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@compiled
def _two(data: Bytes, i: int) -> int:
    """Return the number that two digits are, -1000 if they are none."""
    high, low = int(data[i]) - _ZERO, int(data[i + 1]) - _ZERO
    if not 0 <= high <= _NINE or not 0 <= low <= _NINE:
        return -1_000
    return high * 10 + low


@compiled
def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@compiled
def _days_in(year: int, month: int) -> int:
    return int(_DAYS[month - 1]) + (month == _FEBRUARY and _is_leap(year))


@compiled
def _days_before(year: int, month: int) -> int:
    """Return the days from 1970-01-01 to the first of a month."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - 719_162
    for earlier in range(month - 1):
        days += int(_DAYS[earlier])
    return days + (month > _FEBRUARY and _is_leap(year))


@compiled
def moment_at(  # noqa: C901, PLR0911, PLR0912 - one question after the other, in their order
    data: Bytes, start: int, length: int
) -> float:
    """Return the event time that ``YYYY-MM-DDTHH:MM:SS[.ffffff](Z|±HH:MM)`` says, in seconds.

    Not a number where the text is anything else. It is what `datetime.timestamp` says of the same.
    """
    if length < _SHORTEST:
        return np.nan
    end = start + length
    year = _two(data, start) * 100 + _two(data, start + 2)
    month, day = _two(data, start + 5), _two(data, start + 8)
    hour, minute, second = _two(data, start + 11), _two(data, start + 14), _two(data, start + 17)
    if (
        not FIRST_YEAR <= year <= LAST_YEAR
        or not 1 <= month <= _DECEMBER
        or not 1 <= day <= _days_in(year, month)
        or not 0 <= hour <= _LAST_HOUR
        or not 0 <= minute <= _LAST_MINUTE
        or not 0 <= second <= _LAST_SECOND
        or _two(data, start) < 0
        or _two(data, start + 2) < 0
        or data[start + 4] != _DASH
        or data[start + 7] != _DASH
        or data[start + 10] != _T
        or data[start + 13] != _COLON
        or data[start + 16] != _COLON
    ):
        return np.nan
    i = start + 19
    micros = 0
    if data[i] == _POINT:
        i += 1
        digits = 0
        while i < end and _ZERO <= data[i] <= _ZERO + 9:
            micros = micros * 10 + (int(data[i]) - _ZERO)
            digits += 1
            i += 1
            if digits > _MOST_DECIMALS:
                return np.nan
        if digits == 0:
            return np.nan
        for _ in range(digits, _MOST_DECIMALS):
            micros *= 10
    offset = 0
    if i < end and data[i] == _Z:
        i += 1
    elif i + 6 == end and (data[i] == _PLUS or data[i] == _DASH) and data[i + 3] == _COLON:
        hours, minutes = _two(data, i + 1), _two(data, i + 4)
        if not 0 <= hours <= _LAST_HOUR or not 0 <= minutes <= _LAST_MINUTE:
            return np.nan
        offset = (hours * 60 + minutes) * 60
        if data[i] == _DASH:
            offset = -offset
        i += 6
    else:
        return np.nan
    if i != end:
        return np.nan
    days = _days_before(year, month) + day - 1
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    return np.float64(seconds * 1_000_000 + micros) / 1_000_000.0
