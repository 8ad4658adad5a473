"""The lifecycle of an alert about an agent: opened once, revised when it matters, ended.

An alert is *strong* while the evidence is at the threshold or above. Below it, it is not over: an
agent who goes on as before has a lucky fortnight now and then. It is told as *quiet*, and ends when
the evidence has fallen to a small share of the threshold and stayed there, when nothing of the
agent has been judged for a long time, or when people found an explanation. It is withdrawn when, by
what is known now, it should never have been told::

    opened -> strong <-> quiet      told once the evidence has stayed down
                |          |
                +----------+---> resolved: evidence_fell, silent or explained
                |          |
                +----------+---> withdrawn: corrected or common_cause
"""

from collections.abc import Iterable
from typing import Self

from msgspec import Struct

from detectors.alerts.alert import Ending, Severity, Status, Withdrawal
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_of
from detectors.evidence.explanation import LikelyStart
from detectors.settings import EvidenceSettings


class EndingRules(Struct, frozen=True):
    """When an alert is quiet, and when it ends.

    ``low`` is the evidence below which it is over; it is told as quiet, and ends, once it has
    stayed down for ``stay_days``, and ends after ``silent_days`` without an outcome.
    """

    low: float
    stay_days: float
    silent_days: float

    @classmethod
    def of(cls, settings: EvidenceSettings, threshold: float) -> Self:
        """Return the rules of alerts that are opened at `threshold`."""
        return cls(
            settings.resolve_below * threshold,
            seconds_of(settings.resolve_after) / DAY,
            seconds_of(settings.silent_after) / DAY,
        )


class OpenAlert(Struct):
    """An alert that is open.

    ``opened_at`` is in seconds of event time. ``emitted_severity`` and ``emitted_observed`` are
    those of the last revision. ``below_since`` and ``low_since`` are the days since which the
    evidence has been below the threshold, and low; ``quiet`` is whether that is told.
    ``agent_days`` were judged until ``heard_on``, the last day with an outcome. ``ending`` or
    ``withdrawal`` is why the last revision is the last one.

    ``emitted_on`` is the day of the last revision, ``emitted_since`` the likely start that it
    named: it told of the bad outcomes in between. ``stands_on`` is the first day on which the
    evidence, as corrected since, was at the threshold. ``opened_with`` is what it rested on first.
    """

    alert_id: str
    opened_at: Seconds
    revision: int = 0
    emitted_severity: Severity = "warning"
    emitted_observed: int = 0
    below_since: Day | None = None
    low_since: Day | None = None
    quiet: bool = False
    agent_days: int = -1
    heard_on: Day = Day(0)
    ending: Ending | None = None
    withdrawal: Withdrawal | None = None
    emitted_on: Day = Day(0)
    emitted_since: Day = Day(0)
    stands_on: Day = Day(0)
    opened_with: LikelyStart | None = None

    @property
    def opened_on(self) -> Day:
        """The day at whose end it was opened."""
        return Day(day_of(self.opened_at) - 1)

    @property
    def is_over(self) -> bool:
        """Whether the last revision is the last one."""
        return self.ending is not None or self.withdrawal is not None

    @property
    def quiet_since(self) -> Day | None:
        """The day since which the alert is quiet; None if that is not told, or it is over."""
        return self.below_since if self.quiet and not self.is_over else None


class AlertDay(Struct, frozen=True):
    """The end of a day: what an open alert is advanced by.

    ``strong``: the evidence is at the threshold or above; ``low``: below where an alert ends.
    ``agent_days`` are those of the evidence, ``observed`` the bad outcomes it rests on since
    the likely start, the day ``since``. ``explained``: people found it honest. ``corrected``: bad
    outcomes that the last revision told of were taken back; ``withdrawal`` is why it should never
    have been told, if so.
    """

    day: Day
    strong: bool
    low: bool
    agent_days: int
    observed: int
    critical: bool = False
    explained: bool = False
    since: Day = Day(0)
    corrected: bool = False
    withdrawal: Withdrawal | None = None


def next_status(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Status | None:
    """Advance an open alert by one day; return the status of the revision that is due, or None.

    Revisions are due for the opening, for a rise to critical (which lasts as long as the alert),
    for twice as many bad outcomes as in the last revision, when some of those that it told of were
    taken back, when it becomes quiet or strong again, and for its end.
    """
    day = today.day
    if today.agent_days != alert.agent_days:
        alert.agent_days, alert.heard_on = today.agent_days, day
    alert.below_since = _since(alert.below_since, day, holds=not today.strong)
    alert.low_since = _since(alert.low_since, day, holds=today.low)
    alert.withdrawal = today.withdrawal
    alert.ending = None if alert.withdrawal else _ending(alert, today, rules)
    was_quiet, alert.quiet = alert.quiet, _stayed(alert.below_since, day, rules)
    rises = today.critical and alert.emitted_severity != "critical"
    # At least one: without bad outcomes twice nothing is nothing, and every day would be due.
    doubled = today.strong and today.observed >= max(1, 2 * alert.emitted_observed)
    changed = doubled or today.corrected or alert.quiet != was_quiet
    if not (alert.revision == 0 or alert.is_over or rises or changed):
        return None
    alert.revision += 1
    alert.emitted_observed, alert.emitted_on, alert.emitted_since = today.observed, day, today.since
    if rises:
        alert.emitted_severity = "critical"
    if alert.withdrawal:
        return "withdrawn"
    return "resolved" if alert.ending else "open"


def first_strong(
    levels: Iterable[tuple[Day, float]], opened_on: Day, threshold: float
) -> Day | None:
    """Return the first day since an alert was opened on which the evidence is at the threshold.

    `levels` are days in their order, each with its largest evidence, as all that is known now gives
    it. Without such a day the alert should never have been told.
    """
    strong = (day for day, value in levels if day >= opened_on and value >= threshold)
    return next(strong, None)


def _ending(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Ending | None:
    if today.explained:
        return "explained"
    if _stayed(alert.low_since, today.day, rules):
        return "evidence_fell"
    silent = alert.heard_on < today.day and today.day - alert.heard_on >= rules.silent_days
    return "silent" if silent else None


def _since(since: Day | None, day: Day, *, holds: bool) -> Day | None:
    """Return the first day of the days in a row on which something holds."""
    if not holds:
        return None
    return day if since is None else since


def _stayed(since: Day | None, day: Day, rules: EndingRules) -> bool:
    return since is not None and day - since >= rules.stay_days
