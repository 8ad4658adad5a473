"""Where the texts of a figure go, so that none lies on another or leaves the picture."""

from math import ceil, log10
from typing import Final

from detectors.basis.event_time import Day
from streams.explain.chart import EvidenceChart

EDGE: Final = 0.16
"""Nearer to an edge than this share of the width, a text could leave the picture."""

_NEAR: Final = 0.15
"""Marks nearer to each other than this share of the width take different heights."""

MOST_STEPS: Final = 7
"""Heights for marks; more marks than that close together lie on each other."""

_MOST_POWERS: Final = 8
_HARD_TO_READ: Final = 10_000.0
_SUPERSCRIPT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def mark_heights(chart: EvidenceChart) -> list[int]:
    """Return a step from the top for each mark; labels of near ones do not lie on each other."""
    start = share_of_width(chart, chart.likely_start)
    name = start + (EDGE if start < EDGE else -EDGE) / 2
    taken = [(name, 0), (name, 1)]
    heights: list[int] = []
    for mark in chart.marks:
        share = share_of_width(chart, mark.day)
        near = {height for other, height in taken if abs(share - other) < _NEAR}
        heights.append(min(set(range(MOST_STEPS)) - near, default=MOST_STEPS - 1))
        taken.append((share, heights[-1]))
    return heights


def share_of_width(chart: EvidenceChart, day: Day) -> float:
    """Return how far from the left a day lies, as a share of the width."""
    first, last = chart.points[0].day, chart.points[-1].day
    return (day - first) / max(1, last - first)


def powers_of_ten(bottom: float, largest: float) -> list[float]:
    """Return `_MOST_POWERS` or fewer powers of ten, from `bottom` to about `largest`."""
    low, high = round(log10(bottom)), ceil(log10(largest))
    return [10.0**power for power in range(low, high + 1, 1 + (high - low) // _MOST_POWERS)]


def power_of_ten(value: float) -> str:
    """Return a power of ten as people read it."""
    if value >= _HARD_TO_READ:
        return "10" + f"{round(log10(value))}".translate(_SUPERSCRIPT)
    return f"{value:,.0f}" if value >= 1.0 else f"{value:g}"
