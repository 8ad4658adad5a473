"""Who is dated after those that follow: wrong clocks, however many agree, and nobody else."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from streams.stages.timing import followers
from streams.stages.timing.followers import AheadOfFollowers, Followers, in_ranges
from streams.wire.topics import Topic

LATENESS = 3_600.0
DAY = 86_400.0
Find = Callable[[list[float]], set[int]]


def found_in(times: list[float]) -> set[int]:
    some = Followers(LATENESS)
    for offset, at in enumerate(times):
        some.note(Topic.SALES, 0, offset, Seconds(at))
    found, number = some.found()
    assert number == len(found)
    assert found == sorted(found, reverse=True)
    return {one.offset for one in found}


def ahead_of_the_next(times: list[float]) -> set[int]:
    """Broken: asks the next record only, which may be as wrong."""
    return {n for n in range(len(times) - 1) if times[n] - times[n + 1] > LATENESS}


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[float], set[int]]:
    """Draw times within the allowed lateness, with up to 40 wrong ones in one place."""
    times = [n * 60.0 - draw(st.integers(0, 3_000)) for n in range(200)]
    place, number = draw(st.integers(0, 100)), draw(st.integers(2, 40))
    wrong = sorted(place * 60.0 + draw(st.integers(2, 30)) * DAY for _ in range(number))
    return times[:place] + wrong + times[place:], set(range(place, place + number))


def broken(find: Find, log: tuple[list[float], set[int]]) -> bool:
    return find(log[0]) != log[1]


@given(logs())
def test_wrong_clocks_are_found_and_nobody_else(log: tuple[list[float], set[int]]) -> None:
    assert not broken(found_in, log)
    assert broken(ahead_of_the_next, log)


def test_the_blocks_in_which_records_are_judged_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = [n * 60.0 + (9 * DAY if n % 50 < 3 else 0.0) for n in range(700)]
    whole = found_in(times)
    assert len(whole) == 42
    monkeypatch.setattr(followers, "_AT_ONCE", 7)
    assert found_in(times) == whole


def test_neighbours_are_one_range() -> None:
    some = [AheadOfFollowers(1.0, Topic.SALES, 0, n, Seconds(0)) for n in (7, 3, 4, 5)]
    other = AheadOfFollowers(1.0, Topic.SALES, 1, 6, Seconds(0))
    assert list(in_ranges([*some, other])) == [
        (Topic.SALES, 0, 3, 5),
        (Topic.SALES, 0, 7, 7),
        (Topic.SALES, 1, 6, 6),
    ]
