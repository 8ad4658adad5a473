"""The plot in the terminal shows what the chart holds, at any width and in any encoding."""

import io

import pytest
from rich.console import Console

from detectors.basis.event_time import Day, day_name
from streams.explain.chart import Point
from streams.explain.terminal_plot import (
    ASCII,
    BRAILLE,
    NARROWEST,
    ROWS,
    WIDEST,
    Glyphs,
    print_plot,
)
from streams.explain.terminal_plot import plot_lines as lines_of
from tests.streams.explain.agent_course import (
    FIRST,
    THRESHOLD,
    change,
    chart_of,
    open_chart,
    revision,
)

BOTH = pytest.mark.parametrize("glyphs", [BRAILLE, ASCII], ids=["braille", "ascii"])


def printed(width: int, encoding: str) -> str:
    file = io.BytesIO()
    writer = io.TextIOWrapper(file, encoding=encoding)
    print_plot(open_chart(), Console(file=writer, width=width))
    writer.flush()
    return file.getvalue().decode(encoding)


def plotted(glyphs: Glyphs) -> list[str]:
    return [line.plain for line in lines_of(open_chart(), WIDEST, glyphs)]


def left_edge(lines: list[str], glyphs: Glyphs) -> int:
    """Return the first column right of the axis."""
    return lines[1 + ROWS].index(glyphs.corner) + 1


def is_curve(character: str) -> bool:
    return character == "*" or "\u2800" < character <= "\u28ff"


@BOTH
def test_the_threshold_is_a_line_with_its_number(glyphs: Glyphs) -> None:
    (line,) = [line for line in plotted(glyphs) if f"{THRESHOLD:,.0f}" in line]
    assert line.count(glyphs.threshold) > WIDEST / 2


@BOTH
def test_evidence_is_below_the_line_before_the_change_and_above_it_in_the_end(
    glyphs: Glyphs,
) -> None:
    said = plotted(glyphs)
    lines = said[1 : 1 + ROWS]
    (threshold,) = [row for row, line in enumerate(lines) if f"{THRESHOLD:,.0f}" in line]
    columns = range(left_edge(said, glyphs), WIDEST)
    heights = [
        [row for row, line in enumerate(lines) if is_curve(line[column])] for column in columns
    ]
    assert all(heights), "the curve has a gap"
    assert min(heights[0]) > threshold > max(heights[-1])


@BOTH
def test_start_and_revisions_are_marked_at_their_days_and_named(glyphs: Glyphs) -> None:
    lines = plotted(glyphs)
    places = lines[1 + ROWS + 2]
    start = places.index("S")
    assert sum(line[start] == glyphs.start for line in lines[1 : 1 + ROWS]) > ROWS / 2
    assert start < places.index("1") < places.index("2")
    first, last = open_chart().points[0].day, open_chart().points[-1].day
    edge = left_edge(lines, glyphs)
    share = (start - edge) / (WIDEST - 1 - edge)
    assert share == pytest.approx((FIRST + 60 - first) / (last - first), abs=0.02)
    legend = " ".join(lines[-2:])
    assert f"S most likely start {day_name(Day(FIRST + 60))}" in legend
    assert f"1 opened {day_name(Day(FIRST + 75))}" in legend
    assert f"2 critical {day_name(Day(FIRST + 80))}" in legend


@BOTH
def test_the_axis_has_the_first_and_the_last_date(glyphs: Glyphs) -> None:
    dates = plotted(glyphs)[1 + ROWS + 1].split()
    chart = open_chart()
    assert dates[0] == day_name(chart.points[0].day)
    assert dates[-1] == day_name(chart.points[-1].day)


@BOTH
@pytest.mark.parametrize("width", range(NARROWEST, WIDEST + 1))
def test_no_line_is_wider_than_it_may_be(glyphs: Glyphs, width: int) -> None:
    for line in lines_of(open_chart(), width, glyphs):
        assert len(line) <= width


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("width", [1, 10, NARROWEST - 1, NARROWEST, 80, 300])
def test_any_console_can_show_it(width: int, encoding: str) -> None:
    said = printed(width, encoding)
    assert all(len(line) <= min(width, WIDEST) for line in said.splitlines())
    assert ("most likely start" in said) == (width >= NARROWEST)


def test_braille_is_for_encodings_that_have_it() -> None:
    assert any(character > "\u2800" for character in printed(80, "utf-8"))
    assert "*" in printed(80, "latin-1")


def test_marks_of_one_day_stand_below_each_other() -> None:
    told = [
        revision(1, 80, "warning", "open", 80),
        revision(2, 80, "critical", "open", 80),
    ]
    lines = lines_of(chart_of(change(70, 100), told, 100), WIDEST, BRAILLE)
    below = [line.plain for line in lines[1 + ROWS + 2 : 1 + ROWS + 5]]
    assert [line.split() for line in below] == [["S"], ["1"], ["2"]]


@BOTH
def test_the_axis_is_straight_however_long_its_numbers(glyphs: Glyphs) -> None:
    points = tuple(Point(Day(FIRST + day), 10.0 ** (1.0 + day / 10.0), 0, 0.0) for day in range(41))
    chart = open_chart()._replace(threshold=55.0, points=points)
    said = [line.plain for line in lines_of(chart, WIDEST, glyphs)]
    assert any("100,000" in line for line in said)
    edge = left_edge(said, glyphs) - 1
    assert all(line[edge] in (glyphs.upright, glyphs.tick) for line in said[1 : 1 + ROWS])
    assert all(len(line) <= WIDEST for line in said[1 : 1 + ROWS])


def test_one_day_alone_is_a_plot_too() -> None:
    chart = chart_of(change(0, 1), [revision(1, 0, "warning", "open", 0)], 1)
    assert len(chart.points) == 1
    assert lines_of(chart, WIDEST, BRAILLE)


def test_without_outcomes_it_says_so() -> None:
    console = Console(file=io.StringIO(), width=80)
    print_plot(chart_of([], [revision(1, 0, "warning", "open", 0)], 1), console)
    assert isinstance(console.file, io.StringIO)
    assert "no outcome was judged" in console.file.getvalue()
