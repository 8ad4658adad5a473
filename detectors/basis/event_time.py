"""Event time: seconds since 1970-01-01T00:00:00Z as a float, days as whole numbers of UTC days."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NewType, cast, overload

if TYPE_CHECKING:
    # To a checker the sum of a `NewType` and a number is a plain number, and every sum would need a
    # conversion, which takes longer than the sum. So it is shown classes with their arithmetic.

    class Seconds(float):
        """A moment of event time, not a duration: windows and spans are plain floats."""

        def __add__(self, span: float, /) -> "Seconds": ...

        @overload
        def __sub__(self, moment: "Seconds", /) -> float: ...  # type: ignore[overload-overlap] # a float, too, but asked first
        @overload
        def __sub__(self, span: float, /) -> "Seconds": ...
        def __sub__(self, other: float, /) -> float: ...

    class Day(int):
        """The number of a UTC day, not a number of days, which is a plain int."""

        def __add__(self, days: int, /) -> "Day": ...

        @overload
        def __sub__(self, day: "Day", /) -> int: ...  # type: ignore[overload-overlap] # an int, too, but asked first
        @overload
        def __sub__(self, days: int, /) -> "Day": ...
        def __sub__(self, other: int, /) -> int: ...

else:
    Seconds = NewType("Seconds", float)
    Day = NewType("Day", int)

DAY: Final = 86_400.0
"""Seconds in a day of event time."""

BEGINNING: Final = Seconds(float("-inf"))
"""The event time before all others: the watermark of a partition that has seen nothing."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_whole_day: Final = cast("Callable[[float], Day]", int)

seconds_at: Final = cast("Callable[[datetime], Seconds]", datetime.timestamp)
"""The event time of a date and time. It is `datetime.timestamp` itself, as every event calls it."""


def moment(seconds: Seconds) -> datetime:
    """Return the UTC date and time that lies `seconds` after the epoch, to the microsecond."""
    return _EPOCH + timedelta(seconds=seconds)


def day_of(seconds: Seconds) -> Day:
    """Return the number of the UTC day in which `seconds` lies; a day holds its first instant."""
    return _whole_day(seconds // DAY)


def start_of_day(day: Day) -> Seconds:
    """Return the first instant of day number `day`, in seconds."""
    return Seconds(day * DAY)


def end_of_day(day: Day) -> Seconds:
    """Return the first instant after day number `day`, in seconds."""
    return start_of_day(day + 1)


def days_between(first: Day, last: Day) -> Sequence[Day]:
    """Return the days from `first` to `last`, both of them included."""
    return cast("Sequence[Day]", range(first, last + 1))


def day_name(day: Day) -> str:
    """Return the date of day number `day` as ``YYYY-MM-DD``."""
    return moment(start_of_day(day)).date().isoformat()
