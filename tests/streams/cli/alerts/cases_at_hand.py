"""Cases as the stage of cases tells them, made by hand."""

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import Case, Closing, Entry, Proposal, case_alert, case_id_of
from detectors.events.decision import Decision, Propose


def case_of(alert: Alert, version: int = 1) -> Case:
    """Return an acknowledged case, with a decision that counted and one that was refused."""
    return Case(
        case_id=case_id_of(alert.subject),
        version=version,
        state="acknowledged",
        severity=alert.severity,
        subject=alert.subject,
        agent_id=alert.agent_id,
        opened_at=alert.opened_at,
        updated_at=alert.updated_at,
        assignee="anna",
        until=alert.updated_at,
        acknowledged_at=alert.updated_at,
        proposal=None,
        closing=None,
        alerts=(case_alert(alert),),
        history=(
            Entry(at=alert.opened_at, what="opened", alert_id=alert.alert_id, revision=1),
            Entry(
                at=alert.updated_at,
                what="note",
                who="anna",
                role="reviewer",
                words=f"version {version}",
            ),
            Entry(
                at=alert.updated_at,
                what="reopen",
                who="bert",
                role="viewer",
                refused="not_permitted",
                detail="only a reviewer may",
            ),
        ),
    )


def proposed(alert: Alert, decision: Decision) -> Case:
    """Return the case with a closing that waits for another person."""
    assert isinstance(decision, Propose)
    proposal = Proposal(
        decision_id=decision.decision_id,
        outcome=decision.outcome,
        explanation=decision.explanation,
        words=decision.words,
        who=decision.who,
        at=decision.occurred_at,
    )
    return msgspec.structs.replace(case_of(alert, 2), state="proposed", proposal=proposal)


def closed(alert: Alert) -> Case:
    closing = Closing(
        outcome="honest",
        explanation="returns_desk",
        words="they take returns",
        proposed_by="anna",
        approved_by="bert",
        at=alert.updated_at,
        patterns=(alert.pattern,),
    )
    return msgspec.structs.replace(case_of(alert, 3), state="closed", until=None, closing=closing)
