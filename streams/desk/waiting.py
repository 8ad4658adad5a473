"""Since when a case waits for somebody, and when it is overdue."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from detectors.alerts.alert import Severity
from detectors.basis.durations import seconds_of
from detectors.cases.case import SEVERITIES, Case, Entry
from detectors.cases.words import end_in
from streams.config.desk import DeskSettings

_TELL: Final = ("opened", "revised")
"""What the history says of a revision that leaves its alert open."""


class Clocks(NamedTuple):
    """How long a case may wait until somebody acknowledges or decides it, by its severity."""

    info: timedelta
    warning: timedelta
    critical: timedelta

    def of(self, severity: Severity) -> timedelta:
        """Return that of a severity."""
        return self[SEVERITIES.index(severity)]


def clocks_of(settings: DeskSettings) -> Clocks:
    """Return the clocks that the settings of the desk name."""
    return Clocks(
        *(
            timedelta(seconds=seconds_of(duration))
            for duration in (
                settings.desk_due_info,
                settings.desk_due_warning,
                settings.desk_due_critical,
            )
        )
    )


def waits_since(case: Case) -> datetime | None:
    """Return since when a case waits for somebody, or from when on; None if it does not.

    An open case waits since it opened, or opened again: new evidence woke it, somebody reopened it
    or rejected its proposal, or what put it aside has ended. One that is put aside waits from the
    end of that on.
    """
    if case.state in ("acknowledged", "snoozed"):
        return case.until
    if case.state != "open":
        return None
    since, ended = case.opened_at, None
    told: dict[str, str] = {}
    for entry in case.history:
        if entry.alert_id is not None:
            quiet = bool(told) and not any(what in _TELL for what in told.values())
            told[entry.alert_id] = entry.what
            if entry.woke is not None or (quiet and entry.what in _TELL):
                since, ended = entry.at, None
        elif entry.refused is None:
            ended = _ended(entry, ended)
            if entry.what in ("reopen", "reject"):
                since = entry.at
    return since if ended is None else max(since, ended)


def _ended(entry: Entry, before: datetime | None) -> datetime | None:
    """Return until when a case was put aside, after a decision that counted."""
    if entry.what == "reopen":
        return None
    if entry.what not in ("acknowledge", "snooze"):
        return before
    return end_in(entry.words or "") or before
