"""What the simulated master data say of agents: when they began to sell."""

from datetime import datetime

import msgspec

from streams.simulation.centre import centre_of, simulate
from streams.simulation.settings import SimulationSettings


def test_whoever_is_there_began_before_and_others_on_their_first_day() -> None:
    settings = SimulationSettings(agents=60, days=90, seed=2, also_planted=("own_contact",))
    told: dict[str, str] = {}
    first_sales: dict[str, datetime] = {}
    for event in map(msgspec.json.decode, simulate(settings)):
        if event["type"] == "agent":
            assert told.setdefault(event["agent_id"], event["started_at"]) == event["started_at"]
        elif event["type"] == "sale" and event["agent_id"]:
            at = datetime.fromisoformat(event["occurred_at"])
            first_sales.setdefault(event["agent_id"], at)
    people, _ = centre_of(settings)
    began = dict(zip(people.ids, people.first_day.tolist(), strict=True))
    assert len(told) == 60
    assert len({*told.values()}) > 40, "they differ"
    for agent_id, stamp in told.items():
        started_at = datetime.fromisoformat(stamp)
        assert started_at <= first_sales.get(agent_id, started_at)
        days = (started_at - settings.begins_at).days
        assert days == began[agent_id] if began[agent_id] > 0 else days <= -60
