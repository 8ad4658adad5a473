"""What a case becomes, step by step: the life of a case, told by examples."""

import pytest

from detectors.cases.case import Case, CaseAlert
from detectors.cases.fold import fold
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from tests.detectors.cases.people import SUBJECT, at, decide, revision

SETTINGS = CaseSettings()
ANN, BOB = "ann.lee@bank.example", "bob.ray@bank.example"
HONEST = {"outcome": "honest", "explanation": "returns_desk", "words": "They take returns."}
CONFIRMED = {"outcome": "confirmed", "words": "Three customers deny it."}


def case_of(*steps: CaseAlert | Decision, settings: CaseSettings = SETTINGS) -> Case:
    revisions = [step for step in steps if isinstance(step, CaseAlert)]
    decisions = [step for step in steps if not isinstance(step, CaseAlert)]
    case = fold(SUBJECT, revisions, decisions, settings)
    assert case is not None
    return case


def closed(**proposal: str) -> tuple[CaseAlert, Decision, Decision]:
    """Return an alert, and how it is closed by two people an hour and two later."""
    return (
        revision(),
        decide("propose", 1, ANN, decision_id="p", **proposal),
        decide("approve", 2, BOB, proposal="p"),
    )


def refusals(case: Case) -> list[str]:
    return [entry.refused for entry in case.history if entry.refused is not None]


def test_a_case_opens_with_its_first_alert() -> None:
    case = case_of(revision())
    assert (case.state, case.severity, case.opened_at, case.version) == (
        "open",
        "warning",
        at(0),
        1,
    )
    assert [entry.what for entry in case.history] == ["opened"]
    assert fold(SUBJECT, [], [decide("note", 1, words="?")], SETTINGS) is None


def test_who_acknowledges_has_it_until_then() -> None:
    case = case_of(revision(), decide("acknowledge", 1, ANN, until=at(5)))
    assert (case.state, case.assignee, case.until) == ("acknowledged", ANN, at(5))
    assert case.acknowledged_at == at(1)


def test_an_acknowledgement_ends_by_itself() -> None:
    later = revision(number=2, hours=6)
    case = case_of(revision(), decide("acknowledge", 1, ANN, until=at(5)), later)
    assert (case.state, case.assignee, case.until) == ("open", ANN, None)


def test_two_people_close_a_case() -> None:
    case = case_of(*closed(**HONEST))
    assert case.state == "closed"
    assert case.closing is not None
    assert (case.closing.outcome, case.closing.explanation) == ("honest", "returns_desk")
    assert (case.closing.proposed_by, case.closing.approved_by) == (ANN, BOB)
    assert case.closing.patterns == ("quick_cancellation",)


def test_whoever_proposed_may_take_it_back() -> None:
    case = case_of(
        revision(),
        decide("propose", 1, ANN, decision_id="p", **CONFIRMED),
        decide("reject", 2, ANN, proposal="p", words="Too early."),
        decide("approve", 3, BOB, proposal="p"),
    )
    assert case.state == "open"
    assert refusals(case) == ["no_such_proposal"]


def test_a_reopened_case_can_be_closed_otherwise() -> None:
    case = case_of(
        *closed(**HONEST),
        decide("reopen", 3, ANN, words="There is no returns desk."),
        decide("propose", 4, BOB, decision_id="q", **CONFIRMED),
        decide("approve", 5, ANN, proposal="q"),
    )
    assert case.closing is not None
    assert case.closing.outcome == "confirmed"


@pytest.mark.parametrize(
    ("news", "woke"),
    [
        (revision(number=2, hours=9, observed=20), "doubled"),
        (revision(number=2, hours=9, severity="critical"), "more_severe"),
        (revision("alert-2", hours=9, pattern="unused_account"), "another_pattern"),
        (revision("alert-2", hours=9), "new_alert"),
    ],
)
def test_new_evidence_wakes_what_was_closed_as_honest_or_snoozed(
    news: CaseAlert, woke: str
) -> None:
    snoozed = (revision(), decide("snooze", 1, until=at(90), reason="A campaign."))
    for aside in (closed(**HONEST), snoozed):
        case = case_of(*aside, news)
        assert (case.state, case.closing, case.history[-1].woke) == ("open", None, woke)


def test_the_same_facts_wake_nothing() -> None:
    case = case_of(*closed(**HONEST), revision(number=2, hours=9, observed=19))
    assert (case.state, case.history[-1].woke) == ("closed", None)


def test_more_of_what_was_confirmed_wakes_nothing_but_a_new_alert_does() -> None:
    worse = revision(number=2, hours=9, observed=50, severity="critical")
    assert case_of(*closed(**CONFIRMED), worse).state == "closed"
    assert case_of(*closed(**CONFIRMED), revision("alert-2", hours=9)).state == "open"


def test_new_evidence_voids_a_proposal() -> None:
    case = case_of(
        revision(),
        decide("propose", 1, ANN, decision_id="p", **HONEST),
        revision(number=2, hours=2, severity="critical"),
        decide("approve", 3, BOB, proposal="p", seen={"alert-1": 2}),
    )
    assert case.state == "open"
    assert refusals(case) == ["no_such_proposal"]


