"""What is true about a simulation, for those who judge detectors by it."""

import msgspec

from detectors.events.event import EVENT_TYPES
from streams.simulation.centre import centre_of
from streams.simulation.counts import EventCounts
from streams.simulation.people import agent_id
from streams.simulation.settings import SimulationSettings


class PlantedAgent(msgspec.Struct, frozen=True):
    """One planted agent: the misconduct, `since` when (`from` in JSON, RFC 3339), and how badly.

    `rate` is the rate to which a sale's cancellation probability of 5 % is raised for
    `quick_cancellation`, the share of the agent's accounts that nobody uses for
    `unused_account`, and the share of bad sales for the others.
    """

    agent_id: str
    pattern: str
    since: str = msgspec.field(name="from")
    rate: float
    sales_before: int
    sales_after: int


class Truth(msgspec.Struct, frozen=True):
    """The truth of one simulation; `events` counts emitted events by type."""

    seed: int
    parameters: SimulationSettings
    honest_agents: int
    planted: tuple[PlantedAgent, ...]
    events: dict[str, int]


def truth(settings: SimulationSettings, counts: EventCounts) -> Truth:
    """Return the truth of the simulation of these settings that has filled `counts`."""
    people, _ = centre_of(settings)
    others = counts.events.keys() - EVENT_TYPES.keys()
    return Truth(
        seed=settings.seed,
        parameters=settings,
        honest_agents=settings.agents - len(people.planted),
        planted=tuple(
            PlantedAgent(
                agent_id=agent_id(one.agent),
                pattern=one.pattern,
                since=one.changes_at.isoformat().replace("+00:00", "Z"),
                rate=one.rate,
                sales_before=counts.sales_before[one.agent],
                sales_after=counts.sales_after[one.agent],
            )
            for one in people.planted
        ),
        events={kind: counts.events[kind] for kind in (*EVENT_TYPES, *sorted(others))},
    )
