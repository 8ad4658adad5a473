"""Tells what struck a whole group from what one agent did."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Final

import numpy as np
from msgspec import Struct, field

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.causes.grouped import Trials, grouped
from detectors.agents.causes.history import History, HistoryState
from detectors.agents.causes.members import Members, MembersState
from detectors.agents.early.agent_days import counted_endings
from detectors.agents.early.at_risk import DayExposure
from detectors.agents.early.tier import EarlyTier
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.agents.totals.trial_names import TrialColumns
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.evidence.within_group import STANDS_OUT, Counted, evidence_within, has_risen
from detectors.messages.within import GroupDay, GroupRows
from detectors.settings import Settings

LEAST_OTHERS: Final = 2.0
"""Times what is expected of an agent is expected of the rest: one other person is no group."""

Reported = dict[PatternName, dict[GroupKind, GroupRows]]
Reviewed = Mapping[PatternName, Mapping[GroupKind, Mapping[str, GroupDay]]]


class CommonCausesState(Struct):
    """All that a `CommonCauses` remembers: ``reported`` is ahead of ``judged``.

    ``ever`` are the agents about whom an alert was held back.
    """

    reported: MembersState = field(default_factory=dict)
    judged: MembersState = field(default_factory=dict)
    histories: dict[PatternName, dict[GroupKind, HistoryState]] = field(default_factory=dict)
    ever: dict[PatternName, list[AgentId]] = field(default_factory=dict)


class CommonCauses:
    """Compares an agent, about whom a warning would be due, with the rest of their site and team.

    Parameters
    ----------
    settings
        All settings.
    mature, early
        The tiers of agents, by their names; they ask `stands_out` from now on.

    Attributes
    ----------
    held_back
        By tier, the agents of whom nothing was told on the day judged last, because their group
        rose with them.
    """

    def __init__(
        self,
        settings: Settings,
        mature: Mapping[PatternName, MatureTier],
        early: Mapping[PatternName, EarlyTier],
    ) -> None:
        kinds = settings.groups.kinds
        self._most_on_a_day: Final = settings.patterns.most_on_a_day()
        self._mature: Final = mature
        self._reported: Final = Members(kinds)
        self._judged: Final = Members(kinds)
        self._histories: Final[dict[PatternName, dict[GroupKind, History]]] = {}
        self._left_out: Collection[AgentId] = ()
        self._ever: Final[dict[PatternName, set[AgentId]]] = {}
        self.held_back: Final[dict[PatternName, set[AgentId]]] = {}
        for tier in (*mature.values(), *early.values()):
            tier.stands_out = partial(self.stands_out, tier)
            self.held_back[tier.name] = set()

    def ever_held_back(self) -> dict[PatternName, int]:
        """Count the agents of whom, on some day, nothing was told, by tier."""
        return {name: len(agents) for name, agents in sorted(self._ever.items())}

    def report(
        self,
        batches: Mapping[PatternName, DayBatch],
        trials: Mapping[PatternName, TrialColumns],
        exposures: Mapping[PatternName, DayExposure],
        left_out: Collection[AgentId],
    ) -> Reported:
        """Return what the members of each group did on a complete day, by tier and kind.

        Without those `left_out` of the peers.
        """
        if not self._reported.of:
            return {}
        for batch in batches.values():
            self._reported.learn(batch.fresh)
        return {
            name: rows
            for name, rows in (
                *self._of_trials(trials, left_out),
                *self._of_exposures(exposures, left_out),
            )
            if rows
        }

    def judge(
        self,
        day: Day,
        batches: Mapping[PatternName, DayBatch],
        reviewed: Reviewed,
        left_out: Collection[AgentId],
    ) -> None:
        """Take in a day that is about to be judged; the arguments are as in `report`."""
        self._left_out = left_out
        for agents in self.held_back.values():
            agents.clear()
        for batch in batches.values():
            self._judged.learn(batch.fresh)
        for name, kinds in reviewed.items():
            histories = self._histories.setdefault(name, {})
            for kind, groups in kinds.items():
                histories.setdefault(kind, History()).add(day, groups)

    def stands_out(self, tier: TierBase, agent_id: AgentId, summary: EvidenceSummary) -> bool:
        """Return whether an agent stands out within their groups, where these have risen.

        Nothing is asked where the rest of a group is as always, or too few to say; nor of an agent
        who has stood out before, and is left out of the peers.
        """
        if agent_id in self._left_out:
            return True
        name, since, spread = tier.name, summary.start.since, summary.spread
        own = Counted(since.observed, since.expected)
        for kind, histories in self._histories.get(name, {}).items():
            group = self._judged.of[kind].get(agent_id)
            if group is None:
                continue
            rest = _rest(histories.since(group, summary.start.day), own)
            if rest is None or not has_risen(rest, spread.between_agent_sd):
                continue
            before = tier.before(agent_id, since)
            within = evidence_within(own, rest, before, spread.between_agent_sd, spread.tempering)
            if within < STANDS_OUT:
                self.held_back[name].add(agent_id)
                self._ever.setdefault(name, set()).add(agent_id)
                return False
        return True

    def snapshot(self) -> CommonCausesState:
        """Return the whole state; it shares records with this object: encode it at once."""
        return CommonCausesState(
            self._reported.of,
            self._judged.of,
            {
                name: {kind: history.state for kind, history in histories.items()}
                for name, histories in self._histories.items()
            },
            {name: sorted(agents) for name, agents in self._ever.items()},
        )

    def restore(self, state: CommonCausesState) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty."""
        self._reported.restore(state.reported)
        self._judged.restore(state.judged)
        self._ever.update({name: set(agents) for name, agents in state.ever.items()})
        for name, kinds in state.histories.items():
            histories = self._histories.setdefault(name, {})
            for kind, known in kinds.items():
                histories.setdefault(kind, History()).state = known

    def _of_trials(
        self, trials: Mapping[PatternName, TrialColumns], left_out: Collection[AgentId]
    ) -> Iterator[tuple[PatternName, dict[GroupKind, GroupRows]]]:
        for name, columns in trials.items():
            names, bad = self._mature[name].names, columns.bad.astype(np.int64)
            told = Trials(columns.agents, columns.cells, np.ones_like(bad), bad)
            yield (
                name,
                {
                    kind: rows
                    for kind, members in self._reported.of.items()
                    if (rows := grouped(told, names.agents, names.cells, members, left_out)).groups
                },
            )

    def _of_exposures(
        self, exposures: Mapping[PatternName, DayExposure], left_out: Collection[AgentId]
    ) -> Iterator[tuple[PatternName, dict[GroupKind, GroupRows]]]:
        for name, exposure in exposures.items():
            at_risk, ended = exposure.at_risk, exposure.ended
            counted = counted_endings(
                exposure.agents, at_risk, ended, len(exposure.agent_names), self._most_on_a_day
            )
            told = Trials(exposure.agents, exposure.cells, at_risk, counted)
            yield (
                name,
                {
                    kind: rows
                    for kind, members in self._reported.of.items()
                    if (
                        rows := grouped(
                            told, exposure.agent_names, exposure.cell_names, members, left_out
                        )
                    ).groups
                },
            )


def _rest(group: Counted, own: Counted) -> Counted | None:
    """Return what the other members did; None if they are too few to say."""
    expected = group.expected - own.expected
    if expected < LEAST_OTHERS * own.expected or expected <= 0.0:
        return None
    return Counted(max(group.observed - own.observed, 0), expected)
