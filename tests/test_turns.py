from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.turns import UNTIL, WAITING, in_turns

OTHERS = tuple(f"tests/streams/test_{number}.py" for number in range(40))
WAITERS = tuple(f"{WAITING[-2]}test_{number}.py" for number in range(10))


@given(st.sets(st.sampled_from(OTHERS + WAITERS)).map(sorted))
def test_every_file_has_one_turn_and_each_kind_keeps_its_order(files: list[str]) -> None:
    turns = in_turns(files)
    assert sorted(turns) == files
    for kind in (OTHERS, WAITERS):
        of_this_kind = [file for file in turns if file in kind]
        assert of_this_kind == [file for file in files if file in kind]


def test_those_that_wait_stand_apart_and_none_at_the_end() -> None:
    turns = in_turns(WAITERS + OTHERS)
    places = [place for place, file in enumerate(turns) if file in WAITERS]
    assert {after - before for before, after in pairwise(places)} == {4}
    assert places[0] == 0
    assert places[-1] < UNTIL * len(turns)


def test_the_tests_run_in_turns(request: pytest.FixtureRequest) -> None:
    """Whatever was chosen, and in whichever process this runs."""
    files = list(dict.fromkeys(item.nodeid.partition("::")[0] for item in request.session.items))
    assert files == in_turns(files)
    assert request.session.items == sorted(
        request.session.items, key=lambda item: files.index(item.nodeid.partition("::")[0])
    )
