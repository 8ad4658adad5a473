"""The simulated centres in which the whole catalogue is measured, and one run of one of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Final

import numpy as np
from msgspec import Struct

from bench.yardstick.catalogue.measuring import Measured, measure
from detectors.settings import Settings
from streams.files.detection import Detection
from streams.files.events import Block
from streams.files.merging import Origin
from streams.files.settings import settings_from
from streams.memory import rare_collections
from streams.simulation.centre import centre_of, simulate
from streams.simulation.people import People, Planting
from streams.simulation.planted import FORMS
from streams.simulation.planting import odds_factor
from streams.simulation.settings import SimulationSettings
from streams.wire.dead_letter import DeadLetter

CONFIG: Final = Path(__file__).parents[3] / "examples" / "catalogue.toml"

PLANTED_SHARE: Final = 0.03
"""Half of it goes to each pattern: of 400 agents six to each."""

AFTERWARDS: Final = timedelta(days=100)
"""So long after the last sale every window has passed."""

_LINES: Final = 4_096


class World(Struct, frozen=True):
    """A centre of so many agents for a year, in some independent runs.

    ``percent`` is the share of bad sales of everybody who is planted; None leaves each form as
    ``simulate --plant all`` has it, and 0 plants nobody.
    """

    percent: int | None
    runs: int
    agents: int = 400
    days: int = 365


WORLDS: Final[dict[str, World]] = {
    "25 %": World(25, 2),
    "40 %": World(40, 2),
    "its own": World(None, 1),
    "nobody": World(0, 2),
}


def run(world: World, number: int) -> Measured:
    """Simulate one run, let `detect` judge it with all patterns, and give what came of it."""
    simulation = SimulationSettings(
        agents=world.agents,
        days=world.days,
        seed=1_000 * (1 + (world.percent or 0)) + number,
        planted_share=0.0 if world.percent == 0 else PLANTED_SHARE,
        also_planted=tuple(sorted(FORMS)),
    )
    people, _ = centre_of(simulation)
    if world.percent:
        people = at_rate(people, world.percent / 100)
    settings = settings_from(CONFIG)
    until = simulation.begins_at + timedelta(days=world.days) + AFTERWARDS
    detection = Detection(settings, until, _refuse)
    blocks = _blocks(simulate(simulation, people=people))
    with rare_collections():
        alerts = [alert for told in detection.alerts(blocks) for alert in told]
    return measure(alerts, people, world.days, sources_of(settings), simulation.begins_at)


def timed(world: World, number: int) -> tuple[Measured, float]:
    """Do as `run` does, and give the seconds of CPU that it took."""
    began = process_time()
    return run(world, number), process_time() - began


def at_rate(people: People, rate: float) -> People:
    """Return sellers of whom everybody planted makes so many sales badly, from the same day on."""
    return replace(
        people,
        cancellation_change=np.where(people.cancellation_change > 0, np.log(odds_factor(rate)), 0),
        unused_rate=np.where(people.unused_rate > 0, rate, 0.0),
        more={
            pattern: Planting(one.change_day, np.where(one.rate > 0, rate, 0.0))
            for pattern, one in people.more.items()
        },
    )


def sources_of(settings: Settings) -> dict[str, str]:
    """Return the pattern that each early tier looks ahead to."""
    return {early.name: early.source for early in settings.patterns.early_tiers()}


def _blocks(lines: Iterator[bytes]) -> Iterator[Block]:
    while some := list(islice(lines, _LINES)):
        yield Block(some, partial(Origin, "events.jsonl"))


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(f"a simulated event was rejected: {letter.detail}")
