"""Since when a case waits: its opening, what opened it again, or the end of what put it aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pytest

from detectors.cases.case import Case, CaseAlert
from detectors.cases.fold import fold
from detectors.cases.words import end_in, words_of
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from streams.desk.waiting import waits_since
from tests.detectors.cases.people import SUBJECT, at, decide, revision

ACKNOWLEDGED: Final = decide("acknowledge", 1, until=at(20))
SNOOZED: Final = decide("snooze", 1, until=at(20), reason="A campaign: it ends.")
PROPOSED: Final = decide("propose", 2, outcome="unclear", words="Who knows.")
BOB: Final = "bob.ray@bank.example"


def rejected(hours: float) -> Decision:
    return decide("reject", hours, BOB, proposal=PROPOSED.decision_id, words="No.")


def approved(hours: float) -> Decision:
    return decide("approve", hours, BOB, proposal=PROPOSED.decision_id)


def case(decided: Sequence[Decision], *revised: CaseAlert) -> Case:
    found = fold(SUBJECT, [revision(), *revised], decided, CaseSettings())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("decided", "revised", "since"),
    [
        ([], [], at(0)),
        ([decide("note", 5, words="I called.")], [], at(0)),
        ([ACKNOWLEDGED], [], at(20)),
        ([SNOOZED, decide("note", 30, words="It ended.")], [], at(20)),
        ([ACKNOWLEDGED], [revision(number=2, hours=30)], at(20)),
        ([ACKNOWLEDGED], [revision(number=2, hours=10, observed=20)], at(10)),
        ([PROPOSED], [], None),
        ([PROPOSED, rejected(6)], [], at(6)),
        ([ACKNOWLEDGED, PROPOSED, rejected(6)], [], at(20)),
        ([ACKNOWLEDGED, PROPOSED, rejected(6), decide("note", 30, words="So.")], [], at(20)),
        ([PROPOSED, approved(6)], [], None),
        ([PROPOSED, approved(6), decide("reopen", 9, words="Wait.")], [], at(9)),
        ([], [revision(number=2, hours=5, status="withdrawn")], None),
        (
            [],
            [
                revision(number=2, hours=5, status="withdrawn"),
                revision(number=3, hours=7),
            ],
            at(7),
        ),
        ([decide("propose", 2, "x", role="viewer", outcome="unclear", words="?")], [], at(0)),
    ],
)
def test_a_case_waits_since_it_last_opened(
    decided: list[Decision], revised: list[CaseAlert], since: datetime | None
) -> None:
    assert waits_since(case(decided, *revised)) == since


def test_the_end_in_words_is_the_end() -> None:
    for decision in (ACKNOWLEDGED, SNOOZED):
        assert end_in(words_of(decision) or "") == at(20)
    assert end_in("until further notice") is None
