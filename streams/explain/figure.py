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

from detectors.alerts.alert import evidence_of
from detectors.alerts.evidence import AgainstPeers, RateEvidence
from detectors.basis.event_time import day_name
from streams.explain.chart import EvidenceChart, Mark
from streams.explain.figure_layout import (
    EDGE,
    mark_heights,
    power_of_ten,
    powers_of_ten,
    share_of_width,
)
from streams.explain.figure_theme import THEMES, Theme
from streams.outputs.whole_files import WholeFiles
from streams.printable import printable

WIDTH: Final = 1_600
HEIGHT: Final = 1_100
"""Pixels of a PNG; an SVG has the same shape."""

_DOTS_PER_INCH: Final = 160
_LEFT, _RIGHT = 0.075, 0.955
_LEAST_DAYS: Final = 7.0
"""Shown at least: on a shorter axis dates would stand twice."""

_SMALL, _TEXT, _TITLE = 10.0, 11.5, 17.0
"""Sizes in points; the figure is ten inches wide, and often shown at half of its pixels."""


def write_figure(chart: EvidenceChart, path: Path, theme: Theme = THEMES["light"]) -> None:
    """Draw the chart, which must have points, into a file that ends in .svg or .png.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    kind = path.suffix[1:].lower()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    picture = io.BytesIO()
    with _own_style(theme):
        figure = figure_of(chart, theme)
        figure.savefig(picture, format=kind, metadata=metadata)
    with WholeFiles() as files:
        files.begin(path).write(picture.getvalue())


@contextmanager
def _own_style(theme: Theme) -> Iterator[None]:
    """Let nothing depend on the user's settings, and let a letter that no font has be a box."""
    style: dict[Any, Any] = {
        "axes.edgecolor": theme.frame,
        "axes.facecolor": theme.paper,
        "axes.labelcolor": theme.ink,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": _SMALL,
        "svg.fonttype": "path",  # every machine shows the same letters
        "svg.hashsalt": "aboveboard",
        "text.color": theme.ink,
        "text.parse_math": False,
        "xtick.color": theme.ink,
        "ytick.color": theme.ink,
    }
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def figure_of(chart: EvidenceChart, theme: Theme = THEMES["light"]) -> Figure:
    """Lay out the evidence above, and below it what was observed and expected, added up."""
    figure = Figure(
        figsize=(WIDTH / _DOTS_PER_INCH, HEIGHT / _DOTS_PER_INCH),
        dpi=_DOTS_PER_INCH,
        facecolor=theme.paper,
    )
    evidence, counts = figure.subplots(2, 1, sharex=True, height_ratios=(5, 3))
    figure.subplots_adjust(left=_LEFT, right=_RIGHT, top=0.795, bottom=0.1, hspace=0.27)
    drawing = _Drawing(chart, theme)
    drawing.draw_evidence(evidence)
    drawing.draw_counts(counts)
    first, last = chart.points[0].day, chart.points[-1].day
    counts.set_xlim(first, max(first + _LEAST_DAYS, last + (last - first) / 50))
    counts.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))  # type: ignore[no-untyped-call]  # untyped there
    counts.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))  # type: ignore[no-untyped-call]  # untyped there
    drawing.write_around(figure)
    return figure


