"""Which decisions do not count, and why: the rules of who may decide what, and when."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from detectors.basis.durations import seconds_of
from detectors.cases.case import Refusal
from detectors.cases.course import Course
from detectors.cases.person import is_clear_login, same_person
from detectors.events.decision import (
    Acknowledge,
    Approve,
    Assign,
    Decision,
    Note,
    Propose,
    Reject,
    Reopen,
    Role,
    Snooze,
)
from detectors.settings import CaseSettings

_REVIEW: Final[frozenset[Role]] = frozenset({"reviewer", "approver"})
_APPROVE: Final[frozenset[Role]] = frozenset({"approver"})
# An administrator gives roles: whoever could also decide would need nobody else.


class Refused(NamedTuple):
    """Why a decision does not count, for programs and for people."""

    reason: Refusal
    detail: str


def refusal(
    course: Course, decision: Decision, at: datetime, settings: CaseSettings
) -> Refused | None:
    """Return why a decision does not count at this moment, None if it does."""
    return (
        refusal_of_the_person(decision)
        or _of_the_record(course, decision, settings)
        or _of_what_was_seen(course, decision)
        or _of_the_state(course, decision)
        or _of_the_end(decision, at, settings)
    )


def refusal_of_the_person(decision: Decision) -> Refused | None:
    """Return why nothing that this person decides so counts, None if it may."""
    may = _APPROVE if isinstance(decision, Approve) else _REVIEW
    if decision.role not in may:
        who = " or ".join(sorted(may))
        return Refused("not_permitted", f"only a person in the role {who} may do it")
    if not is_clear_login(decision.who):
        return Refused("unclear_login", "the login has no letters, or mixes alphabets")
    return None


def _of_the_record(course: Course, decision: Decision, settings: CaseSettings) -> Refused | None:
    if decision.decision_id in course.decision_ids:
        return Refused("repeated_id", "another decision has this id: the first one counts")
    if len(course.decision_ids) >= settings.most_decisions:
        return Refused(
            "too_many_decisions",
            f"cases.most_decisions = {settings.most_decisions:,} are there already",
        )
    return None


def _of_what_was_seen(course: Course, decision: Decision) -> Refused | None:
    unknown = [
        alert_id
        for alert_id, revision in decision.seen.items()
        if alert_id not in course.alerts or course.alerts[alert_id].revision < revision
    ]
    if unknown:
        return Refused("unknown_alert", f"no such revision of alert {min(unknown)} is known")
    if isinstance(decision, Note | Assign):
        return None  # they rest on no evidence
    for alert in course.alerts.values():
        seen = decision.seen.get(alert.alert_id)
        if seen is None and alert.status != "open":
            continue
        if seen != alert.revision:
            was = "not seen" if seen is None else f"seen in revision {seen}"
            return Refused(
                "stale", f"alert {alert.alert_id} was {was}; its newest is {alert.revision}"
            )
    return None


def _of_the_state(course: Course, decision: Decision) -> Refused | None:
    if isinstance(decision, Note | Assign):
        return None
    if course.is_withdrawn():
        return Refused("case_is_withdrawn", "everything told was withdrawn: nothing to decide")
    if isinstance(decision, Reopen) == (course.closing is not None):
        return _of_the_proposal(course, decision)
    if course.closing is None:
        return Refused("case_is_not_closed", "it is open already")
    return Refused("case_is_closed", "reopen the case first")


def _of_the_proposal(course: Course, decision: Decision) -> Refused | None:
    proposal = course.proposal
    if isinstance(decision, Propose) and proposal is not None:
        return Refused("proposal_pending", "approve or reject the other proposal first")
    if not isinstance(decision, Approve | Reject):
        return None
    if proposal is None or proposal.decision_id != decision.proposal:
        return Refused("no_such_proposal", "no proposal of this id waits for an answer")
    if isinstance(decision, Approve) and same_person(proposal.who, decision.who):
        return Refused(
            "same_person", f"another person than {proposal.who} must approve what they proposed"
        )
    return None


def _of_the_end(decision: Decision, at: datetime, settings: CaseSettings) -> Refused | None:
    match decision:
        case Acknowledge():
            longest, name = settings.longest_acknowledgement, "longest_acknowledgement"
        case Snooze():
            longest, name = settings.longest_snooze, "longest_snooze"
        case Propose(outcome="honest"):
            if decision.explanation in settings.explanations:
                return None
            known = ", ".join(settings.explanations)
            return Refused("unknown_explanation", f"name one of cases.explanations: {known}")
        case Propose() if decision.explanation is not None:
            return Refused("unknown_explanation", "only an honest agent needs an explanation")
        case _:
            return None
    if not at < decision.until <= at + timedelta(seconds=seconds_of(longest)):
        return Refused("wrong_end", f"it must end within cases.{name} = {longest}, and not before")
    return None
