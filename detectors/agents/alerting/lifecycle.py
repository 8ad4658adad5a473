"""The lifecycle of an alert about an agent: opened once, revised when it matters, resolved."""

from msgspec import Struct

from detectors.alerts.alert import Severity, Status
from detectors.basis.event_time import Day, Seconds


class OpenAlert(Struct):
    """An alert that is open.

    ``opened_at`` is in seconds of event time, ``low_since`` the day number since which the
    evidence has been below the threshold. ``emitted_severity`` and ``emitted_observed`` are those
    of the last revision.
    """

    alert_id: str
    opened_at: Seconds
    revision: int = 0
    emitted_severity: Severity = "warning"
    emitted_observed: int = 0
    low_since: Day | None = None


def next_status(
    alert: OpenAlert,
    *,
    day: Day,
    strong: bool,
    critical: bool,
    observed: int,
    resolve_after_days: float,
    over: bool = False,
) -> Status | None:
    """Advance an open alert by one day; return the status of the revision that is due, or None.

    Revisions are due for the opening, for a rise to critical (which lasts as long as the alert),
    for twice as many bad outcomes as in the last revision, and for the resolution, which needs the
    evidence to have stayed below the threshold for `resolve_after_days`, or to be `over`.
    """
    if strong:
        alert.low_since = None
    elif alert.low_since is None:
        alert.low_since = day
    stayed_low = alert.low_since is not None and day - alert.low_since >= resolve_after_days
    resolved = over or stayed_low
    rises = critical and alert.emitted_severity != "critical"
    # At least one: without bad outcomes twice nothing is nothing, and every day would be due.
    doubled = observed >= max(1, 2 * alert.emitted_observed)
    if not (alert.revision == 0 or resolved or rises or (strong and doubled)):
        return None
    alert.revision += 1
    alert.emitted_observed = observed
    if rises:
        alert.emitted_severity = "critical"
    return "resolved" if resolved else "open"
