"""The whole market against its own past: what is told of it, and how rarely by chance."""

from collections.abc import Callable, Iterable
from math import exp, sin

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.basis.event_time import Day
from detectors.peers import bad_market
from detectors.peers.bad_market import (
    DAY_SD,
    DAYS_PER_FALSE_FINDING,
    RATIOS,
    SEASON,
    WELL,
    BadMarket,
    Market,
    MarketDay,
    log_ratios,
    threshold,
)

YEARS = 60
ONE_A_YEAR = 365.0
PAST = 1e9  # bad outcomes behind the rate: it is known

days = st.lists(
    st.builds(
        MarketDay,
        st.integers(0, 6),
        st.floats(1.0, 20.0),
        st.floats(0.0, 1e4),
        st.just(2.0),
    ),
    max_size=8,
)


def findings(counts: Iterable[int], expected: float, level: float, limit: float) -> list[BadMarket]:
    """Return what is found in days of so many bad outcomes; each is told and is over with."""
    market = Market()
    for day, bad in enumerate(counts):
        market.add(Day(day), MarketDay(bad, expected, PAST, level), 1.0, limit)
    return market.told


def false_findings(level: Callable[[int], float], expected: float, spread: float) -> int:
    """Count findings in years of an honest market, if one a year is allowed."""
    rng, told = np.random.default_rng(3), 0
    market = Market()
    for day in range(365 * YEARS):
        shape = spread**-2.0
        mean = level(day) * expected * rng.gamma(shape, 1.0 / shape)
        market.add(
            Day(day), MarketDay(int(rng.poisson(mean)), expected, PAST, 0.0), 1.0, ONE_A_YEAR
        )
        if market.bad is not None:
            told += 1
            market = Market()
    return told


def season(day: int) -> float:
    """Return a year of waves between the tenth and all of what is honest, and bad weekends."""
    return SEASON * (0.55 + 0.45 * sin(day / 58.0)) * (1.0 if day % 7 < 2 else 0.9)


@pytest.mark.parametrize("expected", [0.5, 6.0, 60.0])
@pytest.mark.parametrize("level", [lambda _: SEASON, season], ids=["edge", "season"])
def test_false_findings_keep_their_budget(level: Callable[[int], float], expected: float) -> None:
    assert false_findings(level, expected, DAY_SD) <= YEARS


def test_the_law_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_market, "SEASON", 1.0)  # a bet against the past itself
    assert false_findings(lambda _: SEASON, 6.0, DAY_SD) > YEARS
    monkeypatch.undo()
    monkeypatch.setattr(bad_market, "_SHAPE", 1e9)  # days that differ by chance alone
    assert false_findings(lambda _: SEASON, 60.0, DAY_SD) > YEARS


@given(days, st.sampled_from([1.0, 0.875, 0.5]))
def test_evidence_is_the_sum_over_all_start_days(told: list[MarketDay], tempering: float) -> None:
    market = Market()
    for day, today in enumerate(told):
        market.add(Day(day), today, tempering, float("inf"))
    for k in range(len(RATIOS)):
        terms = [
            exp(tempering * sum(log_ratios(today)[k] for today in told[start:])) / len(RATIOS)
            for start in range(len(told))
        ]
        assume(sum(terms) < 1e9)  # beyond, evidence is held
        assert market.evidence[k] == pytest.approx(sum(terms))
        assert market.likeliest[k] == pytest.approx(max(terms, default=0.0))


@given(st.integers(0, 60), st.floats(0.1, 50.0), st.floats(0.0, 1e5))
def test_more_bad_outcomes_say_more_and_more_expected_ones_less(
    bad: int, expected: float, known: float
) -> None:
    def logs(bad: int, expected: float, known: float) -> list[float]:
        return log_ratios(MarketDay(bad, expected, known, 1.0))

    here = logs(bad, expected, known)
    for more, one in zip(logs(bad + 1, expected, known), here, strict=True):
        assert more > one
    for less, one in zip(logs(bad, 1.1 * expected, known), here, strict=True):
        assert less < one
    for more, one in zip(logs(bad, expected, 2.0 * known + 10.0), here, strict=True):
        assert more >= one  # the better the rate is known


def test_half_of_the_agents_turn_bad() -> None:
    """Of 40 agents with 3 sales a day 20 go from 5 % to 30 % on day 100."""
    rng = np.random.default_rng(4)
    for _ in range(10):
        before = [int(rng.binomial(120, 0.05)) for _ in range(100)]
        after = [int(rng.binomial(60, 0.05) + rng.binomial(60, 0.3)) for _ in range(20)]
        [told] = findings([*before, *after], 6.0, 3.5, threshold(4))
        assert 98 <= told.since <= 104
        assert 100 <= told.told_on <= 112


def test_a_market_is_bad_until_it_is_well() -> None:
    market, limit = Market(), threshold(1)
    assert limit == DAYS_PER_FALSE_FINDING
    day = 0
    while market.bad is None:
        market.add(Day(day), MarketDay(60, 6.0, PAST, 9.0), 1.0, limit)
        day += 1
    found = market.bad
    market.add(Day(day), MarketDay(6, 6.0, PAST, WELL), 1.0, limit)
    assert market.bad == found == BadMarket(Day(0), Day(day - 1))
    market.add(Day(day + 1), MarketDay(6, 6.0, PAST, 1.0), 1.0, limit)
    assert market.told == [BadMarket(Day(0), Day(day - 1), Day(day + 1))]
    assert not any(market.evidence)


def test_days_without_sales_say_nothing() -> None:
    market = Market()
    market.add(Day(1), MarketDay(0, 0.0, PAST, 1.0), 1.0, 1.0)
    assert market == Market()
