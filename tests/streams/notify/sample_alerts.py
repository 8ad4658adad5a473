"""Alerts and cases for the tests of delivery."""

from datetime import UTC, datetime, timedelta
from typing import Final

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Severity, Status, Subject
from detectors.alerts.evidence import ShiftEvidence
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.case import Case, State, case_alert
from detectors.patterns.account.quick_cancellation import QuickCancellation

AGENT: Final = "morgan-7"
LONG_AGO: Final = datetime(2025, 3, 1, tzinfo=UTC)
"""When the episodes began, by the events: months before anybody is told."""


def alert(
    alert_id: str,
    revision: int = 1,
    severity: Severity = "warning",
    status: Status = "open",
    *,
    summary: str = f"Agent '{AGENT}': 9 of 20 sales were cancelled quickly.",
    pattern: str = "quick_cancellation",
) -> Alert:
    told = Alert(
        alert_id=alert_id,
        revision=revision,
        status=status,
        pattern=PatternName(pattern),
        pattern_version=1,
        severity=severity,
        subject=Subject("agent", AGENT),
        agent_id=AgentId(AGENT),
        opened_at=LONG_AGO,
        updated_at=LONG_AGO + timedelta(days=revision),
        summary=summary,
        evidence=ShiftEvidence(observed=9, peers="site", likely_start="2025-03-01"),
        event_ids=(),
        config_hash="c",
    )
    return advised(told, (), QuickCancellation.advice)


def case(
    case_id: str,
    version: int,
    state: State,
    alerts: tuple[Alert, ...],
    until: datetime | None = None,
) -> Case:
    return Case(
        case_id=case_id,
        version=version,
        state=state,
        severity="warning",
        subject=Subject("agent", AGENT),
        agent_id=AgentId(AGENT),
        opened_at=LONG_AGO,
        updated_at=LONG_AGO,
        assignee=None,
        until=until,
        acknowledged_at=None,
        proposal=None,
        closing=None,
        alerts=tuple(map(case_alert, alerts)),
        history=(),
    )
