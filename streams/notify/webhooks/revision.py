"""One revision of an alert."""

from typing import NamedTuple

from detectors.alerts.alert import Severity


class Revision(NamedTuple):
    """One revision of an alert, as it stands in its topic."""

    alert_id: str
    number: int
    severity: Severity
    is_open: bool
    body: bytes
