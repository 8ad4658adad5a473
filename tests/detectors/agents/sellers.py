"""A sales force whose outcomes of two patterns mature day by day, over some partitions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from msgspec import structs

from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation, canonical_commendations
from detectors.basis.event_time import DAY, Day, Seconds, start_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.commendation_settings import CommendationSettings
from detectors.evidence.arrays import Reals
from detectors.facts.account import Verdict
from detectors.group_settings import GroupSettings
from detectors.messages.contested import ContestedSale
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.messages.seen import Seen
from detectors.peers.stage import Peers
from detectors.settings import EvidenceSettings, Settings, ShadowNull

CHEAP: Final = Settings(
    shadow_null=ShadowNull(enabled=False),
    groups=GroupSettings(team=False),
    evidence=EvidenceSettings(between_agent_sd=0.25),
    commendations=CommendationSettings(at_most_per_1000_agent_years=50),
)
BEGINS: Final = 20_075 - 100
"""A new period of sums begins after 100 days."""

KEPT: Final = PatternName("quick_cancellation")
USED: Final = PatternName("unused_account")
BOTH: Final = (KEPT, USED)
USUAL: Final = 0.1
SALES: Final = 4
"""Of an agent and a day."""

Told = Callable[[int], Sequence[Outcome]]
"""The outcomes of a day."""


def outcome(
    pattern: PatternName, agent: str, day: int, number: int, verdict: Verdict, **more: object
) -> Outcome:
    """Return one outcome; `more` are other fields."""
    at = Seconds(start_of_day(Day(day)) + DAY / 2 + number)
    sale = f"{agent} {day} {number}"
    events = (f"event {sale}",) if verdict is Verdict.BAD else ()
    told = Outcome(
        pattern, SaleId(sale), AgentId(agent), Cell("card"), at, at, verdict, events, site="north"
    )
    return structs.replace(told, **more)


def sold(rates: Mapping[str, float], seed: int = 1, patterns: Sequence[PatternName] = BOTH) -> Told:
    """Return what sales do, of which each goes bad at the rate of its agent."""

    def told(day: int) -> list[Outcome]:
        draws = np.random.default_rng((seed, day)).random((len(patterns), len(rates), SALES))
        return [
            outcome(pattern, agent, day, number, Verdict.BAD if draw < rate else Verdict.GOOD)
            for pattern, of_pattern in zip(patterns, draws, strict=True)
            for (agent, rate), of_agent in zip(rates.items(), of_pattern, strict=True)
            for number, draw in enumerate(of_agent.tolist())
        ]

    return told


def rates(agents: int, **others: float) -> dict[str, float]:
    """Return the rates of a sales force of usual agents, and of others by name."""
    return {f"agent {number}": USUAL for number in range(agents)} | others


def levelled(levels: Reals) -> dict[str, float]:
    """Return the rate of each agent at a level of their own, on the logit."""
    odds = USUAL / (1.0 - USUAL) * np.exp(levels)
    return {f"agent {number}": one for number, one in enumerate((odds / (1.0 + odds)).tolist())}


class Force:
    """Agents over some partitions and their peers, with all that they tell."""

    def __init__(self, settings: Settings, partitions: int = 1) -> None:
        self._settings: Final = settings
        self.agents = [Agents(settings, number) for number in range(partitions)]
        self.peers = Peers(settings, partitions)
        self.alerts: Final = list[Alert]()
        self._told: Final = list[Commendation]()

    @property
    def commendations(self) -> list[Commendation]:
        """All that were told, in the order of the log."""
        return sorted(self._told, key=canonical_commendations)

    def commended(self) -> set[str]:
        """Return who was ever commended."""
        return {one.agent_id for one in self._told}

    def open(self) -> set[str]:
        """Return who is commended now."""
        return {
            agent_id for stage in self.agents for agent_id in stage.beside.commending.state.open
        }

    def sell(
        self,
        days: range,
        told: Told,
        *,
        restarts: int = 0,
        contested: Sequence[str] = (),
        uses: int = 40,
    ) -> "Force":
        """Let outcomes become known on some days; restart after every so many of them.

        On the first day somebody contests sales of some agents; on each there are some `uses`.
        """
        for day in days:
            outcomes, until = told(day), Seconds((day + 1) * DAY)
            seen = {Day(day): [Seen("north", 40, (0,) * 8 + (uses,), (0,) * 8 + (5,))]}
            for partition, stage in enumerate(self.agents):
                own = [one for one in outcomes if self._place(one) == partition]
                stage.receive(OutcomeBundle(0, until, own, seen=seen))
            for agent in contested if day == days[0] else ():
                claim = ContestedSale(AgentId(agent), 1, Seconds(until - 1.0))
                for stage in self.agents:
                    stage.receive(OutcomeBundle(0, until, contested=[claim]))
            self._judge()
            if restarts and day % restarts == 0:
                self.restore(self.saved())
        return self

    def _place(self, one: Outcome) -> int:
        return crc32((one.agent_id or "").encode()) % len(self.agents)

    def _judge(self) -> None:
        outputs = [stage.drain() for stage in self.agents]
        while any(output.reports or output.alerts for output in outputs):
            for output in outputs:
                self.alerts.extend(output.alerts)
                self._told.extend(output.commendations)
                for report in output.reports:
                    for review in self.peers.receive(report):
                        for stage in self.agents:
                            stage.review(review)
            outputs = [stage.drain() for stage in self.agents]
        for output in outputs:
            self._told.extend(output.commendations)

    def saved(self) -> list[bytes]:
        """Return what all stages save."""
        return [*(stage.snapshot() for stage in self.agents), self.peers.snapshot()]

    def restore(self, saved: list[bytes]) -> "Force":
        """Go on from what was saved."""
        *agents, peers = saved
        self.agents = [Agents(self._settings, number) for number in range(len(agents))]
        self.peers = Peers(self._settings, len(agents))
        self.peers.restore(peers)
        for stage, state in zip(self.agents, agents, strict=True):
            stage.restore(state)
        return self
