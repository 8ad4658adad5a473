"""The sellers of the simulated centre: their habits, their honest differences, their presence."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from streams.simulation.arrays import Flags, Floats, Integers
from streams.simulation.catalogue import (
    AGENTS_A_TEAM,
    CHANNEL_MIX,
    MARKET_MIX,
    SITES,
)
from streams.simulation.planting import Planted, odds_factor, plant
from streams.simulation.settings import SimulationSettings

WORKING_WEEKS: Final = (
    (0.60, (1, 1, 1, 1, 1, 0, 0)),
    (0.10, (1, 1, 1, 1, 0, 0, 0)),
    (0.10, (0, 1, 1, 1, 1, 0, 0)),
    (0.14, (0, 1, 1, 1, 1, 1, 0)),
    (0.06, (0, 0, 1, 1, 1, 1, 1)),
)
"""Share of agents, and whether they work from Monday to Sunday."""

STARTERS: Final = 0.15
LEAVERS: Final = 0.12
DAYS_BETWEEN_VACATIONS: Final = 180
VACATION_LENGTHS: Final = (5, 17)
SICK_SHARE: Final = 0.03
VOLUME_SHAPE: Final = 12.0
PRODUCT_CONCENTRATION: Final = 12.0
CHANNEL_CONCENTRATION: Final = 8.0
SELF_SERVICE_SHARE: Final = 0.02
SHIFT_HOURS: Final = 9.0
SELF_SERVICE_OPENS_AT: Final = 6.0
SELF_SERVICE_HOURS: Final = 17.0
NEVER: Final = 1 << 40
"""A day after every period."""


class Planting(NamedTuple):
    """From which day on each seller misbehaves, and on which share of the sales."""

    change_day: Integers
    rate: Floats


@dataclass(frozen=True)
class People:
    """All sellers as columns, one row each: the agents by number, then `nobody`.

    `nobody` is the self-service shop, a seller without an agent id whose rates are the market's.
    Units: volume in sales a working day, opening in hours UTC, days from the start of the period,
    offsets on the logit. `product_mix` and `channel_mix` are cumulative along the second axis.
    """

    nobody: int
    ids: list[str | None]
    sites: list[str | None]
    teams: list[str | None]
    opens_at: Floats
    hours: Floats
    volume: Floats
    product_mix: Floats
    channel_mix: Floats
    cancellation_offset: Floats
    unused_offset: Floats
    working_week: Flags
    first_day: Integers
    last_day: Integers
    vacation_start: Integers
    vacation_length: Integers
    planted: tuple[Planted, ...]
    cancellation_change_day: Integers
    cancellation_change: Floats
    unused_change_day: Integers
    unused_rate: Floats
    more: dict[str, Planting]

    def misbehaves(
        self, pattern: str, day: int, seller: Integers, generator: np.random.Generator
    ) -> Flags:
        """Draw which sales of these sellers are bad on a day, by one of the patterns in `more`."""
        planting = self.more[pattern]
        bad: Flags = day >= planting.change_day[seller]
        return bad & (generator.random(seller.size) < planting.rate[seller])

    def present(self, day: int, weekday: int, generator: np.random.Generator) -> Flags:
        """Return who sells on that day (number from 0; weekday 0 is Monday)."""
        away = (self.vacation_start <= day) & (day < self.vacation_start + self.vacation_length)
        well = generator.random(self.volume.size) >= SICK_SHARE
        well[self.nobody] = True
        employed = (self.first_day <= day) & (day <= self.last_day)
        present: Flags = employed & self.working_week[:, weekday] & ~away.any(axis=1) & well
        return present


def agent_id(agent: int) -> str:
    """Return the id of the agent with that number from 0: `agent-0001` is the first."""
    return f"agent-{agent + 1:04d}"


def draw_people(settings: SimulationSettings, generator: np.random.Generator) -> People:
    """Draw every seller. Planted agents are honest until their change, and stay all the period."""
    agents = settings.agents
    planted = plant(settings, generator)
    numbers = np.arange(agents)
    site = numbers // AGENTS_A_TEAM % len(SITES)
    team = numbers // (AGENTS_A_TEAM * len(SITES)) + 1
    site_names = [SITES[one].name for one in site.tolist()]
    first_day, last_day = _employment(settings, planted, generator)
    vacation_start, vacation_length = _vacations(settings, generator)
    self_service = SELF_SERVICE_SHARE * settings.sales_per_day * agents
    volume = settings.sales_per_day * generator.gamma(VOLUME_SHAPE, 1.0 / VOLUME_SHAPE, agents)
    cancellation_change_day = np.full(agents + 1, NEVER)
    cancellation_change = np.zeros(agents + 1)
    unused_change_day = np.full(agents + 1, NEVER)
    unused_rate = np.zeros(agents + 1)
    for one in planted:
        if one.pattern == "quick_cancellation":
            cancellation_change_day[one.agent] = one.change_day
            cancellation_change[one.agent] = np.log(odds_factor(one.rate))
        elif one.pattern == "unused_account":
            unused_change_day[one.agent] = one.change_day
            unused_rate[one.agent] = one.rate
    opens_at = np.array([one.opens_at for one in SITES])[site]
    return People(
        nobody=agents,
        ids=[*(agent_id(one) for one in range(agents)), None],
        sites=[*site_names, None],
        teams=[*(f"{a}-{b}" for a, b in zip(site_names, team.tolist(), strict=True)), None],
        opens_at=np.append(opens_at, SELF_SERVICE_OPENS_AT),
        hours=np.append(np.full(agents, SHIFT_HOURS), SELF_SERVICE_HOURS),
        volume=np.append(volume, self_service),
        product_mix=_mixes(MARKET_MIX, PRODUCT_CONCENTRATION, agents, generator),
        channel_mix=_mixes(CHANNEL_MIX, CHANNEL_CONCENTRATION, agents, generator),
        cancellation_offset=_offsets(settings, generator),
        unused_offset=_offsets(settings, generator),
        working_week=_working_weeks(agents, generator),
        first_day=first_day,
        last_day=last_day,
        vacation_start=vacation_start,
        vacation_length=vacation_length,
        planted=planted,
        cancellation_change_day=cancellation_change_day,
        cancellation_change=cancellation_change,
        unused_change_day=unused_change_day,
        unused_rate=unused_rate,
        more={pattern: _planting(planted, pattern, agents) for pattern in settings.also_planted},
    )


def _planting(planted: tuple[Planted, ...], pattern: str, agents: int) -> Planting:
    planting = Planting(np.full(agents + 1, NEVER), np.zeros(agents + 1))
    for one in planted:
        if one.pattern == pattern:
            planting.change_day[one.agent] = one.change_day
            planting.rate[one.agent] = one.rate
    return planting


def _offsets(settings: SimulationSettings, generator: np.random.Generator) -> Floats:
    return np.append(generator.normal(0.0, settings.between_agent_sd, settings.agents), 0.0)


def _mixes(
    mix: tuple[float, ...], concentration: float, agents: int, generator: np.random.Generator
) -> Floats:
    market = np.array(mix)
    own = generator.dirichlet(concentration * market, size=agents)
    return np.cumsum(np.vstack([own, market]), axis=1)


def _working_weeks(agents: int, generator: np.random.Generator) -> Flags:
    shares = np.cumsum([share for share, _ in WORKING_WEEKS])
    weeks = np.array([week for _, week in WORKING_WEEKS], dtype=np.bool_)
    kind = np.minimum(np.searchsorted(shares, generator.random(agents)), len(WORKING_WEEKS) - 1)
    return np.vstack([weeks[kind], np.ones((1, weeks.shape[1]), dtype=np.bool_)])


def _employment(
    settings: SimulationSettings, planted: tuple[Planted, ...], generator: np.random.Generator
) -> tuple[Integers, Integers]:
    agents, days = settings.agents, settings.days
    free = np.ones(agents, dtype=np.bool_)
    free[[one.agent for one in planted]] = False
    kind = generator.random(agents)
    moment = generator.integers(0, days, size=agents)
    first_day = np.where(free & (kind < STARTERS), moment, 0)
    leaves = free & (kind >= STARTERS) & (kind < STARTERS + LEAVERS)
    last_day = np.where(leaves, moment, NEVER)
    return np.append(first_day, 0), np.append(last_day, NEVER)


def _vacations(
    settings: SimulationSettings, generator: np.random.Generator
) -> tuple[Integers, Integers]:
    number = -(-settings.days // DAYS_BETWEEN_VACATIONS)
    shape = (settings.agents + 1, number)
    start = generator.integers(0, number * DAYS_BETWEEN_VACATIONS, size=shape)
    length = generator.integers(*VACATION_LENGTHS, size=shape)
    length[settings.agents] = 0
    return start, length
