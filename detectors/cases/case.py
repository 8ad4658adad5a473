"""A case on the wire: the alerts of one subject, what people decided, and how it stands."""

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from detectors.alerts.alert import Alert, Severity, Status, Subject
from detectors.basis.content_id import content_id
from detectors.basis.identifiers import AgentId, PatternName
from detectors.events.decision import Outcome, Role

State = Literal["open", "acknowledged", "snoozed", "proposed", "closed", "resolved", "withdrawn"]

SEVERITIES: Final[tuple[Severity, ...]] = ("info", "warning", "critical")
"""From the least to the most severe."""

Refusal = Literal[
    "not_permitted",
    "same_person",
    "unclear_login",
    "stale",
    "unknown_alert",
    "no_such_proposal",
    "proposal_pending",
    "case_is_closed",
    "case_is_not_closed",
    "case_is_withdrawn",
    "unknown_explanation",
    "wrong_end",
    "repeated_id",
    "too_many_decisions",
]

Waking = Literal["doubled", "more_severe", "another_pattern", "new_alert", "partly_withdrawn"]


class CaseAlert(Struct, frozen=True, kw_only=True):
    """An alert of the case in its newest revision; the topic ``alerts`` has all of it.

    ``observed`` is how many outcomes went bad; ``team``, ``site`` and ``agent_id`` are those of the
    alert. Alerts about one account may concern several agents.
    """

    alert_id: str
    pattern: PatternName
    revision: int
    status: Status
    severity: Severity
    opened_at: datetime
    updated_at: datetime
    observed: int
    summary: str
    team: str | None = None
    site: str | None = None
    agent_id: AgentId | None = None


class Proposal(Struct, frozen=True, kw_only=True):
    """A closing that waits for another person."""

    decision_id: str
    outcome: Outcome
    explanation: str | None
    words: str
    who: str
    at: datetime


class Closing(Struct, frozen=True, kw_only=True):
    """How the case was closed, by which two people, and the patterns that were open then."""

    outcome: Outcome
    explanation: str | None
    words: str
    proposed_by: str
    approved_by: str
    at: datetime
    patterns: tuple[PatternName, ...]


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a case's history.

    A line is a revision of an alert (``what`` is its status: ``opened``, ``revised``, ``resolved``,
    ``withdrawn``) or a decision (``what`` is its kind). ``refused`` says why a decision did not
    count, ``detail`` in words. ``woke`` says why a revision opened the case again.
    """

    at: datetime
    what: str
    alert_id: str | None = None
    revision: int | None = None
    severity: Severity | None = None
    woke: Waking | None = None
    decision_id: str | None = None
    who: str | None = None
    role: Role | None = None
    words: str | None = None
    refused: Refusal | None = None
    detail: str | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One state of a case. The same alerts and decisions give the same case, byte for byte.

    ``state``
        ``withdrawn`` once all its alerts are, whatever people said; ``closed``; ``proposed`` while
        a closing waits for another person; ``resolved`` when no alert is open any more and nobody
        closed it; ``snoozed`` or ``acknowledged``, both until ``until``, after which a reader takes
        it for open; else ``open``.
    ``severity``
        The highest of the open alerts; of all of them when none is open.
    ``agent_id``
        Whom the newest of these alerts concerns.
    ``version``
        How many revisions and decisions it was made from: a greater one is newer.
    ``assignee``
        Whose it is; null if it is anybody's.
    ``acknowledged_at``
        When somebody first acknowledged it since it last opened; null until then.
    """

    case_id: str
    version: int
    state: State
    severity: Severity
    subject: Subject
    agent_id: AgentId | None
    opened_at: datetime
    updated_at: datetime
    assignee: str | None
    until: datetime | None
    acknowledged_at: datetime | None
    proposal: Proposal | None
    closing: Closing | None
    alerts: tuple[CaseAlert, ...]
    history: tuple[Entry, ...]


def case_id_of(subject: Subject) -> str:
    """Return the id of the case about a subject, the key of its decisions."""
    return content_id("case", subject.type, subject.id)


def case_alert(alert: Alert) -> CaseAlert:
    """Return what a case keeps of a revision of an alert."""
    return CaseAlert(
        alert_id=alert.alert_id,
        pattern=alert.pattern,
        revision=alert.revision,
        status=alert.status,
        severity=alert.severity,
        opened_at=alert.opened_at,
        updated_at=alert.updated_at,
        observed=alert.evidence.observed,
        summary=alert.summary,
        team=alert.team,
        site=alert.site,
        agent_id=alert.agent_id,
    )
