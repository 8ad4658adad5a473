"""Patterns that are off by default are planted when asked for, and found by who they are."""

from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from detectors.decoding import EventDecoder
from detectors.patterns import Patterns
from detectors.patterns.account.clawback_cliff import ClawbackCliff
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth

MORE: Final = ("pushed_sale", "clawback_cliff", "shared_payer")


@given(agents=st.integers(1, 300), seed=st.integers(0, 2**32), share=st.floats(0.0, 1.0))
def test_who_is_planted_by_default_is_the_same_with_more(
    agents: int, seed: int, share: float
) -> None:
    usual = SimulationSettings(agents=agents, days=100, seed=seed, planted_share=share)
    with_more = msgspec.structs.replace(usual, also_planted=MORE)
    before = truth(usual, EventCounts()).planted
    after = truth(with_more, EventCounts()).planted
    more = [one for one in after if one.pattern in MORE]
    assert [one for one in after if one.pattern not in MORE] == list(before)
    assert len({one.agent_id for one in after}) == len(after)
    assert len(more) == min(len(MORE) * len(before) // 2, agents - len(before))
    for one in more:
        low, high = FORMS[one.pattern].rates
        assert low <= one.rate <= high


def _alerts(simulation: SimulationSettings, settings: Settings) -> list[Alert]:
    decode, pipeline = EventDecoder(settings.limits).decode, Pipeline(settings)
    for line in simulate(simulation):
        pipeline.apply(decode(line))
    return pipeline.alerts()


def test_whoever_is_planted_is_found_and_nobody_else() -> None:
    """As a newcomer would try it: three lines of settings, one simulation."""
    on = Patterns(
        pushed_sale=PushedSale(enabled=True),
        clawback_cliff=ClawbackCliff(enabled=True),
        shared_payer=SharedPayer(enabled=True, window="14d"),  # so that most of it is judged
    )
    simulation = SimulationSettings(agents=60, days=120, seed=5, also_planted=MORE)
    found = {
        (alert.agent_id, alert.pattern)
        for alert in _alerts(simulation, Settings(patterns=on))
        if alert.pattern in MORE and alert.subject.type == "agent"
    }
    planted = truth(simulation, EventCounts()).planted
    assert found == {(one.agent_id, one.pattern) for one in planted if one.pattern in MORE}
    assert {pattern for _, pattern in found} == {*MORE}


def test_a_pattern_that_is_off_changes_no_byte() -> None:
    simulation = SimulationSettings(agents=20, days=60, seed=5, also_planted=MORE)
    off = Patterns(
        pushed_sale=PushedSale(most_attempts=1),
        clawback_cliff=ClawbackCliff(window="40d"),
        shared_payer=SharedPayer(window="9d"),
    )
    usual, without = Settings(), Settings(patterns=off)
    assert without.config_hash == usual.config_hash
    assert _alerts(simulation, without) == _alerts(simulation, usual)
