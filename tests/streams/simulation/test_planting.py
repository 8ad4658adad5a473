"""Who is planted: how many, when and how badly."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.simulation.counts import EventCounts
from streams.simulation.planting import odds_factor
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth


@given(
    agents=st.integers(1, 400),
    days=st.integers(1, 800),
    seed=st.integers(0, 2**32),
    share=st.floats(0.0, 1.0),
)
def test_both_patterns_equally_and_inside_the_promised_ranges(
    agents: int, days: int, seed: int, share: float
) -> None:
    settings = SimulationSettings(agents=agents, days=days, seed=seed, planted_share=share)
    found = truth(settings, EventCounts())
    quick = [one for one in found.planted if one.pattern == "quick_cancellation"]
    unused = [one for one in found.planted if one.pattern == "unused_account"]
    assert len(quick) == len(unused)
    assert len({one.agent_id for one in found.planted}) == len(found.planted)
    assert found.honest_agents + len(found.planted) == agents
    if share == 0:
        assert not found.planted
    elif agents >= 50:
        assert len(quick) >= 2
    assert all(one.rate in {0.15, 0.25, 0.40} for one in quick)
    assert all(0.25 <= one.rate <= 0.40 for one in unused)
    for one in found.planted:
        change = (datetime.fromisoformat(one.since) - settings.begins_at).days
        assert int(0.2 * days) <= change <= 0.6 * days


@pytest.mark.parametrize(("agents", "each"), [(9, 0), (10, 1), (49, 1), (50, 2), (1_000, 15)])
def test_three_percent_with_a_few_at_least(agents: int, each: int) -> None:
    settings = SimulationSettings(agents=agents, days=100, seed=1)
    assert len(truth(settings, EventCounts()).planted) == 2 * each


@pytest.mark.parametrize("rate", [0.15, 0.25, 0.40])
def test_the_factor_on_the_odds_raises_five_percent_to_the_rate(rate: float) -> None:
    odds = 0.05 / 0.95 * odds_factor(rate)
    assert odds / (1 + odds) == pytest.approx(rate)
