"""Which agents misbehave, how, from when and how badly."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings

FEW_AGENTS: Final = 10
MANY_AGENTS: Final = 50
EARLIEST_CHANGE: Final = 0.2
LATEST_CHANGE: Final = 0.6
ORDINARY_RATE: Final = 0.05
CANCELLATION_RATES: Final = (0.25, 0.40, 0.25, 0.15)
"""The rates to which an ordinary 5 % is raised; planted agents take them in turn."""

UNUSED_RATES: Final = (0.25, 0.40)


class Planted(msgspec.Struct, frozen=True):
    """One agent's misconduct.

    `agent` is a number from 0, `change_day` the first day of the misconduct from 0 and
    `changes_at` that day's midnight UTC. For `quick_cancellation` the odds of a cancellation are
    multiplied so that a sale with a probability of 5 % gets `rate`; for `unused_account` the share
    of the agent's new accounts that nobody uses is `rate`, for the others the share of bad sales.
    """

    agent: int
    pattern: str
    change_day: int
    changes_at: datetime
    rate: float


def plant(settings: SimulationSettings, generator: np.random.Generator) -> tuple[Planted, ...]:
    """Draw the planted agents, in the order of their numbers.

    Half of `planted_share` goes to each pattern of the default; unless the share is 0, at least two
    agents each among 50 agents or more and at least one each among 10 or more.
    """
    each = _planted_of_each_pattern(settings)
    chosen_order = generator.permutation(settings.agents).tolist()
    chosen = chosen_order[: 2 * each]
    change_shares = generator.uniform(EARLIEST_CHANGE, LATEST_CHANGE, size=2 * each).tolist()
    unused_rates = generator.uniform(*UNUSED_RATES, size=each).tolist()
    planted = []
    for position, (agent, change_share) in enumerate(zip(chosen, change_shares, strict=True)):
        change_day = int(settings.days * change_share)
        pattern = "quick_cancellation" if position < each else "unused_account"
        planted.append(
            Planted(
                agent=agent,
                pattern=pattern,
                change_day=change_day,
                changes_at=settings.begins_at + timedelta(days=change_day),
                rate=(
                    CANCELLATION_RATES[position % len(CANCELLATION_RATES)]
                    if position < each
                    else round(unused_rates[position - each], 3)
                ),
            )
        )
    planted += _more(settings, chosen_order[2 * each :], each)
    return tuple(sorted(planted, key=lambda one: one.agent))


def _more(settings: SimulationSettings, free: list[int], each: int) -> list[Planted]:
    """Draw `each` agents a further pattern, of those who are free; the others stay as they are."""
    # From numbers of their own: what is planted by default is the same with and without them.
    generator = np.random.default_rng((settings.seed, len(free)))
    planted = []
    for place, pattern in enumerate(settings.also_planted):
        for agent in free[place * each : (place + 1) * each]:
            change_day = int(settings.days * generator.uniform(EARLIEST_CHANGE, LATEST_CHANGE))
            planted.append(
                Planted(
                    agent=agent,
                    pattern=pattern,
                    change_day=change_day,
                    changes_at=settings.begins_at + timedelta(days=change_day),
                    rate=round(float(generator.uniform(*FORMS[pattern].rates)), 3),
                )
            )
    return planted


def odds_factor(rate: float) -> float:
    """Return the factor on the odds that raises a probability of 5 % to `rate`."""
    return rate / (1.0 - rate) * (1.0 - ORDINARY_RATE) / ORDINARY_RATE


def _planted_of_each_pattern(settings: SimulationSettings) -> int:
    if settings.planted_share == 0:
        return 0
    at_least = 2 if settings.agents >= MANY_AGENTS else int(settings.agents >= FEW_AGENTS)
    each = max(at_least, round(settings.agents * settings.planted_share / 2.0))
    return min(each, settings.agents // 2)
