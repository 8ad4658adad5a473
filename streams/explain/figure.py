"""The running evidence against one agent as a figure: SVG or PNG, the same bytes every time.

The only module that needs Matplotlib, which is an optional package (`aboveboard[plot]`).
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from detectors.basis.event_time import day_name
from detectors.patterns import EarlyPattern
from streams.explain.chart import EvidenceChart, Mark
from streams.explain.figure_layout import (
    EDGE,
    mark_heights,
    power_of_ten,
    powers_of_ten,
    share_of_width,
)
from streams.printable import printable

WIDTH: Final = 1_600
HEIGHT: Final = 1_100
"""Pixels of a PNG; an SVG has the same shape."""

_DOTS_PER_INCH: Final = 160
_LEFT, _RIGHT = 0.075, 0.955
_LEAST_DAYS: Final = 7.0
"""Shown at least: on a shorter axis dates would stand twice."""

_BLUE, _RED, _ORANGE, _INK, _PALE = "#0072B2", "#C8443C", "#B8860B", "#30343B", "#DDE1E6"
_NEWS_COLOURS: Final = {"critical": _RED, "resolved": "#00805F"}

_STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": "#9AA1AB",
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10.0,
    "svg.hashsalt": "aboveboard",
    "text.color": _INK,
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def write_figure(chart: EvidenceChart, path: Path) -> None:
    """Draw the chart, which must have points, into a file that ends in .svg or .png.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    kind = path.suffix[1:].lower()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    picture = io.BytesIO()
    with _own_style():
        figure = figure_of(chart)
        figure.savefig(picture, format=kind, metadata=metadata)
    path.write_bytes(picture.getvalue())


