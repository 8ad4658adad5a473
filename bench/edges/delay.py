"""What the protections at the edge cost in detection: delays with and without them.

Usage: ``python -m bench.edges.delay [AGENTS]``

The world `planted` of the yardstick, with sites of 50 agents and teams of 10. The same events are
judged with every setting at its default, without sight, and without groups.
"""

import sys
from collections.abc import Iterable, Iterator
from statistics import mean, median
from typing import Any, Final

from msgspec import structs

from bench.yardstick.events import BEGINS, days_of_events
from bench.yardstick.findings import episodes
from bench.yardstick.measuring import Measured, measure
from bench.yardstick.running import AFTERWARDS, PATTERN
from bench.yardstick.sales import Sales, draw
from bench.yardstick.worlds import PLANTED, WORLDS, World, smaller
from detectors.basis.event_time import Seconds, seconds_at
from detectors.events.event import AnyEvent, Sale
from detectors.patterns import Patterns
from detectors.pipeline import Pipeline
from detectors.settings import read_settings
from streams.memory import rare_collections

AGENTS: Final = 300
A_TEAM, A_SITE = 10, 50
SEED: Final = 1

VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "as it comes": {},
    "without sight": {"sight": {"silent_after": "36500d"}},
    "without groups": {"groups": {"site": False, "team": False}},
}


def main(agents: int) -> None:
    """Print the mean and median delay in sales, by rate, of each variant."""
    world = smaller(WORLDS[PLANTED], agents)
    sales = draw(world, SEED)
    for name, table in VARIANTS.items():
        with rare_collections():
            measured = _judged(world, sales, table)
        told = ", ".join(
            f"{percent} %: {mean(delays):.2f}/{median(delays):.1f} sales, "
            f"{mean(measured.first_days[percent]):.2f} days to any warning, of {len(delays)}"
            for percent, delays in sorted(measured.delays.items())
        )
        alarms = sum(measured.false_alarms.values())
        print(f"{name}: {told}; {alarms} false alarms in {measured.honest_years:.0f} agent-years")


def _judged(world: World, sales: Sales, table: dict[str, Any]) -> Measured:
    others = {name for name in Patterns.__struct_fields__ if name != PATTERN}
    patterns = {"patterns": {name: {"enabled": False} for name in others}}
    pipeline, alerts = Pipeline(read_settings(patterns | table)), []
    for events in days_of_events(sales):
        for event in _placed(events):
            pipeline.apply(event)
        alerts += pipeline.alerts()
    pipeline.advance(Seconds(seconds_at(BEGINS) + float(sales.at[-1]) + AFTERWARDS))
    return measure(world, sales, episodes([*alerts, *pipeline.alerts()]))


def _placed(events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
    for event in events:
        if isinstance(event, Sale):
            number = int(str(event.agent_id).rpartition("-")[2])
            site, team = number % (AGENTS // A_SITE), number % (AGENTS // A_TEAM)
            yield structs.replace(event, site=f"site-{site}", team=f"team-{team}")
        else:
            yield event


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else AGENTS)
