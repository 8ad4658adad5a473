"""Whether the shift of one's own past and the unusual mix tell more than chance does."""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from bench.speed.agent_days import (
    AgentDays,
    Floats,
    Sales,
    agent_days,
    mix_limits,
    read_sales,
    series,
)
from bench.speed.planted_profiles import PLANTED
from bench.speed.unusual_mix import UnusualMix
from detectors.contract.observation import STRANGE, Observation
from detectors.profiles.shift import Shift
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import Truth
from streams.simulation.writing import write_simulation

SEEDS: Final = (1, 2, 3)
DEALS: Final = 5
"""Permutations a null is the mean of."""

HOTEL: Final = Path(os.environ.get("HOTEL_EVENTS", "simulated/hotel/events.jsonl"))
CONFIDENCES: Final = (0.05, 0.01, 0.001)
ALARM_SHARE: Final = 0.001
EPISODE: Final = 30
"""Days within which further alarms about an agent are the same one."""

_DAY: Final = 86_400.0
_NEVER: Final = 1 << 40
_PAST: Final = 30

Alarms = list[tuple[int, int]]
"""Agent and day of each."""

Planted = Mapping[int, int]
"""The day from which on an agent misbehaves."""


def run() -> None:
    """Print alarms of real and permuted streams, side by side."""
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            settings = SimulationSettings(agents=200, days=365, seed=seed)
            events, truth = write_simulation(settings, Path(folder))
            sales = read_sales(events)
        planted = _planted(truth, sales.names)
        print(f"\nsimulated centre, seed {seed}", flush=True)
        _judge(sales, planted)
        for name, change in PLANTED.items():
            print(f"  planted: from their day on the {len(planted)} agents {name}")
            _judge_planted(agent_days(change(sales, planted)), planted)
    if HOTEL.exists():
        print("\nhotel bookings")
        _judge(read_sales(HOTEL), {})


def _judge(sales: Sales, planted: Planted) -> None:
    """Print the alarms beside those of each null."""
    generator = np.random.default_rng(7)
    real = agent_days(sales)
    cells = sales.day * (sales.product.max() + 1) + sales.product
    dealt = [agent_days(sales.relabelled(cells, generator)) for _ in range(DEALS)]
    by_day = [agent_days(sales.relabelled(sales.day, generator)) for _ in range(DEALS)]
    print(
        f"  {len(sales.names)} agents, {real.day.size} agent-days, {_years(real):.0f} agent-years"
    )
    for confidence in CONFIDENCES:
        config = Shift(confidence=confidence)
        for what, values in (("volume", real.volume), ("amount", real.amount)):
            began = perf_counter()
            alarms = _shifts(config, real, values)
            each = 1e6 * (perf_counter() - began) / real.day.size
            _tell(f"{what} {confidence:g} ({each:.0f} us a day)", alarms, real, planted)
            for name, null in (("days dealt out", _in_any_order), ("signs dealt out", _turned)):
                nulls = [_shifts(config, real, null(real, values, generator)) for _ in range(DEALS)]
                _tell_null(name, nulls, real)
        nulls = [_shifts(config, days, days.amount) for days in dealt]
        _tell_null("labels dealt out in day x product", nulls, real)
    _tell("mix, tail of real ones", _unusual(real, real), real, planted)
    for name, deals in (("day x product", dealt), ("day", by_day)):
        taught = _unusual(deals[0], real)
        _tell(f"mix, tail of labels dealt out in {name}", taught, real, planted)
        _tell_null(f"labels dealt out in {name}", [_unusual(days, days) for days in deals], real)


def _judge_planted(days: AgentDays, planted: Planted) -> None:
    for confidence in CONFIDENCES:
        config = Shift(confidence=confidence)
        _tell(f"volume {confidence:g}", _shifts(config, days, days.volume), days, planted)
        _tell(f"amount {confidence:g}", _shifts(config, days, days.amount), days, planted)
    _tell("mix", _unusual(days, days), days, planted)


