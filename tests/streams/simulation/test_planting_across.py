"""Patterns across accounts are planted when asked for, and found by who they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.group_settings import GroupSettings
from detectors.patterns import Patterns
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.planted.key.own_contact import HOUSEHOLD, HOUSEHOLD_DAYS
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth

PATTERNS: Final = (
    "access_without_contact",
    "own_contact",
    "reopened",
    "sales_without_traffic",
    "shared_address",
    "shared_email",
    "shared_phone",
    "slamming",
    "stacking",
    "twisting",
    "off_hours",  # the last one: who is planted for the others depends on their order
)
SIMULATION: Final = SimulationSettings(agents=40, days=75, seed=8, also_planted=PATTERNS)


def only_across() -> Settings:
    """Return settings in which they alone judge, early enough for a short simulation."""
    registry = Patterns()
    changed: dict[str, Any] = {
        name: structs.replace(getattr(registry, name), enabled=name in PATTERNS)
        for name in registry.__struct_fields__
    }
    for name in PATTERNS:
        if name.startswith(("shared_", "own_")):
            changed[name] = structs.replace(changed[name], window="10d")
    changed["off_hours"] = structs.replace(changed["off_hours"], window="3d")
    return Settings(
        patterns=Patterns(**changed),
        groups=GroupSettings(site=False, team=False),
        shadow_null=ShadowNull(enabled=False),
        profiles={},
    )


def households(lines: Iterable[bytes]) -> dict[str, list[float]]:
    """Return when each household of a seller bought (days)."""
    found: dict[str, list[float]] = {}
    for event in map(msgspec.json.decode, lines):
        if event["type"] == "sale" and event["address_hash"].startswith("dd-"):
            moment = datetime.fromisoformat(event["occurred_at"]).timestamp() / 86_400.0
            found.setdefault(event["address_hash"], []).append(moment)
    return found


def test_a_household_buys_no_more_often_than_it_has_people() -> None:
    """Strangers without end at a seller's own address are the fraud, not its honest twin."""
    centre = SimulationSettings(
        agents=10,
        days=150,
        seed=3,
        planted_share=0.0,
        sales_per_day=12.0,
        also_planted=("own_contact",),
    )
    bought = households(simulate(centre)).values()
    assert max(map(len, bought)) > HOUSEHOLD, "they buy again when time has passed"
    for times in bought:
        for first, next_one in zip(times, times[HOUSEHOLD:], strict=False):
            assert next_one - first >= HOUSEHOLD_DAYS


def test_whoever_is_planted_is_found_and_nobody_else() -> None:
    settings = only_across()
    decode, pipeline = EventDecoder(settings.limits).decode, Pipeline(settings)
    for line in simulate(SIMULATION):
        pipeline.apply(decode(line))
    pipeline.advance(seconds_at(SIMULATION.begins_at) + 86_400.0 * SIMULATION.days)
    found = {(alert.agent_id, alert.pattern) for alert in pipeline.alerts()}
    planted = truth(SIMULATION, EventCounts()).planted
    assert found >= {(one.agent_id, one.pattern) for one in planted if one.pattern in PATTERNS}
    # Who sells one customer the like again and again stacks as well.
    assert {agent for agent, _ in found} <= {one.agent_id for one in planted}
