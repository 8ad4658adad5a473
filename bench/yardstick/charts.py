"""Control charts that rival the product: CUSUM and the rolling rate, in compiled loops."""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from bench.yardstick.sales import Booleans, Integers, Reals
from bench.yardstick.trials import Trials
from bench.yardstick.worlds import Percent, odds_ratio
from detectors.evidence.compilation import compiled

WINDOW: Final = 90
"""Sales over which a rolling rate is taken; it begins anew after an alarm."""

NEVER: Final = -1


class Alarms(Struct, frozen=True):
    """For each agent: alarms before they changed, and sales from the change to the first one since.

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
    return _alarms(trials, _reach(trials.starts, reached, threshold))


def rolling_rate(trials: Trials, threshold: float) -> Alarms:
    """Alarm when the rate of the last `WINDOW` sales exceeds a threshold."""
    return _alarms(trials, _rolling(trials.starts, trials.bad, threshold))


def rolling_mean_and_sd(trials: Trials) -> tuple[float, float]:
    """Return mean and standard deviation of the rolling rate over agents and time."""
    sums = np.concatenate([[0], np.cumsum(trials.bad)])
    ends = np.arange(WINDOW, sums.size)
    rates = (sums[ends] - sums[ends - WINDOW]) / WINDOW
    agent = np.repeat(np.arange(trials.agents), np.diff(trials.starts))
    whole = agent[ends - 1] == agent[ends - WINDOW]
    return float(rates[whole].mean()), float(rates[whole].std())


def _cusum(trials: Trials, odds: Reals, ratio: float, threshold: float) -> Alarms:
    good = np.log((1 + odds) / (1 + odds * ratio))
    steps = np.where(trials.bad, good + np.log(ratio), good)
    return _alarms(trials, _climb(trials.starts, steps, threshold))


def _alarms(trials: Trials, alarmed: Booleans) -> Alarms:
    return Alarms(*_counted(trials.starts, trials.changed, alarmed))


@compiled
def _climb(starts: Integers, steps: Reals, threshold: float) -> Booleans:
    alarmed = np.zeros(steps.size, np.bool_)
    for agent in range(starts.size - 1):
        height = 0.0
        for place in range(starts[agent], starts[agent + 1]):
            height = max(0.0, height + steps[place])
            if height >= threshold:
                height = 0.0
                alarmed[place] = True
    return alarmed


@compiled
def _rolling(starts: Integers, bad: Booleans, threshold: float) -> Booleans:
    alarmed = np.zeros(bad.size, np.bool_)
    for agent in range(starts.size - 1):
        first = starts[agent]
        count = 0
        for place in range(starts[agent], starts[agent + 1]):
            count += bad[place]
            if place - first >= WINDOW:
                count -= bad[place - WINDOW]
            if place - first >= WINDOW - 1 and count > threshold * WINDOW:
                first = place + 1
                count = 0
                alarmed[place] = True
    return alarmed


@compiled
def _reach(starts: Integers, evidence: Reals, threshold: float) -> Booleans:
    alarmed = np.zeros(evidence.size, np.bool_)
    for agent in range(starts.size - 1):
        rests = False
        for place in range(starts[agent], starts[agent + 1]):
            rests = rests and evidence[place] >= 0.0
            alarmed[place] = not rests and evidence[place] >= threshold
            rests = rests or alarmed[place]
    return alarmed


@compiled
def _counted(starts: Integers, changed: Booleans, alarmed: Booleans) -> tuple[Integers, Integers]:
    """Count the alarms before each agent changed, and their sales from there to the next one."""
    agents = starts.size - 1
    before, delay = np.zeros(agents, np.int64), np.full(agents, NEVER)
    for agent in range(agents):
        since = 0
        for place in range(starts[agent], starts[agent + 1]):
            since += changed[place]
            if alarmed[place] and since:
                delay[agent] = since
                break
            before[agent] += alarmed[place]
    return before, delay