def test_what_the_engine_takes_back_beats_what_people_said() -> None:
    withdrawn = revision(number=2, hours=9, status="withdrawn")
    for outcome in (HONEST, CONFIRMED):
        case = case_of(*closed(**outcome), withdrawn)
        assert (case.state, case.closing) == ("withdrawn", None)
    late = decide("reopen", 10, ANN, words="Sure?", seen={"alert-1": 2})
    assert refusals(case_of(*closed(**HONEST), withdrawn, late)) == ["case_is_withdrawn"]


def test_a_closing_that_rests_on_what_is_taken_back_is_looked_at_again() -> None:
    both = (revision(), revision("alert-2", hours=0.5, pattern="unused_account"))
    seen = {"alert-1": 1, "alert-2": 1}
    case = case_of(
        *both,
        decide("propose", 1, ANN, decision_id="p", seen=seen, **CONFIRMED),
        decide("approve", 2, BOB, proposal="p", seen=seen),
        revision("alert-2", 2, hours=9, pattern="unused_account", status="withdrawn"),
    )
    assert (case.state, case.history[-1].woke) == ("open", "partly_withdrawn")


def test_a_case_without_open_alerts_is_resolved_and_may_still_be_closed() -> None:
    ended = revision(number=2, hours=9, status="resolved")
    assert case_of(revision(), ended).state == "resolved"
    seen = {"alert-1": 2}
    case = case_of(
        revision(),
        ended,
        decide("propose", 10, ANN, decision_id="p", seen=seen, **CONFIRMED),
        decide("approve", 11, BOB, proposal="p", seen=seen),
    )
    assert case.state == "closed"


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (decide("acknowledge", 1, until=at(5), role="viewer"), "not_permitted"),
        (decide("note", 1, words="hm", role="auditor"), "not_permitted"),
        (decide("snooze", 1, until=at(5), reason="x", role="admin"), "not_permitted"),
        (decide("reopen", 1, words="x"), "case_is_not_closed"),
        (decide("approve", 1, proposal="p"), "no_such_proposal"),
        (decide("acknowledge", 1, until=at(1)), "wrong_end"),
        (decide("acknowledge", 1, until=at(24 * 14 + 2)), "wrong_end"),
        (decide("snooze", 1, until=at(24 * 90 + 2), reason="x"), "wrong_end"),
        (decide("propose", 1, outcome="honest", words="x"), "unknown_explanation"),
        (decide("propose", 1, **HONEST | {"explanation": "luck"}), "unknown_explanation"),
        (decide("propose", 1, **CONFIRMED, explanation="other"), "unknown_explanation"),
        (decide("acknowledge", 1, until=at(5), seen={"alert-1": 2}), "unknown_alert"),
        (decide("acknowledge", 1, until=at(5), seen={"alert-9": 1}), "unknown_alert"),
        (decide("acknowledge", 1, "аnn.lee", until=at(5)), "unclear_login"),  # noqa: RUF001 - a Cyrillic letter
        (decide("acknowledge", 1, "...", until=at(5)), "unclear_login"),
    ],
)
def test_a_decision_that_may_not_be_is_refused_and_stands_on_the_record(
    decision: Decision, reason: str
) -> None:
    case = case_of(revision(), decision)
    assert case.state == "open"
    assert refusals(case) == [reason]
    assert case.history[-1].detail


def test_a_decision_on_an_old_revision_is_stale() -> None:
    newer = revision(number=2, hours=0.5)
    late = decide("acknowledge", 1, until=at(5))
    assert refusals(case_of(revision(), newer, late)) == ["stale"]
    other = revision("alert-2", hours=0.5)
    assert refusals(case_of(revision(), other, late)) == ["stale"]
    assert refusals(case_of(revision(), newer, decide("note", 1, words="hm"))) == []


def test_one_person_in_two_spellings_closes_nothing() -> None:
    case = case_of(
        revision(),
        decide("propose", 1, "ann.lee@bank.example", decision_id="p", **CONFIRMED),
        decide("approve", 2, "BANK\\Ann_Lee", proposal="p"),
    )
    assert case.state == "proposed"
    assert refusals(case) == ["same_person"]


def test_of_two_at_once_the_first_in_the_log_wins() -> None:
    case = case_of(
        revision(),
        decide("propose", 2, ANN, decision_id="p", **CONFIRMED),
        decide("propose", 1, BOB, decision_id="q", **HONEST),  # dated back
    )
    assert case.proposal is not None
    assert case.proposal.who == ANN
    assert refusals(case) == ["proposal_pending"]
    assert case.history[-1].at == at(2)


def test_an_id_counts_once() -> None:
    case = case_of(
        revision(),
        decide("assign", 1, ANN, decision_id="x", assignee="ann"),
        decide("assign", 2, BOB, decision_id="x", assignee="bob"),
    )
    assert case.assignee == "ann"
    assert refusals(case) == ["repeated_id"]


def test_a_case_keeps_only_so_many_decisions() -> None:
    notes = [decide("note", hour, words="hm") for hour in range(1, 5)]
    case = case_of(revision(), *notes, settings=CaseSettings(most_decisions=3))
    assert refusals(case) == ["too_many_decisions"]
