"""What both tiers have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.agents.alerting.day_end import StandsOut, ToldBy, always, nobody
from detectors.agents.alerting.doubt import Doubt, nothing_corrected
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.not_judged import NotJudged, Unjudged
from detectors.agents.alerting.open_alerts import OpenAlerts
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.totals.outweighing import Outweighing
from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.residuals import Ever, Residuals
from detectors.alerts.alert import Severity
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.explanation import Counts
from detectors.evidence.within_group import Counted
from detectors.messages.cell_columns import CellTable
from detectors.messages.outcomes import Dispersion, ShadowCount, Spread
from detectors.peers.spread import first_spread


class TierBase(ABC):
    """Judges agents by one pattern: who they are, who is accused, what peers must not count.

    Parameters
    ----------
    config
        The pattern, its threshold and the settings.
    own
        What each agent has added to the totals of the peers.

    Attributes
    ----------
    compared
        Whether there are peers enough: else outcomes are counted, and are no evidence.
    may_be_critical
        Whether alerts may rise above *warning*.
    stands_out
        Whether an alert about somebody may be opened, or rise: it may be told of others.
    told_by
        Which alerts tell of others what an open alert tells of somebody.
    """

    def __init__(self, config: TierConfig, own: OwnTotals) -> None:
        evidence = config.settings.evidence
        self.name: Final[PatternName] = config.pattern.name
        self.may_be_critical: Final = config.pattern.severest == "critical"
        self.compared = True
        self.stands_out: StandsOut = always
        self.told_by: ToldBy = nobody
        self._corrected: Callable[[int, OpenAlert], Doubt] = nothing_corrected
        self._kind: Final = config.kind
        self._threshold: Final = config.threshold
        self._own: Final = own
        self._spread = first_spread(evidence)
        self._open_alerts: Final = OpenAlerts(config.threshold, evidence, config.pattern.severest)
        self._not_judged: Final = NotJudged()
        self._outweighing: Final = Outweighing()
        self._left_out: frozenset[int] = frozenset()
        self._guilty: frozenset[int] = frozenset()
        self._dispersion: Final = Residuals()

    @property
    def spread(self) -> Spread:
        """How much honest agents differ, and the tempering, of the day judged last."""
        return self._spread

    @property
    def rows(self) -> Mapping[AgentId, int]:
        """The row of each agent, in the order of rows."""
        return self._rows()

    def strengths(self, agents: Iterable[AgentId]) -> Iterator[tuple[AgentId, float]]:
        """Yield the evidence about agents who are known, as a share of the threshold."""
        levels, rows = self._levels() / self._threshold, self._rows()
        return ((one, float(levels[rows[one]])) for one in agents if one in rows)

    def open_alerts(self) -> dict[Severity, int]:
        """Count the open alerts by severity."""
        return self._open_alerts.counts()

    def accused(self) -> list[AgentId]:
        """Return the agents with an open alert."""
        agents = list(self._rows())
        return [agents[row] for row in self._open_alerts.by_row]

    def warned(self) -> set[AgentId]:
        """Return the agents with an open alert that is more than *info*."""
        agents, alerts = list(self._rows()), self._open_alerts.by_row
        return {agents[r] for r, one in alerts.items() if one.emitted_severity != "info"}

    def not_judged(self) -> dict[AgentId, Unjudged]:
        """Return who is not judged at present, and why."""
        agents = list(self._rows()) if self._not_judged.state else []
        return {agents[row]: why for row, why in self._not_judged.state.items()}

    def outweighing(self) -> set[AgentId]:
        """Return the agents who outweigh all others in a cell; of groups none.

        Of two sites the larger one may be most of what the smaller one is compared with.
        """
        if not self._outweighing.slots or self._kind != "agent":
            return set()
        agents = list(self._rows())
        return {agents[row] for row in self._outweighing.rows(self._own.index.row)}

    def open_ids(self) -> dict[AgentId, str]:
        """Return the ids of the open alerts, by whom they are about."""
        agents = list(self._rows())
        return {agents[row]: alert.alert_id for row, alert in self._open_alerts.by_row.items()}

    def decide(self, day: Day, honest: Collection[AgentId], confirmed: Collection[AgentId]) -> None:
        """Let what people decided by the end of `day`, which is judged next, count.

        The evidence against `honest` agents ends with it. Those `confirmed` at present say nothing
        of how much honest agents differ.
        """
        del day  # it matters to evidence that comes later than what it speaks of
        rows = self._rows()
        self._open_alerts.end(rows[agent_id] for agent_id in honest if agent_id in rows)
        self._guilty = frozenset(rows[agent_id] for agent_id in confirmed if agent_id in rows)

    def before(self, agent_id: AgentId, since: Counts) -> Counted:
        """Return what an agent did before outcomes that are counted in `since`."""
        observed, expected, _ = self._residuals()
        row = self._rows()[agent_id]
        return Counted(
            max(int(observed[row]) - since.observed, 0),
            max(float(expected[row]) - since.expected, 0.0),
        )

    def ever(self, agents: Collection[AgentId]) -> dict[AgentId, Counted]:
        """Return what some agents have done ever, of those that are known."""
        observed, expected, _ = self._residuals()
        rows = self._rows()
        known = {agent_id: rows[agent_id] for agent_id in agents if agent_id in rows}
        return {
            who: Counted(int(observed[row]), float(expected[row])) for who, row in known.items()
        }

    def past(self, agents: Collection[AgentId]) -> CellTable:
        """Return all that some agents have added to the totals of the peers, added up."""
        rows = self._rows()
        return self._own.past(rows[agent_id] for agent_id in agents if agent_id in rows)

    def drain_dispersion(self) -> Dispersion:
        """Return the sums from which the spread is estimated, and reset those over days."""
        return self._dispersion.drain(
            self._residuals(), self._honest(), self._spread.between_agent_sd
        )

    @property
    @abstractmethod
    def shadow(self) -> ShadowCount | None:
        """The counts of the shadow null of this partition, or None without it."""

    @abstractmethod
    def _levels(self) -> Reals:
        """Return the evidence of every row, as of the day judged last."""

    @abstractmethod
    def _rows(self) -> Mapping[AgentId, int]:
        """Return the rows of all agents, in their order."""

    @abstractmethod
    def _residuals(self) -> Ever:
        """Give, for every row, bad outcomes observed, expected, and their variance."""

    def _doubt(
        self, row: int, agent_id: AgentId, summary: EvidenceSummary, alert: OpenAlert
    ) -> Doubt:
        """Return what speaks against an open alert at the end of the day."""
        doubt = self._corrected(row, alert)
        if doubt.withdrawal is None and (told_by := self.told_by(agent_id, summary, alert)):
            return Doubt("common_cause", doubt.taken_back, told_by)
        return doubt

    def _leave_out(self, agents: Collection[AgentId], *, calmed: bool) -> None:
        """Exclude the agents' outcomes from everybody's expectation, from this day on.

        Where one of them outweighed the rest, what was recent is `calmed`: see `DayReview`.
        """
        rows = self._rows()
        # Only the past of those who are newly left out: since then nothing of theirs was counted.
        left_out = frozenset(rows[agent_id] for agent_id in agents if agent_id in rows)
        for row in sorted(left_out - self._left_out):
            self._own.forget(row)
        self._left_out = left_out
        if calmed:
            self._own.calm()

    def _weigh(
        self,
        day: Day,
        slots: Integers,
        number: Integers,
        exponents: Integers,
        known: CellTable,
    ) -> None:
        """Take in who has peers enough, and who outweighs theirs, by outcomes at some slots."""
        beside, rows = self._own.beside(slots, known), self._own.index.row(slots)
        self._not_judged.update(day, rows, number, exponents, beside.alone)
        self._outweighing.update(slots, beside.outweighs)

    def _counted(self, rows: Integers) -> Booleans | None:
        """Return for each of `rows` whether its outcomes count for others; None if all do."""
        return self._all_but(self._left_out)[rows] if self._left_out else None

    def _honest(self) -> Booleans:
        """Return for every row whether it has no open alert, and none that people confirmed."""
        return self._all_but({*self._open_alerts.by_row, *self._guilty})

    def _all_but(self, chosen: Collection[int]) -> Booleans:
        rest = np.ones(len(self._rows()), np.bool_)
        rest[list(chosen)] = False
        return rest
