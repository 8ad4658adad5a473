"""What a picture of the evidence against one agent shows, in the terminal and as a figure."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from msgspec import UNSET

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.event_time import Day, day_of, seconds_at
from detectors.patterns import Pattern
from streams.explain.course import Course

_EPOCH: Final = date(1970, 1, 1).toordinal()

LEAST_SHOWN: Final = 0.1
"""Evidence below it is shown at it: nobody is accused of so little, and 0 has no logarithm."""

LEAST_MARGIN: Final = 14
"""Days shown before the likely start and after the end, at least; else a third of the episode."""


class Mark(NamedTuple):
    """A revision of the alert, and what was new about it; several share one day if need be."""

    day: Day
    revision: int
    news: str


class Point(NamedTuple):
    """The end of a day; bad outcomes and expected ones are counted from the first day shown."""

    day: Day
    evidence: float
    bad: int
    expected: float


class EvidenceChart(NamedTuple):
    """A stretch of days around an alert.

    Attributes
    ----------
    alert
        The latest revision.
    tier
        The pattern it is of, or the early tier of one.
    threshold
        Evidence from which on a warning is due.
    likely_start
        The day from which the outcomes speak most strongly.
    marks
        One a revision, oldest first.
    points
        One a day without gaps; empty if no outcome was judged.
    """

    alert: Alert
    tier: Pattern
    threshold: float
    likely_start: Day
    marks: tuple[Mark, ...]
    points: tuple[Point, ...]

    def largest(self) -> float:
        """Return the largest evidence shown, the threshold among it."""
        return max(self.threshold, *(point.evidence for point in self.points))

    def least(self) -> float:
        """Return the least evidence shown, at least `LEAST_SHOWN`."""
        return max(LEAST_SHOWN, min(point.evidence for point in self.points))


def evidence_chart(
    revisions: Sequence[Alert], course: Course, threshold: float, tier: Pattern
) -> EvidenceChart:
    """Choose the days to show: from well before the likely start until things were over.

    `revisions` are of one alert about an agent, oldest first, and of a pattern or early tier;
    `course` is that of its outcomes.
    """
    latest = revisions[-1]
    start = day_number(evidence_of(latest, AgainstPeers).likely_start)
    marks = tuple(_marks(revisions))
    days = course.days
    if not days:
        return EvidenceChart(latest, tier, threshold, start, marks, ())
    begin = min(start, *(mark.day for mark in marks))
    end = days[-1].day if latest.status == "open" else marks[-1].day
    margin = max(LEAST_MARGIN, (end - begin) // 3)
    shown = [day for day in days if begin - margin <= day.day <= end + margin]
    bad: dict[Day, int] = {}
    expected: dict[Day, float] = {}
    for outcome in course.outcomes():
        bad[outcome.day] = bad.get(outcome.day, 0) + outcome.badly()
        expected[outcome.day] = expected.get(outcome.day, 0.0) + outcome.expected_bad()
    points = tuple(
        Point(day.day, day.evidence, bad_until, expected_until)
        for day, bad_until, expected_until in zip(
            shown,
            accumulate(bad.get(day.day, 0) for day in shown),
            accumulate(expected.get(day.day, 0.0) for day in shown),
            strict=True,
        )
    )
    return EvidenceChart(latest, tier, threshold, start, marks, points)


def reported_at_end_of(alert: Alert) -> Day:
    """Return the day at whose end a revision was made."""
    return day_of(seconds_at(alert.updated_at)) - 1


def opened_at_end_of(alert: Alert) -> Day:
    """Return the day at whose end an alert was opened."""
    return day_of(seconds_at(alert.opened_at)) - 1


def day_number(name: str) -> Day:
    """Return the number of the day that is called ``YYYY-MM-DD``, as `day_name` does."""
    return Day(date.fromisoformat(name).toordinal() - _EPOCH)


def _marks(revisions: Sequence[Alert]) -> list[Mark]:
    marks: list[Mark] = []
    severity = ""
    for alert in revisions:
        news = []
        if not marks:
            news.append("opened")
        if alert.severity == "critical" != severity:
            news.append("critical")
        if alert.status != "open":
            news.append(alert.status)
        if alert.quiet_since is not UNSET:
            news.append("quiet")
        severity = alert.severity
        marks.append(Mark(reported_at_end_of(alert), alert.revision, ", ".join(news) or "updated"))
    return marks
