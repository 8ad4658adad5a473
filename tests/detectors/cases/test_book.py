"""All cases over any mixture of alerts and decisions, repeats and new beginnings."""

from collections.abc import Sequence
from typing import Final

import msgspec
from hypothesis import find, given, settings
from hypothesis import strategies as st

from detectors.alerts.alert import Alert, Subject
from detectors.alerts.evidence import FactEvidence
from detectors.cases.book import CaseBook
from detectors.cases.case import Case, CaseAlert, case_id_of
from detectors.events.decision import Decision
from tests.detectors.cases.laws import SEARCH, SETTINGS
from tests.detectors.cases.lives import Life, lives
from tests.detectors.cases.people import SUBJECT, decide, revision

Message = Alert | Decision


def alert_of(one: CaseAlert, subject: Subject = SUBJECT) -> Alert:
    """Return an alert of which a case keeps just this."""
    return Alert(
        alert_id=one.alert_id,
        revision=one.revision,
        status=one.status,
        pattern=one.pattern,
        pattern_version=1,
        severity=one.severity,
        subject=subject,
        agent_id=one.agent_id,
        opened_at=one.opened_at,
        updated_at=one.updated_at,
        summary=one.summary,
        evidence=FactEvidence(window="14d", observed=one.observed),
        event_ids=(),
        config_hash="0",
        team=one.team,
        site=one.site,
    )


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[Life, list[Message], int]:
    """Draw a life, a mixture of its messages with repeats, and a place in it.

    Decisions stay in the order of their log: a repeat comes after what came before it.
    """
    life = draw(lives())
    alerts: list[Message] = [alert_of(one) for one in life.revisions]
    alerts += draw(st.lists(st.sampled_from(alerts), max_size=3))
    decisions: list[Message] = list(life.decisions)
    if decisions:  # a writer that is not sure sends the last ones again
        decisions += decisions[draw(st.integers(0, len(decisions))) :]
    turns = draw(st.permutations([True] * len(alerts) + [False] * len(decisions)))
    rest = {True: iter(alerts), False: iter(decisions)}
    mixed = [next(rest[turn]) for turn in turns]
    return life, mixed, draw(st.integers(0, len(mixed)))


def add(book: CaseBook, messages: Sequence[Message]) -> None:
    for message in messages:
        if isinstance(message, Alert):
            book.add_alert(message)
        else:
            book.add_decision(message)


def book_of(messages: Sequence[Message], kind: type[CaseBook] = CaseBook) -> list[Case]:
    book = kind(SETTINGS)
    add(book, messages)
    return list(book.cases())


def in_order(life: Life) -> list[Message]:
    """Return the messages as `aboveboard detect` meets them that is given the decisions last."""
    return [*(alert_of(one) for one in life.revisions), *life.decisions]


@given(drawn=interleavings())
@settings(max_examples=200)
def test_every_reader_comes_to_the_same_cases(drawn: tuple[Life, list[Message], int]) -> None:
    life, mixed, _ = drawn
    told = book_of(mixed)
    assert msgspec.json.encode(told) == msgspec.json.encode(book_of(in_order(life)))


@given(drawn=interleavings())
@settings(max_examples=100)
def test_whoever_follows_the_changes_knows_the_cases(
    drawn: tuple[Life, list[Message], int],
) -> None:
    """Also one that begins again in between: it hears everything from the start, and no less."""
    _, mixed, place = drawn
    book, known = CaseBook(SETTINGS), {}
    for messages in (mixed[:place], mixed[:place], mixed[place:]):
        for message in messages:
            add(book, [message])
            known.update({case.case_id: case for case in book.changed()})
    assert known == {case.case_id: case for case in book.cases()}
    assert book.changed() == []


class _InOrderOfArrival(CaseBook):
    """Believes that whatever comes later is newer: a decision is judged by what it finds."""

    def add_decision(self, decision: Decision) -> None:
        seen = {a.alert_id: a.revision for found in self.cases() for a in found.alerts}
        super().add_decision(msgspec.structs.replace(decision, seen=seen or decision.seen))


def test_a_book_that_goes_by_arrival_is_caught() -> None:
    def differs(drawn: tuple[Life, list[Message], int]) -> bool:
        life, mixed, _ = drawn
        kind: Final = _InOrderOfArrival
        return book_of(mixed, kind) != book_of(in_order(life), kind)

    find(interleavings(), differs, settings=SEARCH)


def test_decisions_about_nothing_are_counted_until_their_alert_comes() -> None:
    book = CaseBook(SETTINGS)
    book.add_decision(decide("note", 1, words="Early."))
    assert (book.unmatched(), book.changed()) == (1, [])
    book.add_alert(alert_of(revision()))
    (case,) = book.changed()
    assert (book.unmatched(), len(case.history)) == (0, 2)


def test_a_subject_has_one_case() -> None:
    book = CaseBook(SETTINGS)
    account = Subject("account", "agent-7")  # an account by the name of an agent
    for one in (revision(), revision("alert-2")):
        book.add_alert(alert_of(one))
    book.add_alert(alert_of(revision("alert-3"), account))
    cases = {case.case_id: len(case.alerts) for case in book.cases()}
    assert cases == {case_id_of(SUBJECT): 2, case_id_of(account): 1}
