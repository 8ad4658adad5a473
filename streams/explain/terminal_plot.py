"""The running evidence against one agent, drawn with characters for a terminal of any width."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from detectors.basis.event_time import Day, day_name
from streams.explain.chart import LEAST_SHOWN, EvidenceChart

WIDEST: Final = 78
NARROWEST: Final = 36
"""Columns; in fewer there would be no room for two dates."""

ROWS: Final = 12
_NAME: Final = 10
"""Columns of a date."""

_LONG: Final = 1_000_000.0
"""Numbers from here on are written by their powers of ten."""


class Glyphs(NamedTuple):
    """The characters of a plot, and how many dots across and down each character holds."""

    across: int
    down: int
    threshold: str
    start: str
    upright: str
    tick: str
    corner: str
    floor: str
    date: str


BRAILLE: Final = Glyphs(2, 4, "╌", "┊", "│", "┤", "└", "─", "┬")
ASCII: Final = Glyphs(1, 1, "-", ":", "|", "+", "+", "-", "+")

_BRAILLE_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Of U+2800 and on: bits of the left and of the right column of dots, from the top."""

_CURVE, _THRESHOLD, _START, _MARK, _AXIS = "cyan", "red", "yellow", "bold magenta", "dim"


class _Scale(NamedTuple):
    """Where things stand, in dots from the left and from the top."""

    first_day: Day
    last_day: Day
    low: float
    high: float
    across: int
    down: int

    def place(self, day: Day) -> int:
        share = (day - self.first_day) / max(1, self.last_day - self.first_day)
        return round(share * (self.across - 1))

    def height(self, evidence: float) -> int:
        share = (log10(max(evidence, LEAST_SHOWN)) - self.low) / (self.high - self.low)
        return round((1.0 - share) * (self.down - 1))


def print_plot(chart: EvidenceChart, console: Console) -> None:
    """Draw the chart as wide as the console allows, with what its encoding can show."""
    width = min(WIDEST, console.width)
    if not chart.points:
        console.print("There is no evidence to draw: no outcome was judged.")
    elif width < NARROWEST:
        console.print(f"The evidence is drawn where {NARROWEST} columns or more are free for it.")
    else:
        for line in plot_lines(chart, width, _glyphs(console.encoding)):
            console.print(line)


def plot_lines(chart: EvidenceChart, width: int, glyphs: Glyphs) -> list[Text]:
    """Return the lines of a plot of `width` (at least `NARROWEST`) characters.

    `chart` must have points. Only lines of the legend can be longer, if one mark says much.
    """
    low, high = floor(log10(chart.least())), ceil(log10(chart.largest()) + 0.1)
    labelled = (chart.threshold, *(10.0**power for power in range(low, high + 1)))
    margin = max(len(_number(value)) for value in labelled) + 1
    columns = width - margin - 1
    scale = _Scale(
        chart.points[0].day,
        chart.points[-1].day,
        low,
        high,
        columns * glyphs.across,
        ROWS * glyphs.down,
    )
    cells = _cells(chart, scale, columns, glyphs)
    ticks = _ticks(chart, scale, glyphs)
    lines = [Text("Evidence, day by day (powers of ten)")]
    for row, content in enumerate(cells):
        label, style = ticks.get(row, ("", _AXIS))
        edge = glyphs.tick if label else glyphs.upright
        lines.append(Text.assemble((f"{label:>{margin}}", style), (edge, _AXIS), *content))
    dates = _dates(scale, columns, glyphs)
    axis = "".join(glyphs.date if place in dates else glyphs.floor for place in range(columns))
    lines.append(Text(" " * margin + glyphs.corner + axis, style=_AXIS))
    lines.append(Text(" " * (margin + 1) + _names(dates, columns), style=_AXIS))
    lines.extend(
        Text.assemble(" " * (margin + 1), *marks)
        for marks in _mark_rows(chart, scale, columns, glyphs)
    )
    lines.extend(_legend(chart, width))
    return lines


def _glyphs(encoding: str) -> Glyphs:
    try:
        ("".join(BRAILLE[2:]) + "\u2800").encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return BRAILLE


