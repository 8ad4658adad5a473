"""What the protections at the edge cost in detection: delays with and without them.

The world `planted` of the yardstick, with sites of 50 agents and teams of 10. The same events are
judged with every setting at its default, without sight, and without groups.
"""

from collections.abc import Iterable, Iterator
from statistics import mean, median
from typing import Any, Final

from msgspec import Struct, structs

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

AGENTS: Final = 300
A_TEAM, A_SITE = 10, 50
SEED: Final = 1

VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "as it comes": {},
    "without sight": {"sight": {"silent_after": "36500d"}},
    "without groups": {"groups": {"site": False, "team": False}},
}


class Delay(Struct, frozen=True):
    """Of one variant, by rate in percent: agents, mean and median delay in sales, days to a word.

    ``false_alarms`` are those about agents who are honest for ever, in so many ``agent_years``.
    """

    variant: str
    agents: dict[str, int]
    mean: dict[str, float]
    median: dict[str, float]
    days: dict[str, float]
    false_alarms: int
    agent_years: float


def measured_delays(agents: int = AGENTS) -> Iterator[Delay]:
    """Judge the same sales in each variant."""
    world = smaller(WORLDS[PLANTED], agents)
    sales = draw(world, SEED)
    for name, table in VARIANTS.items():
        measured = _judged(world, sales, table)
        found = {str(percent): delays for percent, delays in sorted(measured.delays.items())}
        yield Delay(
            name,
            {percent: len(delays) for percent, delays in found.items()},
            {percent: mean(delays) for percent, delays in found.items()},
            {percent: median(delays) for percent, delays in found.items()},
            {percent: mean(measured.first_days[int(percent)]) for percent in found},
            sum(measured.false_alarms.values()),
            measured.honest_years,
        )


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
