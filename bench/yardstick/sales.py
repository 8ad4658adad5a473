"""All sales of one run of a world, drawn in advance: columns of numbers, no events yet."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bench.yardstick.worlds import (
    BAD_IN_A_TEAM,
    BATCH,
    DAYS_A_YEAR,
    FIRST_CHANGE,
    LAST_CHANGE,
    MIX_CONCENTRATION,
    PRODUCT_RATES,
    PRODUCT_SHARES,
    SALES_A_DAY,
    World,
    odds_ratio,
)

DAY: Final = 86_400
OPENS, CLOSES = 9 * 3_600, 18 * 3_600
"""Sales are made between these seconds of a day, at any one with the same chance."""

WINDOW_DAYS: Final = 10
TIMING: Final = 0.89 ** np.arange(WINDOW_DAYS) / (0.89 ** np.arange(WINDOW_DAYS)).sum()
"""How likely a cancellation falls on each day after the sale: 30 % on the first two."""

STORM_BEGINS, STORM_ENDS = 150, 180

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Agents(Struct, frozen=True):
    """Who the agents are; the bad ones come first.

    ``level`` is u, ``percent`` the rate after the change (0: honest for ever), ``change`` the
    number of the first bad sale, ``ratio`` the factor on the odds from then on, ``team`` a number.
    """

    level: Reals
    percent: Integers
    change: Integers
    ratio: Reals
    team: Integers
    mix: Reals

    @property
    def count(self) -> int:
        """Return their number."""
        return self.level.size


class Sales(Struct, frozen=True):
    """Columns, one entry a sale, in the order of time; the place of a sale is its id.

    ``at`` is in whole seconds since the first day's beginning, ``number`` counts the sales of an
    agent from 0, ``odds`` are those of a bad outcome if they were honest (season, storm and shock
    included), ``changed`` says whether they have turned bad, ``customer`` is equal for sales alike,
    ``cancelled_at`` is in seconds too, and 0 for sales that are kept.
    """

    agents: Agents
    agent: Integers
    number: Integers
    at: Integers
    product: Integers
    customer: Integers
    odds: Reals
    changed: Booleans
    bad: Booleans
    cancelled_at: Integers

    @property
    def count(self) -> int:
        """Return their number."""
        return self.agent.size


def draw(world: World, seed: int | Sequence[int]) -> Sales:
    """Draw a run of a world; the same seed gives the same sales."""
    random = np.random.default_rng(seed)
    agents = _draw_agents(world, random)
    if world.batches == "none":
        day = np.repeat(np.arange(world.days), agents.count * SALES_A_DAY)
        agent = np.tile(np.repeat(np.arange(agents.count), SALES_A_DAY), world.days)
        customer = np.arange(day.size)
        shock = np.zeros(day.size)
    else:
        sells = random.random((world.days, agents.count)) < SALES_A_DAY / BATCH
        batch_day, batch_agent = np.nonzero(sells)
        day, agent = np.repeat(batch_day, BATCH), np.repeat(batch_agent, BATCH)
        batch = np.repeat(np.arange(batch_day.size), BATCH)
        customer = batch if world.batches == "identical" else np.arange(day.size)
        shock = random.standard_normal(batch_day.size)[batch]
    second = random.integers(OPENS, CLOSES, day.size)
    order = np.lexsort((second, agent, day))  # within an agent's day, by the clock
    at = day * DAY + second[order]
    number = _numbers(agent)
    edges = np.cumsum(agents.mix, axis=1)[:, :-1]
    product = (random.random(day.size)[:, None] > edges[agent]).sum(axis=1)
    if world.batches == "identical":
        product = product[::BATCH].repeat(BATCH)
    rates = np.array(PRODUCT_RATES)
    odds = (rates / (1 - rates))[product] * np.exp(agents.level[agent] + shock)
    odds *= np.exp(world.season * np.sin(2 * np.pi * day / DAYS_A_YEAR))
    odds[(day >= STORM_BEGINS) & (day < STORM_ENDS)] *= world.storm
    changed = number >= agents.change[agent]
    true_odds = odds * np.where(changed, agents.ratio[agent], 1.0)
    bad = random.random(day.size) < true_odds / (1 + true_odds)
    age = random.choice(WINDOW_DAYS, day.size, p=TIMING) + random.random(day.size)
    cancelled_at = np.where(bad, at + 1 + (age * (DAY - 1)).astype(np.int64), 0)
    by_time = np.argsort(at, kind="stable")
    return Sales(
        agents,
        agent[by_time],
        number[by_time],
        at[by_time],
        product[by_time],
        customer[by_time],
        odds[by_time],
        changed[by_time],
        bad[by_time],
        cancelled_at[by_time],
    )


def _draw_agents(world: World, random: np.random.Generator) -> Agents:
    count = world.agents
    if world.tails == "normal":
        standard = random.standard_normal(count)
    elif world.tails == "laplace":
        standard = random.laplace(0.0, 0.5**0.5, count)
    else:
        standard = random.standard_t(3, count) / 3**0.5
    numbers = world.bad.counts()
    percent = np.zeros(count, np.int64)
    planted = np.repeat(list(numbers), list(numbers.values()))
    percent[: planted.size] = planted
    ratio = np.ones(count)
    for rate in numbers:
        ratio[percent == rate] = odds_ratio(rate)
    change = random.integers(FIRST_CHANGE, LAST_CHANGE + 1, count)
    team = np.zeros(count, np.int64)
    if world.team_size:
        gangs = planted.size // BAD_IN_A_TEAM
        others = np.arange(count - planted.size)
        rest = world.team_size - BAD_IN_A_TEAM
        team[: planted.size] = np.arange(planted.size) // BAD_IN_A_TEAM
        team[planted.size :] = np.where(
            others < gangs * rest,
            others // rest,
            gangs + (others - gangs * rest) // world.team_size,
        )
        change[: planted.size] = change[: planted.size : BAD_IN_A_TEAM].repeat(BAD_IN_A_TEAM)
    change[planted.size :] = np.iinfo(np.int64).max
    mix = random.dirichlet(MIX_CONCENTRATION * np.array(PRODUCT_SHARES), count)
    return Agents(world.sd * standard, percent, change, ratio, team, mix)


def _numbers(agent: Integers) -> Integers:
    """Count each agent's sales from 0, in the order of the column."""
    order = np.argsort(agent, kind="stable")
    starts = np.flatnonzero(np.diff(agent[order], prepend=-1))
    lengths = np.diff(starts, append=agent.size)
    numbers = np.empty(agent.size, np.int64)
    numbers[order] = np.arange(agent.size) - np.repeat(starts, lengths)
    return numbers
