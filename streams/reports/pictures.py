"""Pictures of one alert as SVG inside the page: the rate beside peers, and the evidence by time.

They carry no information that does not stand in a sentence too: some mail programs leave them out.
"""

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import Final, NamedTuple

from detectors.alerts.wording import expected_as_read
from streams.reports.figures import Figures
from streams.reports.findings import Finding, Step
from streams.reports.markup import Markup, element
from streams.reports.names import day_in_words, percent

_WIDTH: Final = 360.0
_BAR: Final = 14.0
_ROW: Final = 40.0

_LEFT: Final = 62.0
_TOP: Final = 14.0
_HEIGHT: Final = 110.0

_MOST_TICKS: Final = 4


class _Row(NamedTuple):
    """A bar: its colour, its label, how long it is, and an interval if it is an estimate."""

    kind: str
    label: str
    size: float
    interval: tuple[float, float] | None = None


def comparison(figures: Figures) -> Markup | None:
    """Return bars of what was counted, of the best estimate and of peers; None without them."""
    rows = list(_rows(figures))
    if not rows:
        return None
    longest = max(max(row.size, *(row.interval or (0.0,))) for row in rows)
    scale = (_WIDTH - 2.0) / longest if longest > 0.0 else 0.0
    parts: list[Markup] = [element("title", "; ".join(row.label for row in rows))]
    for number, row in enumerate(rows):
        y = number * _ROW
        parts.append(element("text", row.label, x=0.0, y=y + 12.0))
        parts.append(
            element(
                "rect",
                class_=row.kind,
                x=0.0,
                y=y + 18.0,
                width=max(row.size * scale, 1.0),
                height=_BAR,
                rx=2.0,
            )
        )
        if row.interval is not None:
            parts.append(_whisker(y + 18.0 + _BAR / 2, *(end * scale for end in row.interval)))
    return _drawing(parts, len(rows) * _ROW - 6.0)


def course(finding: Finding) -> Markup | None:
    """Return the evidence at each revision, as a multiple of where a warning begins.

    None if fewer than two revisions are at hand, or the pattern has no such evidence.
    """
    points = [(step, times) for step in finding.steps if (times := _times(step.figures))]
    if len(points) < 2:  # noqa: PLR2004 - a course has two ends
        return None
    first, last = points[0][0], points[-1][0]
    span = (last.at - first.at).total_seconds()
    if span <= 0.0:
        return None
    ticks = _ticks([times for _, times in points])
    low, high = log10(ticks[0]), log10(max(ticks[-1], *(times for _, times in points)))

    def place(step: Step, times: float) -> tuple[float, float]:
        share = (step.at - first.at).total_seconds() / span
        return _LEFT + share * (_WIDTH - _LEFT - 6.0), _level(times, low, high)

    places = [place(step, times) for step, times in points]
    label = (
        f"Evidence, as a multiple of where a warning begins: {points[0][1]:,.0f} times on "
        f"{day_in_words(first.at)}, {points[-1][1]:,.0f} times on {day_in_words(last.at)}"
    )
    bottom = _TOP + _HEIGHT
    parts = [
        element("title", label),
        *(mark for tick in ticks for mark in _tick(tick, _level(tick, low, high))),
        element("path", class_="course", d="M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)),
        *(element("circle", class_="step", cx=x, cy=y, r=3.5) for x, y in places),
        element("text", _short(first), class_="small", x=_LEFT, y=bottom + 18.0),
        element("text", _short(last), class_="small", x=_WIDTH, y=bottom + 18.0, text_anchor="end"),
    ]
    return _drawing(parts, bottom + 24.0)


def _rows(figures: Figures) -> Iterator[_Row]:
    times = figures.times()
    if times is None or figures.expected is None:
        return
    among_peers = figures.peers_rate()

    def shown(multiple: float) -> str:
        if among_peers is not None:
            return percent(min(1.0, multiple * among_peers))
        return f"{multiple * (figures.expected or 0.0):,.0f}"

    if among_peers is None:
        yield _Row("counted", f"As counted: {figures.observed:,} sales", times)
    else:
        of = f"{figures.observed:,} of {figures.trials:,}"
        yield _Row("counted", f"As counted: {shown(times)} ({of})", times)
    if figures.ratio is not None and figures.low is not None and figures.high is not None:
        between = f"{shown(figures.low)} to {shown(figures.high)}"
        label = f"Best estimate: {shown(figures.ratio)} ({between})"
        yield _Row("estimate", label, figures.ratio, (figures.low, figures.high))
    peers = percent(among_peers) if among_peers is not None else expected_as_read(figures.expected)
    yield _Row("peers", f"Peers: {peers}", 1.0)


def _whisker(y: float, low: float, high: float) -> Markup:
    ends = "".join(f"M{x:.1f} {y - 4:.1f} V{y + 4:.1f} " for x in (low, high))
    return element("path", class_="interval", d=f"{ends}M{low:.1f} {y:.1f} H{high:.1f}")


def _times(figures: Figures) -> float:
    if figures.value is None or not figures.threshold:
        return 0.0
    return max(0.0, figures.value / figures.threshold)


def _ticks(times: Sequence[float]) -> list[float]:
    """Return powers of ten that hold the values, 1 among them, and no more than a reader needs."""
    lowest = min(0, *(floor(log10(one)) for one in times))
    highest = max(1, *(floor(log10(one)) for one in times))
    step = 1 + (highest - lowest) // _MOST_TICKS
    below = range(0, lowest - step, -step) if lowest < 0 else (0,)
    return sorted({10.0**power for power in (*below, *range(0, highest + 1, step))})


def _tick(times: float, y: float) -> Iterator[Markup]:
    kind = "threshold" if times == 1.0 else "axis"
    yield element("line", class_=kind, x1=_LEFT, x2=_WIDTH, y1=y, y2=y)
    label = f"{times:,.0f}x" if times >= 1.0 else f"{times:g}x"
    yield element("text", label, class_="small", x=_LEFT - 6.0, y=y + 4.0, text_anchor="end")
    if times == 1.0:
        label = "a warning begins here"
        yield element("text", label, class_="small", x=_WIDTH, y=y - 4.0, text_anchor="end")


def _level(times: float, low: float, high: float) -> float:
    return _TOP + _HEIGHT * (1.0 - (log10(times) - low) / (high - low))


def _short(step: Step) -> str:
    return f"{step.at.day} {step.at:%b %Y}"


def _drawing(parts: Sequence[Markup], height: float) -> Markup:
    box = f"0 0 {_WIDTH:.0f} {height:.0f}"
    return element("svg", *parts, role="img", viewBox=box)
