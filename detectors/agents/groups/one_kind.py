"""The groups of one kind, sites or teams, judged as agents are: each against the others.

The same code judges them, over the same outcomes: the group's name stands where the agent's id
stood. They are judged at maturity, sale by sale, without a shadow null; the budget of their false
alarms, their peers, the spread among them and their discoveries are their own. So nothing changes
about agents.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct, field

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.agents.alerting.budget import group_thresholds
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.cell_tally import tallied
from detectors.agents.closings import Closings, ClosingsState
from detectors.agents.evidence_report import open_alerts_of, with_evidence
from detectors.agents.gathering.gathering import DayBatch, Gathering, GatheringState
from detectors.agents.gathering.making import correctable_days, screen_for
from detectors.agents.gathering.pending import PendingSales, PendingState
from detectors.agents.groups.without_one import stands_without_worst
from detectors.agents.mature.tier import MatureTier, MatureTierState
from detectors.agents.reported_day import ReportedDay, ReportedDayState, restored, saved
from detectors.agents.roster import Roster, RosterState
from detectors.agents.totals.trial_names import forget_names
from detectors.alerts.alert import Alert, Severity, Subject
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import (
    DayReport,
    DayReview,
    OpenIds,
    OutcomeBundle,
    SalesDay,
)
from detectors.settings import Settings
from detectors.sight.stretch import Blindness


class GroupsState(Struct):
    """All that a `Groups` remembers.

    ``names`` are groups that had outcomes until the day reported last, one more of them at most
    than others are needed to judge one; the rest as in `AgentsState`.
    """

    gathering: GatheringState
    pending: PendingState
    tiers: dict[PatternName, MatureTierState]
    reported: dict[Day, ReportedDayState] = field(default_factory=dict)
    left_out: list[AgentId] = field(default_factory=list)
    names: list[AgentId] = field(default_factory=list)
    closings: ClosingsState = field(default_factory=dict)
    compared: bool = False
    roster: RosterState = field(default_factory=RosterState)


class Groups:
    """Evidence and alerts of the groups of one kind, of one partition; days as `Agents` has them.

    Parameters
    ----------
    settings
        All settings.
    kind
        What groups they are.
    partition, ledgers
        The number of this partition, and how many ledgers send to it.
    seen
        A list to which every judgement is added, or None.

    Attributes
    ----------
    roster
        Which groups are judged.
    """

    def __init__(
        self,
        settings: Settings,
        kind: GroupKind,
        partition: int,
        ledgers: int,
        seen: list[Judgement] | None,
    ) -> None:
        patterns, limits = settings.patterns.on_sales(), group_thresholds(settings)
        self._kind: Final = kind
        self._partition: Final = partition
        self._seen: Final = seen
        self._fewest_others: Final = settings.groups.fewest_others
        self._least_e_value: Final = 1.0 / settings.evidence.false_discovery_rate
        self._windows: Final = {p.name: seconds_of(p.window) / DAY for p in patterns}
        config_hash = settings.config_hash
        self._tiers: Final = {
            p.name: MatureTier(TierConfig(settings, config_hash, p, limits[p.name], kind))
            for p in patterns
        }
        for tier in self._tiers.values():
            tier.stands_out = partial(_stands_out, tier)
        self.gathering = Gathering(
            self._tiers, ledgers, correctable_days(settings), screen=screen_for(settings)
        )
        self._pending: Final = PendingSales(max(self._windows.values()))
        self._closings: Final = Closings(settings.cases, kind=kind)
        self.roster: Final = Roster(self._tiers, kind)
        self._reported: dict[Day, ReportedDay] = {}
        self._left_out: frozenset[AgentId] = frozenset()
        self._names: set[AgentId] = set()
        self._compared = False

    def open_alerts(self) -> dict[tuple[PatternName, Severity], int]:
        """Count the open alerts about groups by pattern and severity."""
        return open_alerts_of(self._tiers.values())

    def not_judged(self) -> int:
        """Count the groups that are not judged, because there are too few others."""
        return 0 if self._compared else len(self._names)

    def receive(self, bundle: OutcomeBundle, good: tuple[GoodOutcomes, ...] = ()) -> None:
        """Receive a bundle of one ledger partition, and outcomes of it that came in columns."""
        own = OutcomeBundle(
            bundle.ledger_partition,
            bundle.watermark,
            bundle.groups.get(self._kind, []),
            empty=bundle.empty,
        )
        self.gathering.receive_all(own, [some.of_groups(self._kind) for some in good])

    def report(
        self,
        day: Day,
        sales: Mapping[Day, SalesDay],
        blindness: Blindness,
        *,
        follows_review: bool,
    ) -> DayReport:
        """Return what the peers stage has to know of a complete day; `sales` are those of it."""
        batches = dict(sorted(self.gathering.pop(day, blindness).items()))
        self._pending.add_of(self._kind, sales)
        report = DayReport(self._partition, day, {})
        if follows_review:
            report = self._after_review(report)
        new = self.roster.report(day, sales, batches, follows_review=follows_review)
        self._count(batches)
        tallies = {
            name: tallied(batch, self._tiers[name], self._left_out, None)
            for name, batch in batches.items()
        }
        trials = {name: tally.trials for name, tally in tallies.items()}
        self._reported[day] = ReportedDay(batches, trials, {}, self._left_out)
        return msgspec.structs.replace(
            report,
            totals={name: tally.totals for name, tally in tallies.items()},
            subjects=len(self._names),
            newcomers=new,
        )

    def judge(
        self, day: Day, review: DayReview
    ) -> tuple[list[Alert], list[tuple[Subject, PatternName, Day]]]:
        """Judge a day; return alerts, and of whom people ended which evidence with it."""
        own = review.groups[self._kind]
        reported = self.roster.judged(day, self._reported.pop(day), own.places, self._tiers)
        honest, confirmed = self._closings.decide(review.decisions), self._closings.confirmed
        self._compared = own.subjects > self._fewest_others
        alerts: list[Alert] = []
        for name, tier in self._tiers.items():
            tier.decide(day, honest.get(name, ()), confirmed)
            tier.compared = self._compared
            pending = partial(self._pending.count, day=day, window=self._windows[name])
            batch, trials = reported.of(name)
            alerts += tier.judge(batch, trials, own, reported.left_out, pending, self._seen)
        self._pending.forget(day)
        if not self._reported:  # else days that wait hold numbers of names
            forget_names((tier.names, len(tier)) for tier in self._tiers.values())
        ended = [(Subject(self._kind, one), name, day) for name in honest for one in honest[name]]
        return self._closings.told(alerts, self._tiers), ended

    def snapshot(self) -> GroupsState:
        """Return the whole state; it shares records with this object: encode it at once."""
        return GroupsState(
            self.gathering.snapshot(),
            self._pending.state,
            {name: tier.snapshot() for name, tier in self._tiers.items()},
            {day: saved(reported) for day, reported in self._reported.items()},
            sorted(self._left_out),
            sorted(self._names),
            self._closings.state,
            self._compared,
            self.roster.snapshot(),
        )

    def restore(self, state: GroupsState) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty."""
        for name, tier in state.tiers.items():
            self._tiers[name].restore(tier)
        self.gathering.restore(state.gathering)
        self._pending.state = state.pending
        self._reported = restored(state.reported, self._tiers, None)
        self._left_out, self._names = frozenset(state.left_out), set(state.names)
        self._closings.restore(state.closings)
        self._compared = state.compared
        self.roster.restore(state.roster)

    def _count(self, batches: Mapping[PatternName, DayBatch]) -> None:
        """Count groups as far as it matters: whether there are enough others to judge one."""
        for batch in batches.values():
            room = self._fewest_others + 1 - len(self._names)
            if room > 0:
                names = {one for one in in_columns(batch.fresh).agents if one is not None}
                self._names.update(sorted(names - self._names)[:room])

    def _after_review(self, report: DayReport) -> DayReport:
        """Return the report of the day after a review day, with the evidence of that day's end."""
        tiers = self._tiers.values()
        accused = frozenset(name for tier in tiers for name in tier.accused())
        accused |= self._closings.confirmed
        newly, self._left_out = sorted(accused - self._left_out), accused
        report = with_evidence(report, tiers, (), newly, self._least_e_value, {})
        ids: OpenIds = {}
        for tier in tiers:
            for name, alert_id in tier.open_ids().items():
                ids.setdefault(name, {})[tier.name] = alert_id
        return msgspec.structs.replace(report, open_alerts=ids)


def _stands_out(tier: MatureTier, name: AgentId, summary: EvidenceSummary) -> bool:
    """Return whether a group stands out without its worst member."""
    start = summary.start
    before = tier.before(name, start.since)
    return stands_without_worst(summary, tier.stakes(name, start.day), before)
