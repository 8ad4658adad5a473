"""The life of an alert about an agent: opened once, told again when it matters, resolved."""

from msgspec import Struct

from detectors.alerts.alert import Severity, Status


class OpenAlert(Struct):
    """An alert that is open.

    ``opened_at`` is in seconds of event time, ``low_since`` the day number since which the
    evidence has been below the threshold. ``emitted_severity`` and ``emitted_observed`` are what the
    last revision said.
    """

    alert_id: str
    opened_at: float
    revision: int = 0
    emitted_severity: Severity = "warning"
    emitted_observed: int = 0
    low_since: int | None = None


def next_status(
    alert: OpenAlert,
    *,
    day: int,
    strong: bool,
    critical: bool,
    observed: int,
    resolve_after_days: float,
) -> Status | None:
    """Move an open case on by one day; give the status to tell in a new revision, or None.

    A reader is told of the opening, of a rise to critical (which lasts as long as the case), of
    twice as many bad outcomes as the last time, and of the resolution, which needs the evidence to
    have stayed below the threshold for `resolve_after_days`.
    """
    if strong:
        alert.low_since = None
    elif alert.low_since is None:
        alert.low_since = day
    resolved = alert.low_since is not None and day - alert.low_since >= resolve_after_days
    rises = critical and alert.emitted_severity != "critical"
    doubled = observed >= max(1, 2 * alert.emitted_observed)
    if not (alert.revision == 0 or resolved or rises or (strong and doubled)):
        return None
    alert.revision += 1
    alert.emitted_observed = observed
    if rises:
        alert.emitted_severity = "critical"
    return "resolved" if resolved else "open"
