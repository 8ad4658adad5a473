"""Alerts about one agent made by hand, with the course of outcomes that they tell of."""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from detectors.alerts.alert import Alert, Severity, Status
from detectors.basis.event_time import Day, day_name, moment, start_of_day
from detectors.basis.identifiers import SaleId
from detectors.settings import Settings
from streams.explain.chart import EvidenceChart, evidence_chart
from streams.explain.course import Course, Rules
from streams.explain.evidence import Judged
from tests.streams.alerts_at_hand import agent_alert

FIRST: Final = 20_000
THRESHOLD: Final = 73_000.0
RULES: Final = Rules(0.25, THRESHOLD, THRESHOLD / 100, 14.0, 90.0, 365)


def change(at: int, days: int, until: int | None = None) -> list[Judged]:
    """Return two outcomes a day: one in ten is bad, and every second one from `at` to `until`."""
    until = days if until is None else until
    return [
        Judged(
            Day(FIRST + n // 2),
            SaleId(f"s-{n}"),
            0.1,
            bad=n % (2 if at <= n // 2 < until else 10) == 0,
        )
        for n in range(2 * days)
    ]


def revision(number: int, day: int, severity: Severity, status: Status, start: int) -> Alert:
    """Return what was told at the end of a day."""
    alert = agent_alert(severity=severity, status=status)
    return structs.replace(
        alert,
        revision=number,
        updated_at=moment(start_of_day(Day(FIRST + day + 1))),
        evidence=structs.replace(alert.evidence, likely_start=day_name(Day(FIRST + start))),
    )


def chart_of(outcomes: Sequence[Judged], revisions: Sequence[Alert], days: int) -> EvidenceChart:
    course = Course(outcomes, [], RULES, Day(FIRST + days - 1), ())
    tier = Settings().patterns.tier(revisions[-1].pattern)
    return evidence_chart(revisions, course, THRESHOLD, tier)


def open_chart() -> EvidenceChart:
    """Return 100 days; changed on day 60, told twice."""
    told = [revision(1, 75, "warning", "open", 60), revision(2, 80, "critical", "open", 60)]
    return chart_of(change(60, 100), told, 100)