class _Drawing:
    """One chart in the colours of one theme."""

    def __init__(self, chart: EvidenceChart, theme: Theme) -> None:
        self._chart: Final = chart
        self._theme: Final = theme
        self._days: Final = np.array([point.day for point in chart.points], dtype=float)
        self._news_colours: Final = {"critical": theme.alarm, "resolved": theme.cleared}

    def draw_evidence(self, axes: Axes) -> None:
        """Draw the evidence with its threshold, its likely start and the revisions."""
        chart, theme, days = self._chart, self._theme, self._days
        least = chart.least()
        values = np.maximum([point.evidence for point in chart.points], least)
        axes.set_yscale("log")
        axes.plot(days, values, color=theme.curve, linewidth=1.8, solid_joinstyle="round")
        strong = np.maximum(values, chart.threshold)
        axes.fill_between(
            days, chart.threshold, strong, color=theme.alarm, alpha=theme.shade, linewidth=0
        )
        axes.axhline(chart.threshold, color=theme.alarm, linewidth=1.2, linestyle=(0, (5, 3)))
        self._name_threshold(axes)
        self._draw_start(axes)
        self._name_start(axes)
        decades = np.log10(chart.largest() / least)
        bottom = 10.0 ** np.floor(np.log10(least))
        heights = mark_heights(chart)
        room = 0.16 + 0.09 * max(heights, default=0)
        axes.set_ylim(bottom, bottom * 10.0 ** ((decades + 0.6) / (1.0 - room)))
        for mark, step in zip(chart.marks, heights, strict=True):
            self._draw_mark(axes, mark, 0.95 - 0.09 * step)
        axes.set_yticks(powers_of_ten(bottom, chart.largest()))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda value, _: power_of_ten(value))
        axes.grid(axis="y", color=theme.grid, linewidth=0.7)
        axes.set_axisbelow(True)
        _name(axes, "Largest evidence of each day, in powers of ten")

    def _name_threshold(self, axes: Axes) -> None:
        """Write at the line where the curve is not: above on the left, or below on the right."""
        chart, theme = self._chart, self._theme
        beginning = [point for point in chart.points if share_of_width(chart, point.day) < 2 * EDGE]
        weak = all(point.evidence < chart.threshold for point in beginning)
        axes.annotate(
            f"warning from {chart.threshold:,.0f} on",
            (0.0 if weak else 1.0, chart.threshold),
            xycoords=("axes fraction", "data"),
            xytext=(6, 4) if weak else (-6, -4),
            textcoords="offset points",
            color=theme.alarm,
            fontsize=_SMALL,
            ha="left" if weak else "right",
            va="bottom" if weak else "top",
        )

    def _draw_start(self, axes: Axes) -> None:
        chart, theme = self._chart, self._theme
        axes.axvline(chart.likely_start, color=theme.start, linewidth=1.4, linestyle=(0, (1, 1.5)))

    def _name_start(self, axes: Axes) -> None:
        chart, theme = self._chart, self._theme
        start = chart.likely_start
        to_the_right = share_of_width(chart, start) < EDGE
        axes.annotate(
            f"most likely start\n{day_name(start)}",
            (start, 0.97),
            xycoords=axes.get_xaxis_transform(),
            xytext=(6 if to_the_right else -6, 0),
            textcoords="offset points",
            color=theme.start,
            fontsize=_SMALL,
            ha="left" if to_the_right else "right",
            va="top",
        )

    def _draw_mark(self, axes: Axes, mark: Mark, height: float) -> None:
        """Write what was new at a share of the height, over a line down to the curve."""
        chart, theme = self._chart, self._theme
        value = next((point.evidence for point in chart.points if point.day == mark.day), None)
        if value is None:
            return
        colour = next(
            (colour for news, colour in self._news_colours.items() if news in mark.news), theme.ink
        )
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
            fontsize=_SMALL,
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
            bbox={"boxstyle": "round,pad=0.25", "facecolor": theme.paper, "edgecolor": colour},
        )

    def draw_counts(self, axes: Axes) -> None:
        """Draw what was observed and what was expected, added up."""
        chart, theme, days = self._chart, self._theme, self._days
        bad = np.array([point.bad for point in chart.points], dtype=float)
        expected = np.array([point.expected for point in chart.points])
        axes.fill_between(
            days, expected, bad, step="post", color=theme.alarm, alpha=theme.shade, lw=0
        )
        axes.step(
            days,
            bad,
            where="post",
            color=theme.ink,
            linewidth=1.7,
            label=f"observed, {bad[-1]:,.0f} in all",
        )
        axes.plot(
            days,
            expected,
            color=theme.curve,
            linewidth=1.5,
            linestyle=(0, (4, 2)),
            label=f"expected among peers, {expected[-1]:,.1f} in all",
        )
        self._draw_start(axes)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        axes.grid(axis="y", color=theme.grid, linewidth=0.7)
        axes.set_axisbelow(True)
        _name(axes, f"Bad outcomes since {day_name(chart.points[0].day)}, added up")
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 0.98),
            ncols=2,
            borderaxespad=0.0,
            frameon=False,
            fontsize=_SMALL,
        )

    def write_around(self, figure: Figure) -> None:
        """Write the title, what it rests on, and which alert it is."""
        chart, muted = self._chart, self._theme.muted
        alert, said = chart.alert, evidence_of(chart.alert, AgainstPeers)
        who = f"{alert.subject.type.capitalize()} {alert.subject.id}"
        title = printable(f"{who}: {alert.pattern.replace('_', ' ')}")
        figure.text(_LEFT, 0.945, title, fontsize=_TITLE, fontweight="bold")
        figure.text(
            _LEFT,
            0.925,
            f"{_counted(chart)}\n{said.expected:,.1f} would be expected among peers.",
            fontsize=_TEXT,
            linespacing=1.45,
            va="top",
        )
        what = (
            f"Alert {alert.alert_id}, revision {alert.revision} ({alert.severity}, {alert.status})"
            f", recomputed up to {day_name(chart.points[-1].day)}"
        )
        figure.text(_LEFT, 0.02, what, fontsize=_SMALL - 1.0, color=muted)
        verdict = "A pattern to review, not a verdict."
        figure.text(_RIGHT, 0.02, verdict, fontsize=_SMALL - 1.0, ha="right")


def _name(axes: Axes, name: str) -> None:
    axes.set_title(name, loc="left", fontsize=_SMALL + 0.5, fontweight="bold", pad=8)


def _counted(chart: EvidenceChart) -> str:
    said = evidence_of(chart.alert, AgainstPeers)
    if not isinstance(said, RateEvidence):
        return f"Since {said.likely_start}, {said.observed:,} sales went bad early;"
    return (
        f"Of {said.matured:,} {chart.tier.unit_phrase} since {said.likely_start}, "
        f"{said.observed:,} went bad;"
    )
