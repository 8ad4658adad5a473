"""Event time: seconds since 1970-01-01T00:00:00Z as a float, days as whole numbers of UTC days."""

from datetime import UTC, datetime, timedelta
from typing import Final

DAY: Final = 86_400.0
"""Seconds in a day of event time."""

BEGINNING: Final = float("-inf")
"""The event time before all others: the watermark of a partition that has seen nothing."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(seconds: float) -> datetime:
    """Return the UTC date and time that lies `seconds` after the epoch, to the microsecond."""
    return _EPOCH + timedelta(seconds=seconds)


def day_of(seconds: float) -> int:
    """Return the number of the UTC day in which `seconds` lies; a day holds its first instant."""
    return int(seconds // DAY)


def start_of_day(day: int) -> float:
    """Return the first instant of day number `day`, in seconds."""
    return day * DAY


def day_name(day: int) -> str:
    """Return the date of day number `day` as ``YYYY-MM-DD``."""
    return moment(start_of_day(day)).date().isoformat()
