"""The rivals, each at equal false alarms and at the threshold that theory or defaults give it."""

from collections.abc import Callable
from functools import partial
from math import log, log10
from typing import Final

import numpy as np
from msgspec import Struct

from bench.yardstick import charts, river_rivals
from bench.yardstick.bounds import BUDGET
from bench.yardstick.charts import NEVER, Rival
from bench.yardstick.measuring import MISSED
from bench.yardstick.sales import Integers
from bench.yardstick.trials import Trials
from bench.yardstick.worlds import DAYS_A_YEAR, PERCENTS, SALES_A_DAY

RIVER_AGENTS: Final = 1_000
TREE_AGENTS: Final = 300
"""So many honest agent-years are shown to the slower rivals."""

HALVINGS: Final = 12


class Entry(Struct):
    """A rival's result at one threshold: false alarms per 1,000 agent-years, delays by rate."""

    name: str
    threshold: float
    false_alarms: float
    agent_years: float
    delays: dict[int, list[int]]
    tuned: bool = False


def own_charts(honest: Trials, bad: Trials) -> list[Entry]:
    """Let the charts that are compiled compete, on all agents."""
    name = "**the product**, log10 of its evidence"
    entries = [_tuned(name, charts.evidence_above, honest, bad, 0.0, 12.0)]
    oracle: list[Entry] = []
    for percent in PERCENTS:
        rival = partial(charts.oracle_cusum, percent=percent)
        chosen = bad.only(np.flatnonzero(bad.percent == percent))
        run = partial(_with_threshold, rival)
        oracle.append(_tuned("oracle CUSUM (true rates known)", run, honest, chosen, 0.0, 20.0))
    entries.append(_merged(oracle))
    steiner = partial(_with_threshold, partial(charts.odds_cusum, ratio=3.0))
    entries.append(_tuned("CUSUM, odds ratio 3", steiner, honest, bad, 0.0, 30.0))
    mean, sd = charts.rolling_mean_and_sd(honest)

    def rolling(trials: Trials, threshold: float) -> charts.Alarms:
        return charts.rolling_rate(trials, mean + threshold * sd)

    name = "mean + z sd of peers, rolling 90"
    entries.append(_tuned(name, rolling, honest, bad, 0.0, 20.0))
    entries.append(_entry("CUSUM, odds ratio 3, Steiner's h", steiner, honest, bad, 4.5))
    entries.append(
        _entry("CUSUM, odds ratio 3, h = ln gamma", steiner, honest, bad, log(_sales_per_alarm()))
    )
    entries.append(_entry(name, rolling, honest, bad, 3.0))
    return entries


def adwin(honest: Trials, bad: Trials) -> list[Entry]:
    """Let river's ADWIN compete."""
    honest, name = _first(honest, RIVER_AGENTS), "river ADWIN on residuals"
    return [
        _tuned(name, river_rivals.adwin, honest, bad, 0.0, 6.0),
        _entry(f"{name}, default", river_rivals.adwin, honest, bad, -log10(0.002)),
    ]


def page_hinkley(honest: Trials, bad: Trials) -> list[Entry]:
    """Let river's PageHinkley compete."""
    honest, name = _first(honest, RIVER_AGENTS), "river PageHinkley on residuals"
    return [
        _tuned(name, river_rivals.page_hinkley, honest, bad, 1.0, 50.0),
        _entry(f"{name}, default", river_rivals.page_hinkley, honest, bad, 50.0),
    ]


def half_space_trees(honest: Trials, bad: Trials) -> list[Entry]:
    """Let river's HalfSpaceTrees compete; scored once, for a threshold does not change them."""
    honest, name = _first(honest, TREE_AGENTS), "river HalfSpaceTrees on 3 excesses"
    trees = river_rivals.Trees(honest)
    scores = {id(trials): trees.scores(trials) for trials in (honest, bad)}

    def rival(trials: Trials, threshold: float) -> charts.Alarms:
        return river_rivals.above(trials, scores[id(trials)], threshold)

    return [
        _tuned(name, rival, honest, bad, 0.5, 1.0),
        _entry(f"{name}, default", rival, honest, bad, 0.95),
    ]


CONTESTS: Final[dict[str, Callable[[Trials, Trials], list[Entry]]]] = {
    "own_charts": own_charts,
    "adwin": adwin,
    "page_hinkley": page_hinkley,
    "half_space_trees": half_space_trees,
}


def _tuned(name: str, rival: Rival, honest: Trials, bad: Trials, low: float, high: float) -> Entry:
    """Find the least threshold between two that keeps the budget, by halving."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _rate(rival(honest, middle).before, honest) > BUDGET:
            low = middle
        else:
            high = middle
    entry = _entry(name, rival, honest, bad, high)
    entry.tuned = True
    return entry


def _entry(name: str, rival: Rival, honest: Trials, bad: Trials, threshold: float) -> Entry:
    false_alarms = _rate(rival(honest, threshold).before, honest)
    delay = rival(bad, threshold).delay
    counted = np.where(delay == NEVER, MISSED, delay)
    delays = {int(percent): counted[bad.percent == percent].tolist() for percent in PERCENTS}
    return Entry(name, threshold, false_alarms, _agent_years(honest), delays)


def _merged(entries: list[Entry]) -> Entry:
    """Return one entry for an oracle that has a threshold for each rate, the middle one's shown."""
    delays: dict[int, list[int]] = {
        percent: entry.delays[percent] for percent, entry in zip(PERCENTS, entries, strict=True)
    }
    middle = entries[len(entries) // 2]
    worst = max(entry.false_alarms for entry in entries)
    return Entry(middle.name, middle.threshold, worst, middle.agent_years, delays, tuned=True)


def _with_threshold(
    rival: Callable[..., charts.Alarms], trials: Trials, threshold: float
) -> charts.Alarms:
    return rival(trials, threshold=threshold)


def _first(trials: Trials, agents: int) -> Trials:
    return trials.only(np.arange(min(agents, trials.agents)))


def _rate(alarms: Integers, trials: Trials) -> float:
    return 1_000 * float(alarms.sum()) / _agent_years(trials)


def _agent_years(trials: Trials) -> float:
    return trials.bad.size / (SALES_A_DAY * DAYS_A_YEAR)


def _sales_per_alarm() -> float:
    return 1_000 * DAYS_A_YEAR * SALES_A_DAY / BUDGET
