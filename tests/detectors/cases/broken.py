"""Folds that break a law each, as somebody might write them."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from detectors.alerts.alert import Subject
from detectors.cases.case import Case, CaseAlert
from detectors.cases.fold import fold
from detectors.events.decision import Assign, Decision
from detectors.settings import CaseSettings
from tests.detectors.cases import laws
from tests.detectors.cases.laws import Fold, Law

replace = msgspec.structs.replace


def _as_they_come(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Take the revision that came last for the newest one."""
    case = fold(subject, revisions, decisions, settings)
    return case and replace(case, severity=revisions[-1].severity)


def _whoever_came_last(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Name the agent of the revision that came last, as the first release did."""
    case = fold(subject, revisions, decisions, settings)
    return case and replace(case, agent_id=revisions[-1].agent_id)


def _forgetful_of_refusals(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Drop what was refused, as if nobody had said it."""
    case = fold(subject, revisions, decisions, settings)
    return case and replace(case, history=tuple(e for e in case.history if e.refused is None))


def _one_login_one_person(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Compare logins as they are spelt."""
    spelt = {one.who: f"login{number}" for number, one in enumerate(decisions)}
    other = [replace(one, who=spelt[one.who]) for one in decisions]
    case = fold(subject, revisions, other, settings)
    if case is None or case.closing is None:
        return case
    back = {login: who for who, login in spelt.items()}
    closing = replace(
        case.closing,
        proposed_by=back[case.closing.proposed_by],
        approved_by=back[case.closing.approved_by],
    )
    return replace(case, closing=closing)


def _applied_though_refused(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Give the case to whom it was assigned last, whether that was allowed or not."""
    case = fold(subject, revisions, decisions, settings)
    given = [one.assignee for one in decisions if isinstance(one, Assign)]
    return case and replace(case, assignee=given[-1] if given else case.assignee)


def _people_know_better(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Take a withdrawal for an ending."""
    told = [replace(a, status="resolved") if a.status == "withdrawn" else a for a in revisions]
    return fold(subject, told, decisions, settings)


def _deaf(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Let people put nothing but the first facts aside, for good."""
    quiet = [replace(a, severity="info", observed=1, pattern="all") for a in revisions]
    return fold(subject, quiet, decisions, settings)


def _jumpy(
    subject: Subject,
    revisions: Sequence[CaseAlert],
    decisions: Sequence[Decision],
    settings: CaseSettings,
) -> Case | None:
    """Take every revision for twice the one before."""
    loud = [replace(a, observed=a.observed * 2**a.revision) for a in revisions]
    return fold(subject, loud, decisions, settings)


BROKEN: Final[Mapping[str, tuple[Fold, Law]]] = {
    "as_they_come": (_as_they_come, laws.any_order_of_revisions),
    "whoever_came_last": (_whoever_came_last, laws.any_order_of_revisions),
    "forgetful_of_refusals": (_forgetful_of_refusals, laws.everything_stands_on_the_record),
    "one_login_one_person": (_one_login_one_person, laws.a_closing_takes_two_people),
    "applied_though_refused": (_applied_though_refused, laws.what_was_refused_changes_nothing),
    "people_know_better": (_people_know_better, laws.what_is_withdrawn_beats_people),
    "deaf": (_deaf, laws.nothing_sleeps_through_news),
    "jumpy": (_jumpy, laws.nothing_wakes_without_news),
}
"""By name: the fold, and the law that it breaks."""
