"""The funnel: its limits are quantiles, and its counts are those of the evidence."""

from math import ceil, comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Subject
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from streams.desk.casefile.funnel import TAILS, Tally, limits_of
from streams.desk.casefile.funnel_drawing import HEIGHT, WIDTH, funnel_drawing

PATTERN = PatternName("quick_cancellation")


def below(bad: int, trials: int, rate: float) -> float:
    """Return the chance of at most so many bad ones."""
    if bad < 0:
        return 0.0
    return sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(bad + 1))


def misplaced(limits: tuple[float, ...], trials: int, rate: float) -> list[float]:
    """Return the tails whose limit does not stand where so much lies below it."""
    found = []
    for limit, tail in zip(limits, TAILS, strict=True):
        first = ceil(limit * trials - 1e-9)
        if not below(first - 1, trials, rate) - 1e-9 <= tail <= below(first, trials, rate) + 1e-9:
            found.append(tail)
    return found


@given(rate=st.floats(0.01, 0.9), trials=st.integers(1, 80))
def test_limits_stand_where_chance_puts_them(rate: float, trials: int) -> None:
    (found,) = limits_of(rate, 0.0, [trials])
    assert misplaced(found.rates, trials, rate) == []
    assert list(found.rates) == sorted(found.rates)
    (wider,) = limits_of(rate, 0.5, [trials])
    assert wider.rates[-1] >= found.rates[-1] - 1.0 / trials


def test_limits_by_the_normal_distribution_would_be_caught() -> None:
    rate, trials = 0.05, 5
    sd = (rate * (1 - rate) / trials) ** 0.5
    normal = tuple(max(0.0, rate + z * sd) for z in (-3.09, -1.96, 1.96, 3.09))
    assert misplaced(normal, trials, rate)


def judged(
    agent: str, day: int, sale: str, *, bad: bool, trials: int = 1, corrects: int | None = None
) -> Judgement:
    return Judgement(
        PATTERN,
        AgentId(agent),
        Day(day),
        SaleId(sale),
        Cell("all"),
        0.1,
        bad,
        1.0,
        0.3,
        1.0,
        trials,
        corrects=None if corrects is None else Day(corrects),
    )


def test_it_counts_what_stands_in_the_stretch() -> None:
    tally = Tally(Subject("agent", "ann"), PATTERN, Day(10), Day(20))
    tally.extend(
        [
            judged("ann", 9, "before", bad=True),
            judged("ann", 10, "first", bad=True),
            judged("ann", 11, "good", bad=False),
            judged("ann", 12, "taken back", bad=True),
            judged("ann", 13, "excluded", bad=True),
            judged("ann", 14, "taken back", bad=False, corrects=12),
            judged("ann", 15, "excluded", bad=False, trials=0, corrects=13),
            judged("ann", 21, "first", bad=False, corrects=10),
            judged("ann", 21, "after", bad=True),
        ]
    )
    for peer in range(4):
        tally.extend(judged(f"peer-{peer}", 15, str(n), bad=n == 0) for n in range(10 + peer))
    funnel = tally.funnel(0.3, "sales")
    assert funnel is not None
    assert (funnel.trials, funnel.bad) == (3, 1)
    assert funnel.peers == ((10, 1), (11, 1), (12, 1), (13, 1))
    assert funnel.rate == pytest.approx(4 / 46)
    drawing = funnel_drawing(funnel)
    for across, down in [*drawing.peers, drawing.own]:
        assert 0.0 <= across <= WIDTH
        assert 0.0 <= down <= HEIGHT
    assert drawing.share == pytest.approx(1 / 3)
    assert (drawing.beyond, drawing.outside) == (False, 0)


def test_without_peers_there_is_none() -> None:
    tally = Tally(Subject("agent", "ann"), PATTERN, Day(10), Day(20))
    tally.extend([judged("ann", 10, "first", bad=True), judged("bob", 10, "first", bad=True)])
    assert tally.funnel(0.3, "sales") is None
