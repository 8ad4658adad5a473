"""An alert and a case as one flat row of a table; the whole of it is asked for by its id."""

from datetime import datetime

import msgspec
from msgspec import Struct

from detectors.alerts.alert import Alert, Severity, Status, SubjectType
from detectors.cases.case import Case, State, case_id_of
from detectors.cases.waking import RANK
from detectors.events.decision import Outcome
from streams.desk.waiting import waits_since
from streams.wire.lookup_record import ShownSubject


class AlertRow(Struct, frozen=True, kw_only=True):
    """The newest revision of an alert."""

    alert_id: str
    case_id: str
    revision: int
    status: Status
    severity: Severity
    pattern: str
    subject_type: SubjectType
    subject_id: str
    agent_id: str | None
    opened_at: datetime
    updated_at: datetime
    observed: int
    team: str | None
    site: str | None
    summary: str


class CaseRow(Struct, frozen=True, kw_only=True):
    """The newest state of a case.

    ``patterns`` are those of its alerts, separated by blanks; ``team`` and ``site`` those of its
    alert that changed last and names one; ``summary`` is that of its most severe open
    alert.
    ``waits_since`` is since when, or from when on, somebody should look; None if nobody needs to.
    """

    case_id: str
    version: int
    state: State
    severity: Severity
    patterns: str
    subject_type: SubjectType
    subject_id: str
    agent_id: str | None
    team: str | None
    site: str | None
    opened_at: datetime
    updated_at: datetime
    assignee: str | None
    until: datetime | None
    acknowledged_at: datetime | None
    proposed: Outcome | None
    proposed_by: str | None
    closed_as: Outcome | None
    alerts: int
    open_alerts: int
    waits_since: datetime | None
    summary: str


def alert_row(alert: Alert) -> AlertRow:
    """Return the row of an alert."""
    return AlertRow(
        alert_id=alert.alert_id,
        case_id=case_id_of(alert.subject),
        revision=alert.revision,
        status=alert.status,
        severity=alert.severity,
        pattern=alert.pattern,
        subject_type=alert.subject.type,
        subject_id=alert.subject.id,
        agent_id=alert.agent_id,
        opened_at=alert.opened_at,
        updated_at=alert.updated_at,
        observed=alert.evidence.observed,
        team=alert.team,
        site=alert.site,
        summary=alert.summary,
    )


def case_row(case: Case) -> CaseRow:
    """Return the row of a case."""
    told = [alert for alert in case.alerts if alert.status == "open"] or case.alerts
    first = max(told, key=lambda alert: (RANK[alert.severity], alert.updated_at, alert.alert_id))
    newest = sorted(case.alerts, key=lambda alert: (alert.updated_at, alert.alert_id))[::-1]
    return CaseRow(
        case_id=case.case_id,
        version=case.version,
        state=case.state,
        severity=case.severity,
        patterns=" ".join(sorted({alert.pattern for alert in case.alerts})),
        subject_type=case.subject.type,
        subject_id=case.subject.id,
        agent_id=case.agent_id,
        team=next((alert.team for alert in newest if alert.team is not None), None),
        site=next((alert.site for alert in newest if alert.site is not None), None),
        opened_at=case.opened_at,
        updated_at=case.updated_at,
        assignee=case.assignee,
        until=case.until,
        acknowledged_at=case.acknowledged_at,
        proposed=None if case.proposal is None else case.proposal.outcome,
        proposed_by=None if case.proposal is None else case.proposal.who,
        closed_as=None if case.closing is None else case.closing.outcome,
        alerts=len(case.alerts),
        open_alerts=sum(alert.status == "open" for alert in case.alerts),
        waits_since=waits_since(case),
        summary=first.summary,
    )


def at_the_time(row: CaseRow, now: datetime) -> CaseRow:
    """Return the row as it is to be read now: what ended by itself is open again."""
    if row.state in ("acknowledged", "snoozed") and row.until is not None and row.until <= now:
        return msgspec.structs.replace(row, state="open")
    return row


def subjects_of(row: AlertRow | CaseRow) -> set[ShownSubject]:
    """Return whom a row names."""
    found = {ShownSubject(row.subject_type, row.subject_id)}
    if row.agent_id is not None:
        found.add(ShownSubject("agent", row.agent_id))
    return found
