"""The lifecycle of an alert about an agent: opened once, revised when it matters, ended.

An alert is *strong* while the evidence is at the threshold or above. Below it, it is not over: an
agent who goes on as before has a lucky fortnight now and then. It is told as *quiet*, and ends when
the evidence has fallen to a small share of the threshold and stayed there, when nothing of the
agent has been judged for a long time, or when people found an explanation::

    opened -> strong <-> quiet      told once the evidence has stayed down
                |          |
                +----------+---> resolved: evidence_fell, silent or explained
"""

from typing import Self

from msgspec import Struct

from detectors.alerts.alert import Ending, Severity, Status
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds
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
    ``agent_days`` were judged until ``heard_on``, the last day with an outcome. ``ending`` is why
    the last revision is the last one.
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

    @property
    def quiet_since(self) -> Day | None:
        """The day since which the alert is quiet; None if that is not told, or it has ended."""
        return self.below_since if self.quiet and self.ending is None else None


class AlertDay(Struct, frozen=True):
    """The end of a day: what an open alert is advanced by.

    ``strong``: the evidence is at the threshold or above; ``low``: below where an alert ends.
    ``agent_days`` are those of the evidence, ``observed`` the bad outcomes it rests on.
    ``explained``: people found it honest.
    """

    day: Day
    strong: bool
    low: bool
    agent_days: int
    observed: int
    critical: bool = False
    explained: bool = False


def next_status(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Status | None:
    """Advance an open alert by one day; return the status of the revision that is due, or None.

    Revisions are due for the opening, for a rise to critical (which lasts as long as the alert),
    for twice as many bad outcomes as in the last revision, when it becomes quiet or strong again,
    and for its end.
    """
    day = today.day
    if today.agent_days != alert.agent_days:
        alert.agent_days, alert.heard_on = today.agent_days, day
    alert.below_since = _since(alert.below_since, day, holds=not today.strong)
    alert.low_since = _since(alert.low_since, day, holds=today.low)
    alert.ending = _ending(alert, today, rules)
    was_quiet, alert.quiet = alert.quiet, _stayed(alert.below_since, day, rules)
    rises = today.critical and alert.emitted_severity != "critical"
    # At least one: without bad outcomes twice nothing is nothing, and every day would be due.
    doubled = today.strong and today.observed >= max(1, 2 * alert.emitted_observed)
    ends = alert.ending is not None
    if not (alert.revision == 0 or ends or rises or doubled or alert.quiet != was_quiet):
        return None
    alert.revision += 1
    alert.emitted_observed = today.observed
    if rises:
        alert.emitted_severity = "critical"
    return "resolved" if ends else "open"


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