def _tell(what: str, alarms: Alarms, days: AgentDays, planted: Planted) -> None:
    """Print the alarms, honest ones a 1,000 agent-years, and the planted agents found."""
    honest = sum(day < planted.get(agent, _NEVER) for agent, day in alarms)
    first: dict[int, int] = {}
    for agent, day in alarms:
        if day >= planted.get(agent, _NEVER):
            first.setdefault(agent, day - planted[agent])
    print(
        f"    {what:44s} {len(alarms):5d} alarms, {len({agent for agent, _ in alarms}):4d} agents, "
        f"{1000 * honest / _years(days):5.0f} honest a 1,000 agent-years; "
        f"{len(first)} of {len(planted)} planted after {sorted(first.values())} days",
        flush=True,
    )


def _tell_null(what: str, nulls: list[Alarms], days: AgentDays) -> None:
    numbers = [len(alarms) for alarms in nulls]
    mean = sum(numbers) / len(numbers)
    print(
        f"      {what:42s} {mean:5.1f} alarms {numbers}, "
        f"{1000 * mean / _years(days):5.0f} a 1,000 agent-years",
        flush=True,
    )


def _shifts(config: Shift, days: AgentDays, values: Floats) -> Alarms:
    alarms = []
    for places in series(days):
        detector = config.build()
        for place in places.tolist():
            x = Observation(days.day[place] * _DAY, (float(values[place]),))
            score = detector.score_one(x)
            detector.learn_one(x)
            if score.ready and score.value >= STRANGE:
                alarms.append((int(days.agent[place]), int(days.day[place])))
    return _episodes(alarms)


def _unusual(teacher: AgentDays, judged: AgentDays) -> Alarms:
    """Score the days of `judged` by what those of `teacher` have taught until then.

    A tail of its own alarms about the same share of any stream: only one that is taught by permuted
    labels can say whether the real ones are stranger.
    """
    config = UnusualMix(limits=mix_limits(teacher), alarm_share=ALARM_SHARE)
    alarms = []
    for group in np.unique(teacher.group).tolist():
        detector = config.build()
        taught, asked = (np.flatnonzero(days.group == group) for days in (teacher, judged))
        position = 0
        for place in asked.tolist():
            while position < taught.size and teacher.day[taught[position]] < judged.day[place]:
                detector.learn_one(_vector(teacher, taught[position]))
                position += 1
            score = detector.score_one(_vector(judged, place))
            if score.ready and score.value >= STRANGE:
                alarms.append((int(judged.agent[place]), int(judged.day[place])))
    return _episodes(alarms)


def _vector(days: AgentDays, place: int) -> Observation:
    return Observation(float(days.day[place]) * _DAY, tuple(days.mix[place].tolist()))


def _episodes(alarms: Alarms) -> Alarms:
    latest: dict[int, int] = {}
    kept = []
    for agent, day in sorted(alarms, key=lambda one: one[1]):
        if day - latest.get(agent, -EPISODE) >= EPISODE:
            latest[agent] = day
            kept.append((agent, day))
    return kept


def _years(days: AgentDays) -> float:
    return sum(int(days.day[p[-1]] - days.day[p[0]] + 1) for p in series(days)) / 365.0


def _in_any_order(days: AgentDays, values: Floats, generator: np.random.Generator) -> Floats:
    """Deal out each agent's values at random among their own days.

    Permuting agents within day and product leaves every number of sales as it is: it cannot tell
    chance from change in a volume. This can; what it takes away is every change in time, an honest
    one too.
    """
    dealt = values.copy()
    for places in series(days):
        dealt[places] = values[generator.permutation(places)]
    return dealt


def _turned(days: AgentDays, values: Floats, generator: np.random.Generator) -> Floats:
    """Mirror each value at the agent's first median or not, by the toss of a coin.

    As `_in_any_order`, but it can be done as the days come, with no memory.
    """
    turned = values.copy()
    for places in series(days):
        centre = float(np.median(values[places[:_PAST]]))
        signs = generator.choice((-1.0, 1.0), places.size)
        turned[places] = centre + signs * (values[places] - centre)
    return turned


def _planted(truth: Truth, names: list[str]) -> Planted:
    return {
        names.index(one.agent_id): int(datetime.fromisoformat(one.since).timestamp() // _DAY)
        for one in truth.planted
    }


if __name__ == "__main__":
    run()
