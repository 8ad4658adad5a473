"""A sales force in branches and teams, a day at a time, through the ledger's messages."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from msgspec import structs

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.event_time import DAY, Day, Seconds, start_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.evidence.arrays import Reals
from detectors.facts.account import Verdict
from detectors.group_settings import GroupSettings
from detectors.messages.groups import bundle_with_groups
from detectors.messages.outcomes import Outcome
from detectors.messages.stake import Stake
from detectors.peers.stage import Peers
from detectors.settings import EvidenceSettings, Settings

PATTERN: Final = PatternName("quick_cancellation")
QUICK: Final = Settings(evidence=EvidenceSettings(review_every="3d", tempering=1.0))
UNGROUPED: Final = structs.replace(QUICK, groups=GroupSettings(site=False, team=False))

Sold = tuple[str, str, str | None]
"""An agent, their site and their team."""

Rate = Callable[[Sold, int], float]
"""How likely a sale of somebody on a day goes bad."""


def sales_force(teams: int, agents_a_team: int, sites: int = 4) -> list[Sold]:
    """Return who sells where."""
    return [
        (f"agent {team}-{number}", f"site {team % sites}", f"team {team}")
        for team in range(teams)
        for number in range(agents_a_team)
    ]


def relabelled(force: list[Sold], generator: np.random.Generator) -> list[Sold]:
    """Return the same agents, each with the team and site of another."""
    others = generator.permutation(len(force)).tolist()
    return [(sold[0], *force[other][1:]) for sold, other in zip(force, others, strict=True)]


def outcomes_of(
    force: list[Sold], day: int, rate: Rate, generator: np.random.Generator, sales: int
) -> list[Outcome]:
    """Return what matured on a day: so many sales of each agent."""
    return [
        Outcome(
            PATTERN,
            SaleId(f"{sold[0]} {day} {number}"),
            AgentId(sold[0]),
            Cell("card"),
            at,
            at,
            Verdict.BAD if bad else Verdict.GOOD,
            (f"event {sold[0]} {day} {number}",) if bad else (),
            stakes=(Stake(f"event {sold[0]} {day} {number}", 1.0, 0, *sold[1:], AgentId(sold[0])),)
            if bad
            else (),
            site=sold[1],
            team=sold[2],
        )
        for sold in force
        for number in range(sales)
        for at in (Seconds(start_of_day(Day(day)) + DAY / 2 + number),)
        for bad in (generator.random() < rate(sold, day),)
    ]


class Branches:
    """One agents partition and its peers stage over a sales force."""

    def __init__(self, settings: Settings = QUICK) -> None:
        self.settings: Final = settings
        self.seen: Final = list[Judgement]()
        self.agents = Agents(settings, seen=self.seen)
        self.peers = Peers(settings)
        self.alerts: Final = list[Alert]()

    def sell(
        self, force: list[Sold], days: range, rate: Rate, seed: int = 1, sales: int = 3
    ) -> "Branches":
        """Let everybody sell on some days."""
        for day in days:
            told = outcomes_of(force, day, rate, np.random.default_rng((seed, day)), sales)
            until = Seconds((day + 1) * DAY)
            self.agents.receive(bundle_with_groups(0, until, told, {}, self.settings.groups.kinds))
            self._judge()
        return self

    def about(self, kind: str) -> list[Alert]:
        """Return the alerts about subjects of a kind."""
        return [alert for alert in self.alerts if alert.subject.type == kind]

    def names(self, kind: str) -> set[str]:
        """Return the subjects of that kind of which there was an alert."""
        return {alert.subject.id for alert in self.about(kind)}

    def restarted(self) -> None:
        """Go on from snapshots, as after a restart."""
        agents, peers = Agents(self.settings, seen=self.seen), Peers(self.settings)
        agents.restore(self.agents.snapshot())
        peers.restore(self.peers.snapshot())
        self.agents, self.peers = agents, peers

    def _judge(self) -> None:
        output = self.agents.drain()
        while output.reports or output.alerts:
            self.alerts.extend(output.alerts)
            for report in output.reports:
                for review in self.peers.receive(report):
                    self.agents.review(review)
            output = self.agents.drain()


def honest(rates: Mapping[str, float] | None = None) -> Rate:
    """Return the rate of a market in which everybody is honest, and differs a little."""
    known = rates or {}
    return lambda sold, _: known.get(sold[0], 0.06)


def levels(force: list[Sold], levels_: Reals) -> dict[str, float]:
    """Return the rate of each agent, at a level (on the logit) of their own."""
    odds = [0.06 / 0.94 * 2.718281828459045**level for level in levels_.tolist()]
    return {sold[0]: one / (1.0 + one) for sold, one in zip(force, odds, strict=True)}