@contextmanager
def _own_style() -> Iterator[None]:
    """Let nothing depend on the user's settings, and let a letter that no font has be a box."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def figure_of(chart: EvidenceChart) -> Figure:
    """Lay out the evidence above, and below it what was observed and expected, added up."""
    figure = Figure(
        figsize=(WIDTH / _DOTS_PER_INCH, HEIGHT / _DOTS_PER_INCH),
        dpi=_DOTS_PER_INCH,
        facecolor="white",
    )
    evidence, counts = figure.subplots(2, 1, sharex=True, height_ratios=(5, 3))
    figure.subplots_adjust(left=_LEFT, right=_RIGHT, top=0.82, bottom=0.1, hspace=0.25)
    days = np.array([point.day for point in chart.points], dtype=float)
    _draw_evidence(evidence, chart, days)
    _draw_counts(counts, chart, days)
    counts.set_xlim(days[0], max(days[0] + _LEAST_DAYS, days[-1] + (days[-1] - days[0]) / 50))
    counts.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))  # type: ignore[no-untyped-call]  # untyped there
    counts.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]  # untyped there
    _write_around(figure, chart)
    return figure


def _draw_evidence(axes: Axes, chart: EvidenceChart, days: NDArray[np.float64]) -> None:
    least = chart.least()
    values = np.maximum([point.evidence for point in chart.points], least)
    axes.set_yscale("log")
    axes.plot(days, values, color=_BLUE, linewidth=1.8, solid_joinstyle="round")
    strong = np.maximum(values, chart.threshold)
    axes.fill_between(days, chart.threshold, strong, color=_RED, alpha=0.12, linewidth=0)
    axes.axhline(chart.threshold, color=_RED, linewidth=1.2, linestyle=(0, (5, 3)))
    _name_threshold(axes, chart)
    _draw_start(axes, chart)
    _name_start(axes, chart)
    decades = np.log10(chart.largest() / least)
    bottom = 10.0 ** np.floor(np.log10(least))
    heights = mark_heights(chart)
    room = 0.16 + 0.09 * max(heights, default=0)
    axes.set_ylim(bottom, bottom * 10.0 ** ((decades + 0.6) / (1.0 - room)))
    for mark, step in zip(chart.marks, heights, strict=True):
        _draw_mark(axes, chart, mark, 0.95 - 0.09 * step)
    axes.set_yticks(powers_of_ten(bottom, chart.largest()))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: power_of_ten(value))
    axes.grid(axis="y", color=_PALE, linewidth=0.7)
    axes.set_axisbelow(True)
    _name(axes, "Largest evidence of each day, in powers of ten")


def _name_threshold(axes: Axes, chart: EvidenceChart) -> None:
    """Write at the line where the curve is not: above it on the left, or below it on the right."""
    beginning = [point for point in chart.points if share_of_width(chart, point.day) < 2 * EDGE]
    weak = all(point.evidence < chart.threshold for point in beginning)
    axes.annotate(
        f"warning from {chart.threshold:,.0f} on",
        (0.0 if weak else 1.0, chart.threshold),
        xycoords=("axes fraction", "data"),
        xytext=(6, 4) if weak else (-6, -4),
        textcoords="offset points",
        color=_RED,
        fontsize=9,
        ha="left" if weak else "right",
        va="bottom" if weak else "top",
    )


def _draw_start(axes: Axes, chart: EvidenceChart) -> None:
    if chart.likely_start is not None:
        axes.axvline(chart.likely_start, color=_ORANGE, linewidth=1.4, linestyle=(0, (1, 1.5)))


def _name_start(axes: Axes, chart: EvidenceChart) -> None:
    start = chart.likely_start
    if start is None:
        return
    to_the_right = share_of_width(chart, start) < EDGE
    axes.annotate(
        f"most likely start\n{day_name(start)}",
        (start, 0.97),
        xycoords=axes.get_xaxis_transform(),
        xytext=(6 if to_the_right else -6, 0),
        textcoords="offset points",
        color=_ORANGE,
        fontsize=9,
        ha="left" if to_the_right else "right",
        va="top",
    )


def _draw_mark(axes: Axes, chart: EvidenceChart, mark: Mark, height: float) -> None:
    """Write what was new in a revision at a share of the height, over a line down to the curve."""
    value = next((point.evidence for point in chart.points if point.day == mark.day), None)
    if value is None:
        return
    colour = next((colour for news, colour in _NEWS_COLOURS.items() if news in mark.news), _INK)
    value = max(value, chart.least())
    share = share_of_width(chart, mark.day)
    side = "left" if share < EDGE / 2 else "right" if share > 1.0 - EDGE / 2 else "center"
    axes.plot([mark.day], [value], "o", color=colour, markersize=5.5, zorder=4)
    axes.annotate(
        f"{mark.revision} {mark.news}",
        xy=(mark.day, value),
        xytext=(mark.day, height),
        xycoords="data",
        textcoords=axes.get_xaxis_transform(),
        color=colour,
        fontsize=9,
        ha=side,
        va="center",
        arrowprops={
            "arrowstyle": "-",
            "color": colour,
            "linewidth": 0.8,
            "relpos": ({"left": 0.0, "center": 0.5, "right": 1.0}[side], 0.0),
            "shrinkA": 0,
            "shrinkB": 3,
        },
        bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": colour},
    )


def _draw_counts(axes: Axes, chart: EvidenceChart, days: NDArray[np.float64]) -> None:
    bad = np.array([point.bad for point in chart.points], dtype=float)
    expected = np.array([point.expected for point in chart.points])
    axes.fill_between(days, expected, bad, step="post", color=_RED, alpha=0.12, lw=0)
    axes.step(
        days,
        bad,
        where="post",
        color=_INK,
        linewidth=1.7,
        label=f"observed, {bad[-1]:,.0f} in all",
    )
    axes.plot(
        days,
        expected,
        color=_BLUE,
        linewidth=1.5,
        linestyle=(0, (4, 2)),
        label=f"expected among peers, {expected[-1]:,.1f} in all",
    )
    _draw_start(axes, chart)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=_PALE, linewidth=0.7)
    axes.set_axisbelow(True)
    _name(axes, f"Bad outcomes since {day_name(chart.points[0].day)}, added up")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.98),
        ncols=2,
        borderaxespad=0.0,
        frameon=False,
        fontsize=9,
    )


def _name(axes: Axes, name: str) -> None:
    axes.set_title(name, loc="left", fontsize=10, fontweight="bold", pad=7)


def _counted(chart: EvidenceChart) -> str:
    said = chart.alert.evidence
    if isinstance(chart.tier, EarlyPattern):
        return f"Since {said.likely_start}, {said.observed:,} sales went bad early,"
    return (
        f"Of {said.matured:,} {chart.tier.unit_phrase} since {said.likely_start}, "
        f"{said.observed:,} went bad,"
    )


def _write_around(figure: Figure, chart: EvidenceChart) -> None:
    alert, said = chart.alert, chart.alert.evidence
    figure.text(
        _LEFT,
        0.94,
        printable(f"Agent {alert.subject.id}: {alert.pattern.replace('_', ' ')}"),
        fontsize=15,
        fontweight="bold",
    )
    figure.text(
        _LEFT,
        0.895,
        f"{_counted(chart)} where {said.expected or 0.0:,.1f} would be expected among peers.",
        fontsize=10.5,
    )
    figure.text(_RIGHT, 0.02, "A pattern to review, not a verdict.", fontsize=8.5, ha="right")
    figure.text(
        _LEFT,
        0.02,
        f"Alert {alert.alert_id}, revision {alert.revision} ({alert.severity}, {alert.status}), "
        f"recomputed up to {day_name(chart.points[-1].day)}",
        fontsize=8.5,
        color="#767D88",
    )
