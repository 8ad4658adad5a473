"""Control charts that rival the product: CUSUM and the rolling rate, in compiled loops."""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.evidence.compilation import compiled
from tests.yardstick.sales import Booleans, Integers, Reals
from tests.yardstick.trials import Trials
from tests.yardstick.worlds import Percent, odds_ratio

WINDOW: Final = 90
"""Sales over which a rolling rate is taken; it begins anew after an alarm."""

NEVER: Final = -1


class Alarms(Struct, frozen=True):
    """For each agent: alarms before he changed, and sales from the change to the first one since.

    The second is `NEVER` for those who never changed or were never found.
    """

    before: Integers
    delay: Integers


Rival = Callable[[Trials, float], Alarms]
"""Runs over trials with a threshold; every agent begins anew after an alarm."""


def odds_cusum(trials: Trials, ratio: float, threshold: float) -> Alarms:
    """Run the risk-adjusted CUSUM for an odds ratio (Steiner et al. 2000)."""
    return _cusum(trials, trials.expected / (1 - trials.expected), ratio, threshold)


def oracle_cusum(trials: Trials, percent: Percent, threshold: float) -> Alarms:
    """Run the CUSUM that knows each agent's true rates: the optimum (Moustakides 1986)."""
    return _cusum(trials, trials.odds, odds_ratio(percent), threshold)


def evidence_above(trials: Trials, threshold: float) -> Alarms:
    """Alarm when log10 of the product's evidence reaches a threshold; rest until it is below 0.

    The product begins anew after an alarm of its own only; resting stands for that here.
    """
    reached = np.log10(np.maximum(trials.evidence, 1e-300))
    return Alarms(*_reach(trials.starts, reached, trials.changed, threshold))


def rolling_rate(trials: Trials, threshold: float) -> Alarms:
    """Alarm when the rate of the last `WINDOW` sales exceeds a threshold."""
    return Alarms(*_rolling(trials.starts, trials.bad, trials.changed, threshold))


def rolling_mean_and_sd(trials: Trials) -> tuple[float, float]:
    """Give mean and standard deviation of the rolling rate over agents and time."""
    sums = np.concatenate([[0], np.cumsum(trials.bad)])
    ends = np.arange(WINDOW, sums.size)
    rates = (sums[ends] - sums[ends - WINDOW]) / WINDOW
    agent = np.repeat(np.arange(trials.agents), np.diff(trials.starts))
    whole = agent[ends - 1] == agent[ends - WINDOW]
    return float(rates[whole].mean()), float(rates[whole].std())


def _cusum(trials: Trials, odds: Reals, ratio: float, threshold: float) -> Alarms:
    good = np.log((1 + odds) / (1 + odds * ratio))
    steps = np.where(trials.bad, good + np.log(ratio), good)
    return Alarms(*_climb(trials.starts, steps, trials.changed, threshold))


@compiled
def _climb(
    starts: Integers, steps: Reals, changed: Booleans, threshold: float
) -> tuple[Integers, Integers]:
    agents = starts.size - 1
    before = np.zeros(agents, np.int64)
    delay = np.full(agents, -1)
    for agent in range(agents):
        height = 0.0
        since = 0
        for place in range(starts[agent], starts[agent + 1]):
            since += changed[place]
            height = max(0.0, height + steps[place])
            if height >= threshold:
                height = 0.0
                if since:
                    delay[agent] = since
                    break
                before[agent] += 1
    return before, delay


@compiled
def _rolling(
    starts: Integers, bad: Booleans, changed: Booleans, threshold: float
) -> tuple[Integers, Integers]:
    agents = starts.size - 1
    before = np.zeros(agents, np.int64)
    delay = np.full(agents, -1)
    for agent in range(agents):
        first = starts[agent]
        count = 0
        since = 0
        for place in range(starts[agent], starts[agent + 1]):
            since += changed[place]
            count += bad[place]
            if place - first >= WINDOW:
                count -= bad[place - WINDOW]
            if place - first >= WINDOW - 1 and count > threshold * WINDOW:
                first = place + 1
                count = 0
                if since:
                    delay[agent] = since
                    break
                before[agent] += 1
    return before, delay


@compiled
def _reach(
    starts: Integers, evidence: Reals, changed: Booleans, threshold: float
) -> tuple[Integers, Integers]:
    agents = starts.size - 1
    before = np.zeros(agents, np.int64)
    delay = np.full(agents, -1)
    for agent in range(agents):
        rests = False
        since = 0
        for place in range(starts[agent], starts[agent + 1]):
            since += changed[place]
            rests = rests and evidence[place] >= 0.0
            if rests or evidence[place] < threshold:
                continue
            if since:
                delay[agent] = since
                break
            rests = True
            before[agent] += 1
    return before, delay
