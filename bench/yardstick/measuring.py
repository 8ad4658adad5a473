"""The measures of one run of a world, as counts that can be added up over runs."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct, field

from bench.yardstick.effects import Held
from bench.yardstick.findings import FOR_EVER, Episode, first_since
from bench.yardstick.sales import DAY, WINDOW_DAYS, Booleans, Sales
from bench.yardstick.worlds import DAYS_A_YEAR, PERCENTS, SALES_A_DAY, World

TIERS: Final = ("mature", "early")
MISSED: Final = 2_500
"""Sales that count as the delay of an agent who was never found, as in docs/statistics.md."""

MISSED_DAYS: Final = MISSED / SALES_A_DAY

INSTANTS: Final = (0.25, 0.5, 1.0)
"""When the critical tier is looked at, in years of judged days."""


class Discoveries(Struct, array_like=True):
    """Critical flags of one run: false and true ones that were up at `INSTANTS`, and ever."""

    false_up: list[int]
    true_up: list[int]
    false_ever: int
    true_ever: int


class Shadow(Struct, array_like=True):
    """What the shadow null of the product counted until the end."""

    alarms: int = 0
    agent_days: int = 0


class Measured(Struct):
    """What came of one world; see `add` for several runs of it.

    ``false_alarms`` are warnings about agents who are honest for ever, by tier; of
    ``honest_agents`` there were so many, for ``honest_years`` agent-years; ``squares`` adds up the
    squared number of warnings of each of them. ``delays`` are matured sales from the change to the
    warning, `MISSED` for those never found; ``early_days`` and ``first_days`` are days from the
    change to the first warning of the early tier and of any, `MISSED_DAYS` without; all by rate.
    ``unmeasured`` were under an alert when they changed. ``found`` of ``bad`` agents, by rate, were
    critical within a year. Of ``warned`` ones, by rate, an alert was opened after they turned bad;
    ``let_go`` of these had such an alert resolved, although they were bad to the end.
    ``effects`` counts intervals of alerts that opened, by rate (0: honest),
    ``instants`` those of honest agents at random instants.
    """

    honest_agents: int = 0
    honest_years: float = 0.0
    false_alarms: dict[str, int] = field(default_factory=dict)
    squares: int = 0
    delays: dict[int, list[int]] = field(default_factory=dict)
    early_days: dict[int, list[float]] = field(default_factory=dict)
    first_days: dict[int, list[float]] = field(default_factory=dict)
    unmeasured: int = 0
    bad: dict[int, int] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)
    warned: dict[int, int] = field(default_factory=dict)
    let_go: dict[int, int] = field(default_factory=dict)
    discoveries: list[Discoveries] = field(default_factory=list)
    shadow: dict[str, Shadow] = field(default_factory=dict)
    between_agent_sd: list[float] = field(default_factory=list)
    tempering: list[float] = field(default_factory=list)
    effects: dict[int, Held] = field(default_factory=dict)
    instants: Held = field(default_factory=Held)

    def add(self, other: "Measured") -> None:
        """Add what was measured in another run."""
        self.honest_agents += other.honest_agents
        self.honest_years += other.honest_years
        self.squares += other.squares
        self.unmeasured += other.unmeasured
        for tier, alarms in other.false_alarms.items():
            self.false_alarms[tier] = self.false_alarms.get(tier, 0) + alarms
        for mine, theirs in (
            (self.bad, other.bad),
            (self.found, other.found),
            (self.warned, other.warned),
            (self.let_go, other.let_go),
        ):
            for percent, agents in theirs.items():
                mine[percent] = mine.get(percent, 0) + agents
        for percent, delays in other.delays.items():
            self.delays.setdefault(percent, []).extend(delays)
        for percent, days in other.early_days.items():
            self.early_days.setdefault(percent, []).extend(days)
        for percent, days in other.first_days.items():
            self.first_days.setdefault(percent, []).extend(days)
        self.discoveries += other.discoveries
        self.between_agent_sd += other.between_agent_sd
        self.tempering += other.tempering
        self.instants.add(other.instants)
        for percent, held in other.effects.items():
            self.effects.setdefault(percent, Held()).add(held)
        for tier, shadow in other.shadow.items():
            known = self.shadow.setdefault(tier, Shadow())
            known.alarms += shadow.alarms
            known.agent_days += shadow.agent_days


def measure(world: World, sales: Sales, found: Mapping[int, Sequence[Episode]]) -> Measured:
    """Set what the product said beside the truth."""
    percent = sales.agents.percent
    honest = {agent: told for agent, told in found.items() if percent[agent] == 0}
    count = int((percent == 0).sum())
    measured = Measured(
        honest_agents=count,
        honest_years=count * world.days / DAYS_A_YEAR,
        false_alarms={
            tier: sum(episode.early == (tier == "early") for t in honest.values() for episode in t)
            for tier in TIERS
        },
        squares=sum(len(told) ** 2 for told in honest.values()),
        bad=dict.fromkeys(PERCENTS, 0),
        found=dict.fromkeys(PERCENTS, 0),
        warned=dict.fromkeys(PERCENTS, 0),
        let_go=dict.fromkeys(PERCENTS, 0),
        discoveries=[_discoveries(percent == 0, found)],
    )
    year = (DAYS_A_YEAR + WINDOW_DAYS) * DAY
    turned = np.unique(sales.agent[sales.changed])
    for agent in turned.tolist():
        rate, told = int(percent[agent]), found.get(agent, ())
        measured.bad[rate] += 1
        measured.found[rate] += any(episode.critical <= year for episode in told)
        _measure_delay(measured, rate, sales, agent, told)
    return measured


def _measure_delay(
    measured: Measured, rate: int, sales: Sales, agent: int, told: Sequence[Episode]
) -> None:
    changed_at = sales.at[(sales.agent == agent) & sales.changed]
    matured_at = changed_at + WINDOW_DAYS * DAY
    change = float(changed_at[0])
    since = [episode for episode in told if episode.opened > change]
    measured.warned[rate] += bool(since)
    measured.let_go[rate] += any(episode.resolved < FOR_EVER for episode in since)
    mature = first_since((each for each in told if not each.early), float(matured_at[0]))
    early = first_since((each for each in told if each.early), change)
    if mature is None or early is None:
        measured.unmeasured += 1
        return
    delay = int((matured_at < mature).sum()) if mature < FOR_EVER else MISSED
    measured.delays.setdefault(rate, []).append(delay)
    for days, warned in (
        (measured.early_days, early),
        (measured.first_days, min(early, mature)),
    ):
        known = days.setdefault(rate, [])
        known.append((warned - change) / DAY if warned < FOR_EVER else MISSED_DAYS)


def _discoveries(honest: Booleans, found: Mapping[int, Sequence[Episode]]) -> Discoveries:
    flags = [
        (bool(honest[agent]), episode)
        for agent, told in found.items()
        for episode in told
        if episode.critical < FOR_EVER
    ]
    ups = [(years * DAYS_A_YEAR + WINDOW_DAYS) * DAY for years in INSTANTS]
    up = [
        [false for false, episode in flags if episode.critical <= at < episode.resolved]
        for at in ups
    ]
    ever = {agent for agent, told in found.items() for e in told if e.critical < FOR_EVER}
    false_ever = sum(bool(honest[agent]) for agent in ever)
    return Discoveries(
        [sum(at_once) for at_once in up],
        [len(at_once) - sum(at_once) for at_once in up],
        false_ever,
        len(ever) - false_ever,
    )
