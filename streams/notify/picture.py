"""What the topics say at a moment: which alerts are open, and which of them people set aside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from detectors.alerts.alert import Alert, Severity
from detectors.cases.case import SEVERITIES, Case, State

_QUIET: Final[tuple[State, ...]] = ("acknowledged", "snoozed")


class _CaseView(Struct, frozen=True):
    """Of a case, what delivery depends on."""

    version: int
    state: State
    until: datetime | None
    alert_ids: frozenset[str]


class Picture:
    """The newest revision of every alert from a severity up, and the newest version of every case.

    Records may come again, and older ones after newer ones: a greater number is newer.
    """

    def __init__(self, least: Severity) -> None:
        self._least: Final = SEVERITIES.index(least)
        self._revisions: Final[dict[str, int]] = {}
        self._open: Final[dict[str, Alert]] = {}
        self._cases: Final[dict[str, _CaseView]] = {}
        self._case_of: Final[dict[str, str]] = {}

    def alert(self, alert: Alert) -> None:
        """Take in a revision of an alert."""
        if alert.revision < self._revisions.get(alert.alert_id, -1):
            return
        self._revisions[alert.alert_id] = alert.revision
        if alert.status == "open" and SEVERITIES.index(alert.severity) >= self._least:
            self._open[alert.alert_id] = alert
        else:
            self._open.pop(alert.alert_id, None)

    def forget_alert(self, alert_id: str) -> None:
        """Take in that an alert was deleted."""
        self._revisions.pop(alert_id, None)
        self._open.pop(alert_id, None)

    def case(self, case: Case) -> None:
        """Take in a version of a case."""
        known = self._cases.get(case.case_id)
        if known is not None and case.version < known.version:
            return
        alert_ids = frozenset(alert.alert_id for alert in case.alerts)
        self._cases[case.case_id] = _CaseView(case.version, case.state, case.until, alert_ids)
        self._case_of.update(dict.fromkeys(alert_ids, case.case_id))

    def forget_case(self, case_id: str) -> None:
        """Take in that a case was deleted: its alerts stand for themselves again."""
        known = self._cases.pop(case_id, None)
        for alert_id in () if known is None else known.alert_ids:
            self._case_of.pop(alert_id, None)

    def revision(self, alert_id: str) -> int | None:
        """Return the newest revision of an alert that was seen; None if there is no such alert."""
        return self._revisions.get(alert_id)

    def to_tell(self) -> dict[str, Alert]:
        """Return the open alerts that people have not closed, by their ids."""
        return {
            alert_id: alert
            for alert_id, alert in self._open.items()
            if (case := self._case(alert_id)) is None or case.state != "closed"
        }

    def quiet(self, now: datetime) -> Mapping[str, datetime]:
        """Return until when each alert is to be silent that somebody acknowledged or snoozed.

        One that has ended is not among them: its end would be silenced too.
        """
        return {
            alert_id: case.until
            for alert_id in self._open
            if (case := self._case(alert_id)) is not None
            and case.state in _QUIET
            and case.until is not None
            and case.until > now
        }

    def _case(self, alert_id: str) -> _CaseView | None:
        case_id = self._case_of.get(alert_id)
        return None if case_id is None else self._cases[case_id]
