"""The verdicts on cases and on what people were told bite: right passes, and wrong is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest
from msgspec import json

from detectors.events.decision import Decision
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic
from tests.alertmanager import Told
from tests.chaos.broker_io import Stored
from tests.chaos.desk.people import COURSES, LATE, SOON, decisions_about
from tests.chaos.desk.verdict import (
    Due,
    Standing,
    case_differences,
    expected_cases,
    telling_differences,
    to_be_told,
)
from tests.integration.cases.desk_work import alerts

ALERTS: Final = alerts()
REVISIONS: Final = [json.encode(alert) for alert in ALERTS]
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
FIRING: Final = "firing"
RESOLVED: Final = "resolved"


def decisions() -> list[Decision]:
    known: dict[str, dict[str, int]] = {}
    decided = []
    for alert in ALERTS:
        seen = known.setdefault(alert.subject.id, {})
        seen[alert.alert_id] = alert.revision
        decided += decisions_about(alert, dict(seen), 1, NOW)
    return decided


class Topics(NamedTuple):
    """What stands in the topics of decisions and cases."""

    decided: set[bytes]
    decisions: list[Stored]
    current: list[Stored]

    def sentences(self) -> list[str]:
        expected = expected_cases(REVISIONS, self.decisions)
        return list(case_differences(expected, self.decided, self.decisions, self.current))


def right() -> Topics:
    records = [decision_record(decision) for decision in decisions()]
    log = [Stored(Topic.DECISIONS, 0, n, r.key, r.value, ()) for n, r in enumerate(records)]
    cases = expected_cases(REVISIONS, log).items()
    current = [Stored(Topic.CASES_CURRENT, 0, n, *case, ()) for n, case in enumerate(cases)]
    return Topics({record.value for record in records}, log, current)


def loses_a_case(topics: Topics) -> None:
    topics.current.pop()


def goes_back_to_an_older_state(topics: Topics) -> None:
    first = topics.current[0]
    older = dict(expected_cases(REVISIONS, []))[first.key or b""]
    topics.current.append(first._replace(value=older))


def invents_a_case(topics: Topics) -> None:
    topics.current.append(topics.current[0]._replace(key=b"nobody"))


def deletes_a_case(topics: Topics) -> None:
    topics.current.append(topics.current[0]._replace(value=None))


def loses_a_decision(topics: Topics) -> None:
    topics.decisions.pop()


@pytest.mark.parametrize(
    ("make_wrong", "told"),
    [
        (loses_a_case, "latest states of cases: 1 of"),
        (goes_back_to_an_older_state, "latest states of cases: 1 of"),
        (invents_a_case, "latest states of cases: 1 invented"),
        (deletes_a_case, "latest states of cases: 1 of"),
        (loses_a_decision, "decisions: 1 of"),
    ],
)
def test_wrong_cases_are_told(make_wrong: Callable[[Topics], None], told: str) -> None:
    topics = right()
    assert topics.sentences() == []
    make_wrong(topics)
    assert any(told in sentence for sentence in topics.sentences()), topics.sentences()


def test_a_seed_decides_what_people_do_and_they_do_everything() -> None:
    assert decisions() == decisions()
    done = {decision.decision_id.rsplit("-", 1)[1] for decision in decisions()}
    assert done == {kind for course in COURSES for kind in course}
    assert len({decision.decision_id for decision in decisions()}) == len(decisions())


def test_what_people_have_closed_and_what_has_ended_is_not_to_be_told() -> None:
    everything = {alert.alert_id for alert in ALERTS}
    withdrawn = {alert.alert_id for alert in ALERTS if alert.status == "withdrawn"}
    everybody = to_be_told(REVISIONS, expected_cases(REVISIONS, []), NOW)
    assert withdrawn
    assert everybody == Due(everything - withdrawn)
    decided = expected_cases(REVISIONS, right().decisions)
    assert to_be_told(REVISIONS, decided, NOW).open < everybody.open


def test_what_people_set_aside_is_silent_until_its_end() -> None:
    decided = expected_cases(REVISIONS, right().decisions)
    at_once, soon, late = (
        to_be_told(REVISIONS, decided, NOW + span) for span in (timedelta(), SOON, LATE)
    )
    assert at_once.open == soon.open == late.open
    assert at_once.quiet > soon.quiet > late.quiet == set()


def heard(*said: tuple[str, str, str]) -> list[Told]:
    return [Told(*one, {}) for one in said]


RIGHT: Final = heard(
    ("a", "warning", FIRING),
    ("b", "info", FIRING),
    ("b", "warning", FIRING),
    ("b", "warning", RESOLVED),
    ("b", "info", RESOLVED),
    ("c", "warning", FIRING),
    ("c", "critical", FIRING),
    ("c", "critical", RESOLVED),
    ("d", "info", FIRING),
    ("d", "info", RESOLVED),
    ("d", "warning", FIRING),
)
"""In the end `a` and `d` are open. Alertmanager may hide that the warning of `c` has ended."""


def test_right_messages_pass() -> None:
    assert list(telling_differences(Due({"a", "d"}), RIGHT, Standing({"a", "d"}))) == []


def test_who_is_silent_needs_not_be_told() -> None:
    due = Due({"a", "d", "e"}, {"d", "e"})
    right = Standing(due.open, due.quiet)
    assert list(telling_differences(due, RIGHT[:-1], right)) == []
    for wrong, told in (
        (Standing(due.open, {"d"}), "alerts silenced in the end: 1 of 2 lost, such as 'e'"),
        (Standing(due.open, due.open), "alerts silenced in the end: 1 invented, such as 'a'"),
    ):
        assert told in " ".join(telling_differences(due, RIGHT, wrong))


def test_what_alertmanager_gave_up_to_tell_has_no_end() -> None:
    said = RIGHT[:4] + RIGHT[5:]
    due, standing = Due({"a", "d"}), Standing({"a", "d"})
    assert list(telling_differences(due, said, standing, failed=1)) == []
    assert list(telling_differences(due, said, standing, failed=0)) != []


@pytest.mark.parametrize(
    ("said", "firing", "told"),
    [
        (RIGHT[1:], {"a", "d"}, "open alerts that were told: 1 of 2 lost, such as 'a'"),
        (RIGHT[:-1], {"a", "d"}, "open alerts that people take for open: 1 of 2 lost"),
        (RIGHT[:7] + RIGHT[8:], {"a", "d"}, "ends that were told: 1 of 2 lost, such as 'c'"),
        (RIGHT[:4] + RIGHT[5:], {"a", "d"}, "ends that were told: 1 of 2 lost, such as 'b'"),
        (RIGHT, {"a"}, "alerts firing in the end: 1 of 2 lost, such as 'd'"),
        (RIGHT, {"a", "b", "d"}, "alerts firing in the end: 1 invented, such as 'b'"),
    ],
)
def test_wrong_messages_are_told(said: Sequence[Told], firing: set[str], told: str) -> None:
    sentences = list(telling_differences(Due({"a", "d"}), said, Standing(firing)))
    assert any(told in sentence for sentence in sentences), sentences
