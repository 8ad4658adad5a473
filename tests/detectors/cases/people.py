"""Made-up people, their logins as they may be spelt, and decisions of theirs."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from detectors.alerts.alert import Alert, Severity, Status, Subject
from detectors.basis.identifiers import AgentId, PatternName
from detectors.cases.case import CaseAlert, case_id_of
from detectors.events.decision import Decision

START: Final = datetime(2025, 3, 1, tzinfo=UTC)
SUBJECT: Final = Subject("agent", "agent-7")
AGENT: Final = AgentId("agent-7")

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "ann": ("ann.lee@bank.example", "Ann.Lee@Bank.example", "BANK\\ann.lee", "ann_lee", "annlee"),
    "bob": ("bob.ray@bank.example", "bob.ray+x@bank.example", "ＢＯＢ.RAY@bank.example"),  # noqa: RUF001 - a wide spelling is the point
    "zoë": ("zoë.cy", "zoe.cy@bank.example", "ZOË.CY"),
}
"""By person; no two people share one."""

PERSON_OF: Final = {login: person for person, logins in SPELLINGS.items() for login in logins}


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def revision(
    alert_id: str = "alert-1",
    number: int = 1,
    hours: float = 0.0,
    *,
    status: Status = "open",
    severity: Severity = "warning",
    observed: int = 10,
    pattern: str = "quick_cancellation",
    agent: AgentId = AGENT,
) -> CaseAlert:
    return CaseAlert(
        alert_id=alert_id,
        pattern=PatternName(pattern),
        revision=number,
        status=status,
        severity=severity,
        opened_at=START,
        updated_at=at(hours),
        observed=observed,
        summary="Agent agent-7 stands out.",
        agent_id=agent,
    )


def decide(kind: str, hours: float, who: str = "ann.lee@bank.example", **fields: Any) -> Decision:  # noqa: ANN401 - whatever a decision of this kind has
    """Return a decision, by an approver who saw revision 1 of alert-1 unless `fields` say else."""
    known = {
        "kind": kind,
        "decision_id": f"{kind}-{hours}-{who}",
        "case_id": case_id_of(SUBJECT),
        "occurred_at": at(hours),
        "who": who,
        "role": "approver",
        "seen": {"alert-1": 1},
    }
    decision: Decision = msgspec.convert(known | fields, Decision)
    return decision


def hours_of(alert: Alert) -> float:
    """Return when an alert was told, as `decide` counts."""
    return (alert.updated_at - START) / timedelta(hours=1)


def closing(alert: Alert, outcome: str, approver: str = "bob.ray@bank.example") -> list[Decision]:
    """Return a proposal and its approval, an hour after the alert."""
    hours = hours_of(alert)
    about: dict[str, Any] = {
        "case_id": case_id_of(alert.subject),
        "seen": {alert.alert_id: alert.revision},
    }
    found = {"outcome": outcome, "words": "Found so."}
    if outcome == "honest":
        found["explanation"] = "returns_desk"
    proposal = decide("propose", hours + 1, **about, **found)
    approval = decide(
        "approve", hours + 2, approver, **about, proposal=proposal.decision_id, words="Yes."
    )
    return [proposal, approval]


def closings_of(alerts: Iterable[Alert]) -> list[Decision]:
    """Return how the cases of the first two agents told of are closed: honest, and confirmed."""
    first: dict[str, Alert] = {}
    for alert in alerts:
        if alert.subject.type == "agent" and alert.severity != "info":
            first.setdefault(alert.subject.id, alert)
    honest, confirmed, *_ = first.values()
    closings = [*closing(honest, "honest"), *closing(confirmed, "confirmed")]
    return sorted(closings, key=lambda decision: decision.occurred_at)
