"""Whose sales a friend confirms is found; where a team has one verifier, it is told of the team."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from msgspec import structs

from detectors.alerts.alert import Subject
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import Sale
from detectors.patterns import Patterns
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth

CENTRE: Final = SimulationSettings(
    agents=72, days=60, seed=3, planted_share=0.05, also_planted=("one_verifier",)
)


def in_the_end(sold: Iterable[Sale]) -> set[Subject]:
    """Return about whom there is an alert in the end, if no other pattern is enabled."""
    registry = Patterns()
    on: dict[str, Any] = {
        name: structs.replace(getattr(registry, name), enabled=name == "one_verifier")
        for name in registry.__struct_fields__
    }
    pipeline = Pipeline(
        Settings(patterns=Patterns(**on), shadow_null=ShadowNull(enabled=False), profiles={})
    )
    for sale in sold:
        pipeline.apply(sale)
    pipeline.advance(seconds_at(CENTRE.begins_at) + 86_400.0 * CENTRE.days)
    last = {alert.alert_id: alert for alert in pipeline.alerts()}
    return {alert.subject for alert in last.values() if alert.status == "open"}


@cache
def sales() -> list[Sale]:
    decode = EventDecoder(Settings().limits).decode
    return [event for event in map(decode, simulate(CENTRE)) if isinstance(event, Sale)]


def friends() -> set[str]:
    planted = truth(CENTRE, EventCounts()).planted
    return {one.agent_id for one in planted if one.pattern == "one_verifier"}


def test_whose_sales_a_friend_confirms_is_found_and_nobody_else() -> None:
    assert {one.id for one in in_the_end(sales())} == friends()


def test_where_a_team_has_one_verifier_it_is_told_of_the_team_and_of_no_member() -> None:
    teams = {one.agent_id: one.team for one in sales() if one.agent_id is not None}
    taken = {team for agent, team in teams.items() if agent in friends()}
    alone = next(team for team in teams.values() if team not in taken)
    with_one = [
        structs.replace(one, verifier_id="verifier-9")
        if one.team == alone and one.verifier_id
        else one
        for one in sales()
    ]
    told = in_the_end(with_one)
    assert alone in {one.id for one in told if one.type == "team"}
    assert not {one.id for one in told if one.type == "agent"} - friends()
