"""An interval of 90 % holds the truth about nine times of ten, also where little is known."""

from collections.abc import Callable
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.desk.overview.intervals import Interval, ratio, share_interval

Method = Callable[[int, int], Interval]


def coverage(method: Method, of: int, share: float) -> float:
    """Return how often the interval holds a share, exactly."""
    total = 0.0
    for found in range(of + 1):
        low, high = method(found, of)
        if low <= share <= high:
            total += comb(of, found) * share**found * (1 - share) ** (of - found)
    return total


def worst(method: Method) -> float:
    """Return the mean coverage of the size of a team with which it is lowest."""
    shares = [(step + 0.5) / 100 for step in range(100)]
    return min(
        sum(coverage(method, of, share) for share in shares) / 100 for of in (2, 5, 10, 20, 60)
    )


def test_the_interval_of_a_share_covers() -> None:
    assert 0.88 < worst(share_interval) < 0.95


def _by_the_normal(found: int, of: int) -> Interval:
    share = found / of
    half = 1.645 * sqrt(share * (1 - share) / of)
    return Interval(share - half, share + half)


def test_an_interval_that_does_not_cover_is_caught() -> None:
    assert worst(_by_the_normal) < 0.8


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_lies_in_its_interval(found: int, rest: int) -> None:
    of = found + rest
    low, high = share_interval(found, of)
    assert 0.0 <= low <= high <= 1.0
    if of:
        assert low - 1e-12 <= found / of <= high + 1e-12


@given(
    st.tuples(st.integers(0, 50), st.integers(0, 50)),
    st.tuples(st.integers(0, 50), st.integers(0, 50)),
)
def test_a_ratio_is_the_other_way_round_for_the_others(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    times, (low, high) = ratio(one[0], sum(one), other[0], sum(other))
    back, (back_low, back_high) = ratio(other[0], sum(other), one[0], sum(one))
    assert low <= times <= high
    assert times == pytest.approx(1 / back)
    assert (low, high) == pytest.approx((1 / back_high, 1 / back_low))
