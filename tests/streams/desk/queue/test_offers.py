"""What is offered to somebody counts, and what counts is offered: the fold has the last word."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.cases.case import Case, CaseAlert
from detectors.cases.fold import fold
from detectors.events.decision import Decision, Role
from detectors.settings import CaseSettings
from streams.access.person import Person
from streams.desk.offers import Kind, offers
from streams.desk.rows import CaseRow, at_the_time, case_row
from tests.detectors.cases.people import SPELLINGS, SUBJECT, at, decide, revision

Offering = Callable[[CaseRow, Person], tuple[Kind, ...]]

KINDS: Final = get_args(Kind)
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "evidence", "withdrawal"]),
        st.sampled_from([login for spelt in SPELLINGS.values() for login in spelt[:2]]),
        st.sampled_from(get_args(Role)),
    ),
    max_size=12,
)


def attempt(case: Case, kind: str, person: Person, hours: float) -> Decision:
    """Return a decision of this kind as somebody takes it who sees the case as it stands."""
    moment = at(hours)
    return decide(
        kind,
        hours,
        person.login,
        role=person.role,
        seen={alert.alert_id: alert.revision for alert in case.alerts},
        until=moment + timedelta(days=1),
        assignee=person.login,
        reason="A campaign.",
        words="I called.",
        outcome="unclear",
        proposal="none" if case.proposal is None else case.proposal.decision_id,
    )


def disagreements(steps: Sequence[tuple[str, str, Role]], offering: Offering) -> list[str]:
    """Return where the fold takes what was not offered, or refuses what was."""
    revisions: list[CaseAlert] = [revision()]
    decided: list[Decision] = []
    found = []
    for number, (kind, login, role) in enumerate(steps, 1):
        hours = number * 10.0
        if kind in ("evidence", "withdrawal"):
            later = revision(
                number=len(revisions) + 1,
                hours=hours,
                status="open" if kind == "evidence" else "withdrawn",
                observed=10 * number,
            )
            revisions.append(later)
            continue
        case = fold(SUBJECT, revisions, decided, CaseSettings())
        assert case is not None
        person = Person(login, role, "proxy")
        offered = offering(at_the_time(case_row(case), at(hours)), person)
        decision = attempt(case, kind, person, hours)
        after = fold(SUBJECT, revisions, [*decided, decision], CaseSettings())
        assert after is not None
        refused = after.history[-1].refused
        if (kind in offered) != (refused is None):
            found.append(f"{kind} of a {role}, {case.state}: {refused}")
        decided.append(decision)
    return found


@given(steps=STEPS)
def test_what_is_offered_counts_and_nothing_else_does(
    steps: list[tuple[str, str, Role]],
) -> None:
    assert disagreements(steps, offers) == []


ANN, BOB = "ann.lee@bank.example", "bob.ray@bank.example"


def _to_whoever_proposed(row: CaseRow, person: Person) -> tuple[Kind, ...]:
    offered = offers(row, person)
    return ("approve", *offered) if row.state == "proposed" else offered


def _forgets_closings(row: CaseRow, person: Person) -> tuple[Kind, ...]:
    return offers(row, person) if row.state != "closed" else ("propose", "note", "assign")


@pytest.mark.parametrize("broken", [_to_whoever_proposed, _forgets_closings])
def test_wrong_offers_are_caught(broken: Offering) -> None:
    steps: list[tuple[str, str, Role]] = [
        ("propose", ANN, "approver"),
        ("approve", "BANK\\ann.lee", "approver"),
        ("approve", BOB, "approver"),
        ("reopen", BOB, "reviewer"),
    ]
    assert disagreements(steps, offers) == []
    assert disagreements(steps, broken)
