"""The simulated centres in which commendations are measured, and one run of one of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from math import log
from time import process_time
from typing import Final

import numpy as np
from msgspec import Struct

from bench.yardstick.good_sales.measuring import Measured, measure
from detectors.commendation_settings import CommendationSettings
from detectors.settings import Settings, ShadowNull
from streams.files.detection import Detection
from streams.files.events import Block
from streams.files.merging import Origin
from streams.memory import rare_collections
from streams.simulation.centre import centre_of, simulate
from streams.simulation.people import NEVER, People
from streams.simulation.settings import SimulationSettings
from streams.wire.dead_letter import DeadLetter

AFTERWARDS: Final = timedelta(days=35)
"""So long after the last sale every window has passed."""

FACTORS: Final[dict[str, float]] = {"half": 1 / 2, "a third": 1 / 3}
"""On the odds that a sale of a better agent is bad, by both patterns."""

BUDGET: Final = CommendationSettings().at_most_per_1000_agent_years

_LINES: Final = 4_096


class World(Struct, frozen=True):
    """A centre of agents who are all honest, for some days and some independent runs.

    ``sd``: how they differ on the logit, by each pattern apart. ``better``: so many of each of
    `FACTORS` have other odds from their first day on, and are there for the whole time: so few
    that they hardly change how much agents differ. ``budget``: of commendations per 1,000
    agent-years.
    """

    title: str
    sd: float = 0.25
    sales_a_day: float = 3.0
    better: int = 0
    budget: float = BUDGET
    runs: int = 2
    agents: int = 400
    days: int = 730


STRICT: Final = BUDGET / 4

WORLDS: Final[dict[str, World]] = {
    "alike": World("agents are all alike", sd=0.0),
    "differ": World("agents differ as in `simulate`: sd .25", better=4, runs=4),
    "wide": World("agents differ twice as much: sd .5"),
    "busy": World("as `differ`, 10 sales a working day", sales_a_day=10.0, better=4, days=365),
    "strict": World(f"as `differ`, the budget is {STRICT:g}", better=4, budget=STRICT),
}


def settings_of(world: World) -> Settings:
    """Return the defaults, and the budget; the null takes its time, and commends nobody."""
    return Settings(
        shadow_null=ShadowNull(enabled=False),
        commendations=CommendationSettings(at_most_per_1000_agent_years=world.budget),
    )


def run(world: World, number: int) -> Measured:
    """Simulate one run, let `detect` judge it, and give who was commended."""
    simulation = SimulationSettings(
        agents=world.agents,
        days=world.days,
        seed=round(1_000 * (1 + 100 * world.sd) + 10 * world.sales_a_day) + number,
        sales_per_day=world.sales_a_day,
        between_agent_sd=world.sd,
        planted_share=0.0,
    )
    people, _ = centre_of(simulation)
    people, better = with_better(people, world.better)
    until = simulation.begins_at + timedelta(days=world.days) + AFTERWARDS
    detection = Detection(settings_of(world), until, _refuse)
    with rare_collections():
        for _ in detection.alerts(_blocks(simulate(simulation, people=people))):
            pass
    commended = detection.commendations()
    return measure(commended, people, better, world.days, simulation.begins_at)


def timed(world: World, number: int) -> tuple[Measured, float]:
    """Do as `run` does, and give the seconds of CPU that it took."""
    began = process_time()
    return run(world, number), process_time() - began


def with_better(people: People, each: int) -> tuple[People, dict[int, str]]:
    """Return sellers of whom the first ones are better, and who is, by the kind of `FACTORS`."""
    better = {each * kind + row: name for kind, name in enumerate(FACTORS) for row in range(each)}
    rows = np.array(list(better), np.int64)
    levels = np.array([log(FACTORS[name]) for name in better.values()])
    first_day, last_day = people.first_day.copy(), people.last_day.copy()
    kept, used = people.cancellation_offset.copy(), people.unused_offset.copy()
    first_day[rows], last_day[rows] = 0, NEVER
    kept[rows] = used[rows] = levels
    changed = replace(
        people,
        cancellation_offset=kept,
        unused_offset=used,
        first_day=first_day,
        last_day=last_day,
    )
    return changed, better


def _blocks(lines: Iterator[bytes]) -> Iterator[Block]:
    while some := list(islice(lines, _LINES)):
        yield Block(some, partial(Origin, "events.jsonl"))


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(f"a simulated event was rejected: {letter.detail}")
