"""Who is commended over a log of events: only what customers do makes a sale a good one."""

from collections.abc import Sequence
from random import Random
from typing import Final

from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AgentId
from detectors.commendation_settings import CommendationSettings
from detectors.events.event import AccountActivity, AnyEvent
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.worlds import activity, at, cancellation, in_order, sale

AGENTS: Final = 10
DAYS: Final = 70
GOOD: Final = "agent 3"
KEYS: Final = "agent 4"
"""Their customers are like everybody's, but the agent keys use of each account, as the customer."""

SETTINGS: Final = Settings(
    commendations=CommendationSettings(at_most_per_1000_agent_years=500.0, least_matured=50)
)


def world() -> list[AnyEvent]:
    random = Random(5)  # noqa: S311 # a world, no secret
    events: list[AnyEvent] = []
    for number in range(AGENTS * DAYS * 3):
        agent = f"agent {number % AGENTS}"
        hours = 24.0 * (number // (AGENTS * 3)) + random.uniform(0, 8)
        account = f"a{number}"
        sold = structs.replace(sale(hours, account, f"s{number}", agent), amount=30.0 + number)
        events.append(structs.replace(sold, site=None, team=None))
        fate = 1.0 if agent == GOOD else random.random()
        if fate > 0.2:
            events.append(activity(hours + random.uniform(30, 300), account))
        elif fate > 0.1:
            events.append(cancellation(hours + random.uniform(30, 200), account, f"s{number}"))
        if agent == KEYS:
            own = activity(hours + random.uniform(1, 20), account)
            events.append(structs.replace(own, agent_id=AgentId(KEYS)))
    return in_order(events)


def commended(events: Sequence[AnyEvent], settings: Settings = SETTINGS) -> set[str]:
    pipeline = Pipeline(settings)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(seconds_at(at(24 * (DAYS + 40))))
    pipeline.alerts()
    return {one.agent_id for one in pipeline.commendations}


def as_if_by_customers(event: AnyEvent) -> AnyEvent:
    """Return an event without the agent who keyed it, where it is use."""
    return structs.replace(event, agent_id=None) if isinstance(event, AccountActivity) else event


def test_whoever_keys_use_is_not_commended_for_it() -> None:
    events = world()
    assert commended(events) == {GOOD}
    assert commended([as_if_by_customers(one) for one in events]) == {GOOD, KEYS}


def test_without_commendations_the_same_is_told() -> None:
    events = world()[:600]
    off = structs.replace(SETTINGS, commendations=CommendationSettings(enabled=False))
    assert commended(events, off) == set()
