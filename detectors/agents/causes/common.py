"""Tells what struck a whole group from what one agent did."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

from msgspec import Struct, field

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.causes.grouped import of_exposure, of_trials
from detectors.agents.causes.history import History, HistoryState
from detectors.agents.causes.members import Members, MembersState
from detectors.agents.early.at_risk import DayExposure
from detectors.agents.early.tier import EarlyTier
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.agents.totals.trial_names import TrialColumns
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.evidence.within_group import STANDS_OUT, Counted, evidence_within, has_risen
from detectors.messages.outcomes import DayReview, OpenIds
from detectors.messages.within import GroupRows
from detectors.patterns.early import mature_name
from detectors.settings import Settings

LEAST_OTHERS: Final = 2.0
"""Times what is expected of an agent is expected of the rest: one other person is no group."""

LIKE_THE_REST: Final = 1.0
"""Evidence within a group below which a member rather does as the rest does than stands out.

Asked of an alert that is open, while `STANDS_OUT` is asked of one to be opened: between the two
nothing is told and nothing is withdrawn. In 12 runs with a member at 50 to 75 %, of a site at 20
to 25 %, their alerts were withdrawn 13 times with 100 in its place, 8 times with 10, never with 1.
"""

Reported = dict[PatternName, dict[GroupKind, GroupRows]]


class CommonCausesState(Struct):
    """All that a `CommonCauses` remembers: ``reported`` is ahead of ``judged``.

    ``ever`` are the agents about whom an alert was held back. ``apart`` is, by tier, what those
    agents had done ever who are left out of the peers, when they were.
    """

    reported: MembersState = field(default_factory=dict)
    judged: MembersState = field(default_factory=dict)
    histories: dict[PatternName, dict[GroupKind, HistoryState]] = field(default_factory=dict)
    ever: dict[PatternName, list[AgentId]] = field(default_factory=dict)
    apart: dict[PatternName, dict[AgentId, Counted]] = field(default_factory=dict)


class CommonCauses:
    """Compares an agent, about whom a warning would be due, with the rest of their site and team.

    And one about whom there is a warning, once their site or team is under an alert, too.

    Parameters
    ----------
    settings
        All settings.
    mature, early
        The tiers of agents, by their names; they ask `stands_out` and `told_by` from now on.

    Attributes
    ----------
    held_back
        By tier, the agents whose alert was not opened on the day judged last, or did not rise,
        because their group rose with them.
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
        self._apart: dict[PatternName, dict[AgentId, Counted]] = {}
        self._group_alerts: Mapping[GroupKind, OpenIds] = {}
        self._ever: Final[dict[PatternName, set[AgentId]]] = {}
        self.held_back: Final[dict[PatternName, set[AgentId]]] = {}
        self._tiers: Final = (*mature.values(), *early.values())
        for tier in self._tiers:
            tier.stands_out = partial(self.stands_out, tier)
            tier.told_by = partial(self.told_by, tier)
            self.held_back[tier.name] = set()

    def ever_held_back(self) -> dict[PatternName, int]:
        """Count the agents of whom, on some day, nothing was told, by tier."""
        return {name: len(agents) for name, agents in sorted(self._ever.items())}

    def keep(self, agents: Collection[AgentId]) -> None:
        """Forget of which groups all others are, as of the day reported last."""
        self._reported.keep(agents)

    def site_of(self, agent_id: AgentId) -> str | None:
        """Return the site of the sale of an agent that was judged last, if sites are judged."""
        return self._judged.of.get("site", {}).get(agent_id)

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
        of, most = self._reported.of, self._most_on_a_day
        told = {
            name: of_trials(
                columns, batches[name].corrections, self._mature[name].names, of, left_out
            )
            for name, columns in trials.items()
        } | {name: of_exposure(day, most, of, left_out) for name, day in exposures.items()}
        return {name: rows for name, rows in told.items() if rows}

    def judge(
        self,
        day: Day,
        batches: Mapping[PatternName, DayBatch],
        review: DayReview,
        left_out: Collection[AgentId],
    ) -> None:
        """Take in a day that is about to be judged; the arguments are as in `report`."""
        self._set_apart(frozenset(left_out))
        self._group_alerts = {kind: told.open_alerts for kind, told in review.groups.items()}
        for agents in self.held_back.values():
            agents.clear()
        for batch in batches.values():
            self._judged.learn(batch.fresh)
        for name, kinds in review.within.items():
            histories = self._histories.setdefault(name, {})
            for kind, groups in kinds.items():
                histories.setdefault(kind, History()).add(day, groups)

    def stands_out(self, tier: TierBase, agent_id: AgentId, summary: EvidenceSummary) -> bool:
        """Return whether an agent stands out within their groups, where these have risen.

        Nothing is asked where the rest of a group is as always, or too few to say.
        """
        name = tier.name
        if all(
            self._stands_out_in(kind, tier, agent_id, summary)
            for kind in self._histories.get(name, ())
        ):
            return True
        self.held_back[name].add(agent_id)
        self._ever.setdefault(name, set()).add(agent_id)
        return False

    def told_by(
        self, tier: TierBase, agent_id: AgentId, summary: EvidenceSummary, alert: OpenAlert
    ) -> tuple[tuple[GroupKind, str], ...]:
        """Return the alerts of the groups that have risen so that an alert would not be due.

        As of the last review, of the same pattern at maturity. An agent must not stand out today,
        nor have done so on the days on which the alert rested when it was opened: who was ahead of
        the others then is not cleared by what the others do later.
        """
        pattern = mature_name(tier.name)
        return tuple(
            (kind, told[pattern])
            for kind, groups in self._group_alerts.items()
            if (told := groups.get(self._judged.of[kind].get(agent_id, ""), {}))
            and pattern in told
            and not self._stands_out_in(kind, tier, agent_id, summary, LIKE_THE_REST)
            and not self._stood_out_in(kind, tier, agent_id, summary, alert)
        )

    def _stood_out_in(
        self,
        kind: GroupKind,
        tier: TierBase,
        agent_id: AgentId,
        summary: EvidenceSummary,
        alert: OpenAlert,
    ) -> bool:
        """Return whether an agent stood out within a group when their alert was opened.

        Whether the group had risen for sure by then is not asked: it is known now.
        """
        opened = alert.opened_with
        if opened is None:
            return True
        own = Counted(opened.since.observed, opened.since.expected)
        before, until = tier.before(agent_id, summary.start.since), alert.opened_on
        group = self._histories[tier.name][kind].since(
            self._judged.of[kind][agent_id], opened.day, until
        )
        rest = _difference(group, self._inside(tier, agent_id, before, own))
        if _too_few(rest, own):
            return True
        sd, tempering = summary.spread.between_agent_sd, summary.spread.tempering
        return evidence_within(own, rest, before, sd, tempering) >= STANDS_OUT

    def _stands_out_in(
        self,
        kind: GroupKind,
        tier: TierBase,
        agent_id: AgentId,
        summary: EvidenceSummary,
        least: float = STANDS_OUT,
    ) -> bool:
        """Return whether an agent stands out within a group, or it has not risen."""
        group, histories = self._judged.of[kind].get(agent_id), self._histories.get(tier.name, {})
        if group is None or kind not in histories:
            return True
        since, sd = summary.start.since, summary.spread.between_agent_sd
        own, before = Counted(since.observed, since.expected), tier.before(agent_id, since)
        inside = self._inside(tier, agent_id, before, own)
        rest = _difference(histories[kind].since(group, summary.start.day), inside)
        if _too_few(rest, own) or not has_risen(rest, sd):
            return True
        return evidence_within(own, rest, before, sd, summary.spread.tempering) >= least

    def _inside(self, tier: TierBase, agent_id: AgentId, before: Counted, own: Counted) -> Counted:
        """Return how much of an agent's own is in what their group did.

        What the group did is without them from the day on which they are left out of the peers.
        """
        until = self._apart.get(tier.name, {}).get(agent_id)
        if until is None:
            return own
        shared = _difference(until, before)
        return Counted(min(own.observed, shared.observed), min(own.expected, shared.expected))

    def _set_apart(self, left_out: AbstractSet[AgentId]) -> None:
        """Remember what agents had done who are left out of the peers from this day on."""
        for tier in self._tiers:
            before = self._apart.get(tier.name, {})
            if before.keys() != left_out:
                now = tier.ever(left_out - before.keys())
                self._apart[tier.name] = {
                    agent_id: before.get(agent_id) or now.get(agent_id, Counted(0, 0.0))
                    for agent_id in sorted(left_out)
                }

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
            self._apart,
        )

    def restore(self, state: CommonCausesState) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty."""
        self._reported.restore(state.reported)
        self._judged.restore(state.judged)
        self._ever.update({name: set(agents) for name, agents in state.ever.items()})
        self._apart = state.apart
        for name, kinds in state.histories.items():
            histories = self._histories.setdefault(name, {})
            for kind, known in kinds.items():
                histories.setdefault(kind, History()).state = known


def _too_few(rest: Counted, own: Counted) -> bool:
    """Return whether the other members are too few to say anything."""
    return rest.expected <= 0.0 or rest.expected < LEAST_OTHERS * own.expected


def _difference(whole: Counted, part: Counted) -> Counted:
    return Counted(max(whole.observed - part.observed, 0), max(whole.expected - part.expected, 0.0))
