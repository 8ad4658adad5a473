"""Two made-up people, who decide about one case of the demo."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from msgspec import Struct

from detectors.alerts.alert import Alert, Subject
from detectors.alerts.evidence import AgainstPeers
from detectors.cases.case import Case, case_id_of
from detectors.events.decision import Acknowledge, Approve, Decision, Propose
from streams.broker.keeper.decision_sender import send_decision
from streams.broker.keeper.reading import read_case
from streams.broker.security import OPEN
from streams.demo.service_process import ServiceProcess
from streams.errors import DemoFailed
from streams.wire.decision_record import decision_record

REVIEWER: Final = "maria"
APPROVER: Final = "tomas"

_JUDGED_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 0.2


class Question(Struct, frozen=True):
    """A case to decide about: the open alerts of one agent, the strongest first."""

    subject: Subject
    alerts: tuple[Alert, ...]

    @property
    def case_id(self) -> str:
        """The id of the case."""
        return case_id_of(self.subject)


def strongest(alerts: Iterable[Alert]) -> Question | None:
    """Return the case of the agent with the strongest open critical alert; None without one.

    `alerts` are the newest revisions.
    """
    open_ones = [one for one in alerts if one.status == "open" and one.subject.type == "agent"]
    critical = [one for one in open_ones if one.severity == "critical"]
    if not critical:
        return None
    first = min(critical, key=_strength)
    others = (one for one in open_ones if one.subject == first.subject and one is not first)
    return Question(first.subject, (first, *sorted(others, key=_strength)))


def decide(question: Question, bootstrap: str, cases: ServiceProcess) -> Case:
    """Let one acknowledge the case and propose to close it, and the other approve.

    Returns how the case stands once `cases` has judged all three.

    Raises
    ------
    DemoFailed
        They were not judged, or not as expected.
    """
    decisions = _decisions(question)
    for decision in decisions:
        send_decision(bootstrap, "", decision_record(decision), OPEN)
    deadline = time.monotonic() + _JUDGED_SECONDS
    while True:
        cases.require_running()
        case = read_case(bootstrap, "", question.case_id, OPEN)
        if case is not None and _judged(case, decisions):
            if case.state != "closed":
                refused = "; ".join(filter(None, (entry.detail for entry in case.history)))
                raise DemoFailed(f"the case did not close, it is {case.state}. {refused}")
            return case
        if time.monotonic() > deadline:
            raise DemoFailed(f"nobody judged the decisions within {_JUDGED_SECONDS:g} s")
        time.sleep(_AGAIN_SECONDS)


def _decisions(question: Question) -> tuple[Decision, ...]:
    now = datetime.now(UTC)
    seen = {alert.alert_id: alert.revision for alert in question.alerts}
    proposal = uuid4().hex
    return (
        Acknowledge(
            decision_id=uuid4().hex,
            case_id=question.case_id,
            occurred_at=now,
            who=REVIEWER,
            role="reviewer",
            seen=seen,
            until=now + timedelta(hours=4),
        ),
        Propose(
            decision_id=proposal,
            case_id=question.case_id,
            occurred_at=now,
            who=REVIEWER,
            role="reviewer",
            seen=seen,
            outcome="confirmed",
            words="I called ten of the customers: seven had not asked for it.",
        ),
        Approve(
            decision_id=uuid4().hex,
            case_id=question.case_id,
            occurred_at=now,
            who=APPROVER,
            role="approver",
            seen=seen,
            proposal=proposal,
        ),
    )


def _judged(case: Case, decisions: Iterable[Decision]) -> bool:
    known = {entry.decision_id for entry in case.history}
    return all(decision.decision_id in known for decision in decisions)


def _strength(alert: Alert) -> tuple[float, str]:
    evidence = alert.evidence
    return (-evidence.value if isinstance(evidence, AgainstPeers) else 0.0, alert.alert_id)
