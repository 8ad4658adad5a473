"""Patterns that are off by default are planted when asked for, and found by who they are."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from detectors.decoding import EventDecoder
from detectors.patterns import Patterns
from detectors.patterns.account.clawback_cliff import ClawbackCliff
from detectors.patterns.account.denied_sale import DeniedSale
from detectors.patterns.account.excluded_share import ExcludedShare
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.patterns.sale.no_consent import NoConsent
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.pipeline import Pipeline
from detectors.settings import Settings, read_settings
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth

CATALOGUE: Final = Path(__file__).parents[3] / "examples" / "catalogue.toml"
MORE: Final = (
    "bait_and_switch",
    "clawback_cliff",
    "denied_sale",
    "edited_contact",
    "excluded_share",
    "fee_at_exit",
    "no_consent",
    "no_need",
    "no_recap",
    "own_verification",
    "pitch_to_unhappy",
    "pushed_sale",
    "sandbagging",
    "self_cancelled",
    "shared_payer",
    "simulated_funding",
    "sold_over_refusal",
    "undisclosed_fee",
)
"""Named one by one: who is planted depends on them, and the world below was looked for."""

AGENTS, DAYS, SEED = 49, 130, 7
"""A world in which two months of a planted agent are seen, and there are colleagues enough."""


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
    """As a newcomer would try it: the settings of the example, and a simulation of everything."""
    simulation = SimulationSettings(agents=AGENTS, days=DAYS, seed=SEED, also_planted=MORE)
    on = read_settings(tomllib.loads(CATALOGUE.read_text(encoding="utf-8")))
    alerts = _alerts(simulation, on)
    found = {
        (alert.agent_id, alert.pattern)
        for alert in alerts
        if alert.pattern in MORE and alert.subject.type == "agent"
    }
    planted = truth(simulation, EventCounts()).planted
    meant = {(one.agent_id, one.pattern) for one in planted if one.pattern in MORE}
    assert found >= meant
    honest = {one for one, _ in found} - {one.agent_id for one in planted}
    assert honest == set()
    coached = {one.severity for one in alerts if one.pattern in {"no_need", "no_recap"}}
    assert coached == {"info"}


def test_the_example_switches_every_pattern_on() -> None:
    on = read_settings(tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))).patterns
    assert {one.name for one in on.enabled()} == {*on.__struct_fields__}


def test_every_pattern_that_is_off_can_be_planted() -> None:
    registry = Patterns()
    off = {name for name in registry.__struct_fields__ if not getattr(registry, name).enabled}
    assert {*FORMS} == off


def test_a_pattern_that_is_off_changes_no_byte() -> None:
    simulation = SimulationSettings(agents=20, days=40, seed=5, also_planted=MORE)
    off = Patterns(
        pushed_sale=PushedSale(most_attempts=1),
        clawback_cliff=ClawbackCliff(window="40d"),
        shared_payer=SharedPayer(window="9d"),
        denied_sale=DeniedSale(window="50d"),
        no_consent=NoConsent(channels=("phone",)),
        excluded_share=ExcludedShare(window="9d"),
    )
    usual, without = Settings(), Settings(patterns=off)
    assert without.config_hash == usual.config_hash
    assert _alerts(simulation, without) == _alerts(simulation, usual)
