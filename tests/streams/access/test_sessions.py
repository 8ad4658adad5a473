"""Sessions: one opens for its id alone, and ends by idling, by age, by the will of who has it."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.access.person import Person
from streams.access.sessions import MOST_OF_ONE_PERSON, Sessions

IDLE: Final = 30.0
LONGEST: Final = 100.0
PEOPLE: Final = tuple(Person(login, "viewer", "oidc") for login in ("ann", "bob"))

STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.integers(0, 1)),
        st.tuples(st.just("use"), st.integers(0, 5)),
        st.tuples(st.just("look"), st.integers(0, 5)),
        st.tuples(st.just("end"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 14, 15, 29, 30, 31, 70])),
    ),
    max_size=60,
)


def contradictions(kind: type[Sessions], steps: list[tuple[str, int]]) -> list[str]:
    """Return where sessions differ from what is counted beside them, step by step."""
    now = 0.0
    sessions = kind(IDLE, LONGEST, lambda: now)
    known: list[tuple[str, str]] = []  # id and login
    begun: dict[str, float] = {}
    used: dict[str, float] = {}
    found: list[str] = []
    for what, number in steps:
        if what == "begin":
            session_id = sessions.begin(PEOPLE[number])
            known.append((session_id, PEOPLE[number].login))
            begun[session_id] = used[session_id] = now
        elif what == "wait":
            now += number
        elif known:
            session_id, login = known[number % len(known)]
            is_open = (
                session_id in begun
                and now - used[session_id] < IDLE
                and now - begun[session_id] < LONGEST
            )
            person = sessions.person(session_id, by_itself=what != "use")
            if (None if person is None else person.login) != (login if is_open else None):
                found.append(f"{what} at {now}: {person}, and it is {is_open}")
            if is_open and what == "use":
                used[session_id] = now
            if not is_open:
                begun.pop(session_id, None)
            if what == "end" and person is not None:
                sessions.end(person)
                begun.pop(session_id, None)
        if len(begun) > MOST_OF_ONE_PERSON:
            return found  # the oldest go: looked at below
    return found


@given(STEPS)
def test_sessions_are_as_counted(steps: list[tuple[str, int]]) -> None:
    assert contradictions(Sessions, steps) == []


class _NeverEnds(Sessions):
    def _has_ended(self, *_: object) -> bool:
        return False


class _AnyLookCounts(Sessions):
    def person(self, session_id: str, *, by_itself: bool = False) -> Person | None:
        assert by_itself in (True, False)
        return super().person(session_id)


class _CannotBeEnded(Sessions):
    def end(self, person: Person) -> None: ...


@pytest.mark.parametrize(
    ("broken", "steps"),
    [
        (_NeverEnds, [("begin", 0), ("wait", 30), ("use", 0)]),
        (_NeverEnds, [("begin", 0), *[("wait", 29), ("use", 0)] * 4]),
        (_AnyLookCounts, [("begin", 0), ("wait", 29), ("look", 0), ("wait", 29), ("use", 0)]),
        (_CannotBeEnded, [("begin", 0), ("end", 0), ("use", 0)]),
    ],
)
def test_broken_sessions_are_caught(broken: type[Sessions], steps: list[tuple[str, int]]) -> None:
    assert contradictions(broken, steps)


def test_the_oldest_session_of_a_person_goes_and_nothing_grows() -> None:
    now = 0.0
    sessions = Sessions(IDLE, LONGEST, lambda: now)
    ids = [sessions.begin(PEOPLE[0]) for _ in range(MOST_OF_ONE_PERSON)]
    other = sessions.begin(PEOPLE[1])
    assert sessions.person(ids[0]) is not None  # used last, and begun first
    sessions.begin(PEOPLE[0])
    assert [sessions.person(one) is None for one in ids[:2]] == [True, False]
    assert sessions.person(other) is not None
    assert len(sessions) == MOST_OF_ONE_PERSON + 1
    now = LONGEST
    sessions.begin(PEOPLE[0])
    assert len(sessions) == 1


def test_the_name_of_a_session_does_not_open_it() -> None:
    sessions = Sessions(IDLE, LONGEST)
    session_id = sessions.begin(PEOPLE[0])
    person = sessions.person(session_id)
    assert person is not None
    assert person.session not in ("", session_id)
    assert sessions.person(person.session) is None
