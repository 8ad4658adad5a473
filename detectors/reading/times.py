"""Times: what is exactly one moment is read, what is not is refused with the remedy.

Beside RFC 3339, which the strict decoder reads:

- ISO 8601 without seconds, in its basic form, with a comma, with an offset of hours only or after a
  space, with ``24:00`` for the end of a day, with the name of a zone after an offset;
- a leap second, which is the last microsecond of its minute: event time has no place for it;
- a date alone, which is its first moment in UTC;
- a number, which is seconds, milliseconds, microseconds or nanoseconds since 1970: between 1973 and
  5138 no number is a time in two of these units.

A time without an offset is not read: nobody knows whose time it is.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

from detectors.basis.errors import UnreadableValue
from detectors.events.event import Moment
from detectors.reading.identifiers import kind_of
from detectors.reading.plain import Number

_REMEDY: Final = "write it as 2025-03-01T10:00:00Z, or with an offset"

_DATE: Final = r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
_CLOCK: Final = (
    r"(?P<hour>\d\d)(?P<colon>:?)(?P<minute>\d\d)"
    r"(?:(?P=colon)(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,30}))?)?"
)
_OFFSET: Final = r"(?P<zone>[Zz]|UTC|GMT|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>[0-5]\d))?)"
_ZONE_NAME: Final = r"\[[^\]]{1,64}\]"
_TIME: Final = re.compile(rf"{_DATE}(?:[Tt ]{_CLOCK}(?: ?{_OFFSET})?(?:{_ZONE_NAME})?)?", re.ASCII)

_END_OF_DAY: Final = 24
_LEAP: Final = 60

_NUMBER: Final = re.compile(r"(\d{1,19})(?:\.(\d{1,30}))?", re.ASCII)
_UNITS: Final = ((10**11, 6), (10**14, 3), (10**17, 0), (10**20, -3))
"""Numbers below the first are of the unit that has ten to the power of the second microseconds."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(value: object) -> datetime:
    """Return the moment that a value names.

    Raises
    ------
    UnreadableValue
        If it is none, or may be more than one.
    """
    if isinstance(value, Number):
        return _since_1970(value.text)
    if not isinstance(value, str):
        raise UnreadableValue(f"Expected `datetime`, got {kind_of(value)}: {_REMEDY}")
    # First as the strict decoder does, to the same microsecond: that a record goes the lenient way
    # because of some other field must not move its time.
    with suppress(msgspec.ValidationError, UnicodeEncodeError):  # the latter: half a character
        return msgspec.convert(value, Moment)
    text = value.strip()
    found = _TIME.fullmatch(text)
    if found is None:
        if _NUMBER.fullmatch(text) is not None:
            return _since_1970(text)
        raise UnreadableValue(f"Invalid RFC3339 encoded datetime: {_REMEDY}")
    if found["hour"] is not None and found["zone"] is None:
        raise UnreadableValue(
            "Expected `datetime` with a timezone component: nobody can tell whose time it is; "
            f"{_REMEDY}"
        )
    try:
        return _moment(found)
    except (OverflowError, ValueError) as error:
        raise UnreadableValue(f"Invalid RFC3339 encoded datetime, {error}: {_REMEDY}") from None


def _moment(found: re.Match[str]) -> datetime:
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    second = int(found["second"] or 0)
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    is_end_of_day = hour == _END_OF_DAY
    if is_end_of_day and (minute or second or int(fraction)):
        raise ValueError("hour must be in 0..23")
    is_leap = second == _LEAP
    at = datetime(
        day.year,
        day.month,
        day.day,
        0 if is_end_of_day else hour,
        minute,
        59 if is_leap else second,
        999_999 if is_leap else int(fraction),
        tzinfo=_zone(found),
    )
    if is_leap and not _ends_a_month(at):
        raise ValueError("a leap second can only be the last of a month in UTC")
    return at + timedelta(days=1) if is_end_of_day else at


def _zone(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return timezone(-offset if found["sign"] == "-" else offset)


def _ends_a_month(at: datetime) -> bool:
    utc = at.astimezone(UTC)
    after = utc + timedelta(microseconds=1)
    return (after.day, after.hour, after.minute) == (1, 0, 0)


def _since_1970(text: str) -> datetime:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise UnreadableValue(f"Expected `datetime`, got the number {text[:40]}: {_REMEDY}")
    whole, fraction = found[1], found[2] or ""
    power = next(power for below, power in _UNITS if int(whole) < below)
    # Digits are moved as text: a float would not hold all of them.
    if power >= 0:
        microseconds = int(whole + fraction[:power].ljust(power, "0"))
    else:
        microseconds = int(whole) // 10**-power
    return _EPOCH + timedelta(microseconds=microseconds)
