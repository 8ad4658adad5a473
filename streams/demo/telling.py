"""What the people on call have been told, compared with what they should have been."""

from collections.abc import Iterable, Mapping

from detectors.alerts.alert import Alert
from detectors.cases.case import Case, case_id_of
from streams.demo.alertmanager import Told
from streams.demo.service_process import ServiceProcess

_TOLD_SECONDS = 60.0


def newest_revisions(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the newest revision of each alert."""
    newest: dict[str, Alert] = {}
    for alert in alerts:
        known = newest.get(alert.alert_id)
        if known is None or alert.revision >= known.revision:
            newest[alert.alert_id] = alert
    return list(newest.values())


def wait_until_told(
    told: Told, newest: Iterable[Alert], cases: Mapping[str, Case], notifier: ServiceProcess
) -> int:
    """Return how many alerts fire, once those do that should: open warnings, of no closed case.

    Raises
    ------
    DemoFailed
        The notifier has ended, or did not tell them in time.
    """
    expected = frozenset(
        alert.alert_id
        for alert in newest
        if alert.status == "open"
        and alert.severity != "info"
        and ((case := cases.get(case_id_of(alert.subject))) is None or case.state != "closed")
    )
    notifier.wait_for(lambda: told.alert_ids() == expected, "tell the alerts", _TOLD_SECONDS)
    return len(expected)
