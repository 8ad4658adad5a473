"""Alerts to show, made by hand."""

from datetime import UTC, datetime

from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Severity, Status, Subject
from detectors.alerts.evidence import RateEvidence
from detectors.basis.identifiers import AgentId, PatternName
from detectors.patterns.account.quick_cancellation import QuickCancellation


def agent_alert(
    agent_id: str = "agent-1",
    *,
    alert_id: str = "0123456789abcdef01234567",
    severity: Severity = "warning",
    status: Status = "open",
    value: float = 80_000.0,
    lower: float = 1.6,
) -> Alert:
    at = datetime(2025, 4, 1, tzinfo=UTC)
    alert = Alert(
        alert_id=alert_id,
        revision=1,
        status=status,
        pattern=PatternName("quick_cancellation"),
        pattern_version=1,
        severity=severity,
        subject=Subject("agent", agent_id),
        agent_id=AgentId(agent_id),
        opened_at=at,
        updated_at=at,
        summary="A sentence.",
        evidence=RateEvidence(
            window="10d",
            matured=40,
            pending=3,
            observed=12,
            peers="all other sellers, by product",
            value=value,
            threshold=73_000.0,
            expected=2.5,
            rate=0.13,
            rate_low=0.1,
            rate_high=0.18,
            rate_ratio=2.1,
            rate_ratio_low=lower,
            rate_ratio_high=2.9,
            likely_start="2025-03-01",
            between_agent_sd=0.25,
            tempering=1.0,
        ),
        event_ids=("e-1", "e-2"),
        config_hash="0" * 16,
    )
    return advised(alert, ("replaced by another sale",), QuickCancellation.advice)
