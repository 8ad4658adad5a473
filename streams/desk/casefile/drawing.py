"""Where the parts of a chart of evidence over time stand, in the units of its drawing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Final, NamedTuple

WIDTH: Final = 720.0
HEIGHT: Final = 232.0
LEFT: Final = 64.0
RIGHT: Final = 12.0
TOP: Final = 18.0
BOTTOM: Final = 30.0

LEAST_SHOWN: Final = 0.1
"""Evidence below it is drawn at it: nobody is accused of so little, and 0 has no logarithm."""

_MOST_LINES: Final = 5
_MOST_DATES: Final = 5
_DATE_WIDTH: Final = 96.0
_SUPERSCRIPT: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Told(NamedTuple):
    """The evidence at a moment: ``revision`` of the alert that said so, None for a day's end."""

    at: datetime
    value: float
    revision: int | None


class Level(NamedTuple):
    """A line across, and what is written beside it."""

    y: float
    label: str


class Date(NamedTuple):
    """A place along the axis of time, and the moment that stands there."""

    x: float
    at: datetime


class Mark(NamedTuple):
    """A revision in the drawing."""

    x: float
    y: float
    revision: int


class EvidenceDrawing(NamedTuple):
    """A chart of evidence over time, on a scale of powers of ten.

    ``path`` goes through all that was told, ``start`` is where the most likely start stands, None
    where it lies outside.
    """

    path: str
    marks: tuple[Mark, ...]
    threshold: float
    start: float | None
    levels: tuple[Level, ...]
    dates: tuple[Date, ...]


def evidence_drawing(
    told: Sequence[Told], threshold: float, likely_start: datetime | None
) -> EvidenceDrawing | None:
    """Return the chart of what was told, in the order of time; None without anything.

    The axis of time begins at the likely start where that is earlier than all that was told.
    """
    if not told:
        return None
    values = [threshold, *(one.value for one in told)]
    low = floor(log10(max(LEAST_SHOWN, min(values))) - 0.25)  # room below the threshold
    high = max(low + 1, ceil(log10(max(LEAST_SHOWN, *values)) + 0.05))
    first = min(told[0].at, likely_start or told[0].at)
    last = max(told[-1].at, first + timedelta(days=1))
    span = (last - first).total_seconds()

    def x(at: datetime) -> float:
        share = (at - first).total_seconds() / span
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        share = (log10(max(LEAST_SHOWN, value)) - low) / (high - low)
        return round(TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM), 1)

    places = [(x(one.at), y(one.value)) for one in told]
    return EvidenceDrawing(
        path="M" + " L".join(f"{across:g} {down:g}" for across, down in places),
        marks=tuple(
            Mark(across, down, one.revision)
            for (across, down), one in zip(places, told, strict=True)
            if one.revision is not None
        ),
        threshold=y(threshold),
        start=None if likely_start is None or likely_start > last else x(likely_start),
        levels=tuple(Level(y(10.0**power), power_of_ten(power)) for power in _powers(low, high)),
        dates=tuple(Date(x(at), at) for at in _dates(first, last)),
    )


def power_of_ten(power: int) -> str:
    """Return a power of ten as it is written beside a line: ``100``, ``10⁶``."""
    plain = {-1: "0.1", 0: "1", 1: "10", 2: "100", 3: "1000"}  # the same in every language but one
    return plain.get(power) or f"10{str(power).translate(_SUPERSCRIPT)}"


def _powers(low: int, high: int) -> Iterator[int]:
    yield from range(low, high + 1, max(1, ceil((high - low) / _MOST_LINES)))


def _dates(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield beginnings of days, far enough apart for their names."""
    begin = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = max(1, (last - begin).days)
    room = int((WIDTH - LEFT - RIGHT) // _DATE_WIDTH)
    step = max(1, ceil(days / min(_MOST_DATES, room)))
    for number in range(0, days + 1, step):
        at = begin + timedelta(days=number)
        if first <= at <= last:
            yield at