def _cells(
    chart: EvidenceChart, scale: _Scale, columns: int, glyphs: Glyphs
) -> list[list[tuple[str, str]]]:
    """Return a character and its style for each place, row by row: curve over start over line."""
    cells = [[(" ", "")] * columns for _ in range(ROWS)]
    line = scale.height(chart.threshold) // glyphs.down
    cells[line] = [(glyphs.threshold, _THRESHOLD)] * columns
    start = chart.likely_start
    if scale.first_day <= start <= scale.last_day:
        for row in cells:
            row[scale.place(start) // glyphs.across] = (glyphs.start, _START)
    dots = set(_curve(chart, scale))
    for place, row in enumerate(cells):
        for column in range(columns):
            character = _character(dots, place, column, glyphs)
            if character:
                row[column] = (character, _CURVE)
    return cells


def _curve(chart: EvidenceChart, scale: _Scale) -> Iterator[tuple[int, int]]:
    """Return the dots of the curve: straight from the end of one day to the end of the next."""
    ends = [(scale.place(point.day), scale.height(point.evidence)) for point in chart.points]
    yield ends[0]
    for (left, above), (right, below) in pairwise(ends):
        steps = max(right - left, abs(below - above), 1)
        for step in range(1, steps + 1):
            share = step / steps
            yield round(left + share * (right - left)), round(above + share * (below - above))


def _character(dots: set[tuple[int, int]], row: int, column: int, glyphs: Glyphs) -> str:
    if glyphs is ASCII:
        return "*" if (column, row) in dots else ""
    bits = sum(
        bit
        for across, bits in enumerate(_BRAILLE_DOTS)
        for down, bit in enumerate(bits)
        if (2 * column + across, 4 * row + down) in dots
    )
    return chr(0x2800 + bits) if bits else ""


def _ticks(chart: EvidenceChart, scale: _Scale, glyphs: Glyphs) -> dict[int, tuple[str, str]]:
    """Return labels and styles by row: the threshold, and powers of ten that leave it room."""
    line = scale.height(chart.threshold) // glyphs.down
    ticks = {line: (_number(chart.threshold), _THRESHOLD)}
    step = max(1, ceil((scale.high - scale.low) / 4))
    for power in range(int(scale.low), int(scale.high) + 1, step):
        row = scale.height(10.0**power) // glyphs.down
        if all(abs(row - taken) > 1 for taken in ticks):
            ticks[row] = (_number(10.0**power), _AXIS)
    return ticks


def _number(value: float) -> str:
    """Return a number in at most seven characters."""
    if value >= _LONG:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:,.0f}" if value >= 1.0 else f"{value:g}"


def _dates(scale: _Scale, columns: int, glyphs: Glyphs) -> dict[int, str]:
    """Return names of days by column, far enough apart to be read."""
    days = scale.last_day - scale.first_day
    number = max(1, min(4, (columns - _NAME) // (_NAME + 4), days))
    return {
        scale.place(day) // glyphs.across: day_name(day)
        for day in (scale.first_day + round(days * step / number) for step in range(number + 1))
    }


def _names(dates: dict[int, str], columns: int) -> str:
    """Return the names, each as nearly under its place as the edges allow."""
    line = ""
    for place, name in dates.items():
        begin = min(max(0, place - _NAME // 2), columns - _NAME)
        if not line or begin > len(line):
            line = line.ljust(begin) + name
    return line


def _mark_rows(
    chart: EvidenceChart, scale: _Scale, columns: int, glyphs: Glyphs
) -> list[list[tuple[str, str]]]:
    """Return the rows of marks under the axis; one that finds its place taken goes a row down."""
    rows: list[list[tuple[str, str]]] = []
    wanted = [(chart.likely_start, "S", _START)]
    wanted += [(mark.day, str(mark.revision), _MARK) for mark in chart.marks]
    for day, name, style in wanted:
        if not scale.first_day <= day <= scale.last_day:
            continue
        begin = min(scale.place(day) // glyphs.across, columns - len(name))
        places = range(begin, begin + len(name))
        apart = slice(max(0, begin - 1), begin + len(name) + 1)
        row = next((row for row in rows if all(taken == " " for taken, _ in row[apart])), None)
        if row is None:
            row = [(" ", "")] * columns
            rows.append(row)
        for place, character in zip(places, name, strict=True):
            row[place] = (character, style)
    return rows


def _legend(chart: EvidenceChart, width: int) -> list[Text]:
    """Return what the marks are, in lines that are not too long."""
    parts = [("S", _START, f" most likely start {day_name(chart.likely_start)}")]
    parts += [
        (str(mark.revision), _MARK, f" {mark.news} {day_name(mark.day)}") for mark in chart.marks
    ]
    return _filled([Text.assemble((name, style), said) for name, style, said in parts], width)


def _filled(parts: Sequence[Text], width: int) -> list[Text]:
    lines: list[Text] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1].append("   ").append_text(part)
        else:
            lines.append(part)
    return lines
