"""One case from its alerts and its decisions: a pure function of both, in whatever order they came.

Alerts and decisions stand in two logs, and no reader sees both in the same order. So the order is
made from what they say: a revision stands at its ``updated_at``; a decision at its ``occurred_at``,
but never before one that stands before it in the log, nor before a revision that it saw. Whoever
dates a decision back gains nothing, and a reader that learns of a revision late comes to what every
other reader came to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from detectors.alerts.alert import Subject
from detectors.cases.case import (
    Case,
    CaseAlert,
    Closing,
    Entry,
    Proposal,
    Waking,
    case_id_of,
)
from detectors.cases.course import Course
from detectors.cases.refusing import refusal
from detectors.cases.waking import RANK, known_facts, waking
from detectors.cases.words import kind_of, words_of
from detectors.events.decision import (
    Acknowledge,
    Approve,
    Assign,
    Decision,
    Propose,
    Reject,
    Reopen,
    Snooze,
)
from detectors.settings import CaseSettings

_EVENTS = {"open": "revised", "resolved": "resolved", "withdrawn": "withdrawn"}


def fold(
    subject: Subject,
    revisions: Iterable[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Return the case of a subject, None if no alert about it is known.

    Parameters
    ----------
    subject
        Whom the alerts are about.
    revisions
        Each revision of each alert once, in any order.
    decisions
        Each decision once, in the order of their log.
    settings
        What people may decide.
    """
    course = Course()
    history: list[Entry] = []
    known = {(alert.alert_id, alert.revision): alert for alert in revisions}
    for at, step in _in_order(known, decisions):
        if isinstance(step, CaseAlert):
            history.extend(_revised(course, step, at))
        else:
            history.append(_decided(course, step, at, settings))
    if course.opened_at is None:
        return None
    told = list(course.open_alerts()) or list(course.alerts.values())
    state = course.state()
    return Case(
        case_id=case_id_of(subject),
        version=len(known) + len(decisions),
        state=state,
        severity=max((alert.severity for alert in told), key=RANK.__getitem__),
        subject=subject,
        agent_id=max(told, key=lambda alert: (alert.updated_at, alert.alert_id)).agent_id,
        opened_at=course.opened_at,
        updated_at=history[-1].at,
        assignee=course.assignee,
        until=course.until if state in ("acknowledged", "snoozed") else None,
        acknowledged_at=course.acknowledged_at,
        proposal=course.proposal,
        closing=course.closing,
        alerts=tuple(course.alerts.values()),
        history=tuple(history),
    )


def _in_order(
    known: Mapping[tuple[str, int], CaseAlert], decisions: Sequence[Decision]
) -> Iterator[tuple[datetime, CaseAlert | Decision]]:
    """Yield revisions and decisions, each with its moment."""
    revisions = sorted(known.values(), key=lambda a: (a.updated_at, a.alert_id, a.revision))
    place = 0
    last: datetime | None = None
    for decision in decisions:
        seen = [known[saw].updated_at for saw in decision.seen.items() if saw in known]
        at = max([decision.occurred_at, *seen, *([] if last is None else [last])])
        last = at
        while place < len(revisions) and revisions[place].updated_at <= at:
            yield revisions[place].updated_at, revisions[place]
            place += 1
        yield at, decision
    for revision in revisions[place:]:
        yield revision.updated_at, revision


def _revised(course: Course, alert: CaseAlert, at: datetime) -> Iterator[Entry]:
    """Take a revision in; yield its entry."""
    course.end_pause(at)
    known_before = alert.alert_id in course.alerts
    was_withdrawn = course.is_withdrawn()
    course.alerts[alert.alert_id] = alert
    woke: Waking | None = None
    if course.opened_at is None:
        course.opened_at = at
    elif course.is_withdrawn() or was_withdrawn:
        course.open_again()  # what people said about it is void
    elif alert.status == "withdrawn":
        if course.proposal is not None or _is_confirmed(course):
            woke = "partly_withdrawn"
    elif course.known is not None:
        woke = waking(course.known, alert)
        if woke in ("more_severe", "doubled") and _is_confirmed(course):
            woke = None  # known to be falsified: more of the same is no news
    if woke is not None:
        course.open_again()
    yield Entry(
        at=at,
        what=_EVENTS[alert.status] if known_before else _first(alert),
        alert_id=alert.alert_id,
        revision=alert.revision,
        severity=alert.severity,
        woke=woke,
    )


def _first(alert: CaseAlert) -> str:
    return "opened" if alert.status == "open" else _EVENTS[alert.status]


def _is_confirmed(course: Course) -> bool:
    return course.closing is not None and course.closing.outcome == "confirmed"


def _decided(course: Course, decision: Decision, at: datetime, settings: CaseSettings) -> Entry:
    """Take a decision in, if it counts; return its entry."""
    course.end_pause(at)
    refused = refusal(course, decision, at, settings)
    course.decision_ids.add(decision.decision_id)
    if refused is None:
        _apply(course, decision, at)
    return Entry(
        at=at,
        what=kind_of(decision),
        decision_id=decision.decision_id,
        who=decision.who,
        role=decision.role,
        words=words_of(decision),
        refused=None if refused is None else refused.reason,
        detail=None if refused is None else refused.detail,
    )


def _apply(course: Course, decision: Decision, at: datetime) -> None:
    match decision:
        case Acknowledge():
            course.assignee = decision.who
            course.acknowledged_at = course.acknowledged_at or at
            course.aside, course.until = "acknowledged", decision.until
            course.known = known_facts(course.alerts.values())
        case Snooze():
            course.aside, course.until = "snoozed", decision.until
            course.known = known_facts(course.alerts.values())
        case Assign():
            course.assignee = decision.assignee
        case Propose():
            course.proposal = Proposal(
                decision_id=decision.decision_id,
                outcome=decision.outcome,
                explanation=decision.explanation,
                words=decision.words,
                who=decision.who,
                at=at,
            )
            course.known = known_facts(course.alerts.values())
        case Approve() if course.proposal is not None:
            _close(course, course.proposal, decision, at)
        case Reject():
            course.proposal = None
            course.forget_known()
        case Reopen():
            course.open_again()
        case _:  # a note changes nothing
            pass


def _close(course: Course, proposal: Proposal, decision: Approve, at: datetime) -> None:
    told = [a for a in course.alerts.values() if a.status != "withdrawn"]
    course.proposal, course.until, course.aside = None, None, "closed"
    course.closing = Closing(
        outcome=proposal.outcome,
        explanation=proposal.explanation,
        words=proposal.words,
        proposed_by=proposal.who,
        approved_by=decision.who,
        at=at,
        patterns=tuple(sorted({alert.pattern for alert in told})),
    )
    course.known = known_facts(course.alerts.values())
