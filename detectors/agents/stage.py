"""The agents stage of one partition: gathers outcomes and judges them, a day at a time."""

from functools import partial
from typing import Final

import msgspec

from detectors.agents.alerting.budget import thresholds
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.believed import Believed
from detectors.agents.beside import Beside
from detectors.agents.causes.common import CommonCauses
from detectors.agents.cell_tally import counted
from detectors.agents.closings import Closings
from detectors.agents.early.at_risk import AtRisk
from detectors.agents.early.tier import EarlyTier
from detectors.agents.evidence_report import open_alerts_of, outweighing, with_evidence
from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.making import gathering_for
from detectors.agents.gathering.pending import PendingSales
from detectors.agents.gathering.sales_buffer import SalesBuffer
from detectors.agents.groups.all_kinds import AllGroups
from detectors.agents.groups.naming import with_group_alerts
from detectors.agents.mature.tier import MatureTier
from detectors.agents.output import AgentsOutput
from detectors.agents.profiles.profiles import Profiles
from detectors.agents.reported_day import ReportedDay, restored, saved
from detectors.agents.roster import Roster
from detectors.agents.state import AgentsState, read_state_of
from detectors.agents.totals.trial_names import forget_names
from detectors.alerts.alert import Alert, Severity, Subject
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, DAY, Day, Seconds, end_of_day, start_of_day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle, ShadowCount, Spread
from detectors.settings import Settings


class Agents:
    """Evidence and alerts of all agents of one partition.

    A day is reported once every ledger partition has passed its end, and judged once its review
    has come; both in the order of days, whatever the order of arrival, batches and partitions.

    Parameters
    ----------
    settings
        All settings.
    partition, ledger_partitions
        The number of this partition, and how many ledgers send to it.
    seen
        A list to which every judgement is added, or None.

    Attributes
    ----------
    groups, causes, believed, screen, roster, beside
        Groups beside agents, what strikes them whole, what counts as seen, who is judged, and what
        is told beside alerts.
    tiers
        All that judge agents, each by its pattern.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int = 0,
        ledger_partitions: int = 1,
        seen: list[Judgement] | None = None,
    ) -> None:
        patterns = settings.patterns.enabled()
        evidence, null = settings.evidence, settings.shadow_null
        self._partition, self._seen = partition, seen
        self._windows: Final = {p.name: seconds_of(p.window) / DAY for p in patterns}
        self._review_every: Final = max(1, int(seconds_of(evidence.review_every) // DAY))
        self._least_e_value: Final = 1.0 / evidence.false_discovery_rate
        self._seed: Final = null.seed if null.enabled else None
        self._config_hash: Final = settings.config_hash
        limits, config = thresholds(settings), partial(TierConfig, settings, self._config_hash)
        self._mature: Final = {p.name: MatureTier(config(p, limits[p.name])) for p in patterns}
        self.groups: Final = AllGroups(settings, partition, ledger_partitions, seen)
        tiers, ends = settings.patterns.early_tiers(), self._windows
        ends.update({early.name: ends[early.source] for early in tiers})
        self._early: Final = {one.name: EarlyTier(config(one, limits[one.name])) for one in tiers}
        self._at_risk: Final = {one.name: AtRisk(one.source, ends[one.name]) for one in tiers}
        self.tiers: Final = (*self._mature.values(), *self._early.values())
        self.causes: Final = CommonCauses(settings, self._mature, self._early)
        self._gathering = gathering_for(settings, ledger_partitions)
        self.screen: Final = self._gathering.screen
        self._sales: Final = SalesBuffer()
        self._closings: Final = Closings(settings.cases, settings.patterns.early_tiers())
        self._profiles: Final = Profiles(settings, self._config_hash, self._seed)
        self._pending: Final = PendingSales(max(self._windows.values()))
        self._reported: dict[Day, ReportedDay] = {}
        self._reviews: dict[Day, DayReview] = {}
        self._left_out: frozenset[AgentId] = frozenset()
        self.believed: Final = Believed(settings)
        self.beside: Final = Beside(settings, self._mature, self.tiers, self.causes, self.believed)
        self.roster: Final = Roster([p.name for p in settings.patterns.on_sales()])
        self._next_report: Day | None = None
        self._next_judgement: Day | None = None
        self._reports, self._alerts = list[DayReport](), list[Alert]()
        self._judged: dict[PatternName, int] = {}
        self._ended: list[tuple[Subject, PatternName, Day]] = []

    @property
    def judged_until(self) -> Seconds:
        """The event time (seconds) before which every outcome has been judged."""
        return BEGINNING if (day := self._next_judgement) is None else start_of_day(day)

    @property
    def complete_until(self) -> Seconds:
        """The event time (seconds) before which every ledger has sent everything."""
        return self._gathering.complete_until()

    def open_alerts(self) -> dict[tuple[PatternName, Severity], int]:
        """Count the open alerts about agents and groups by pattern and severity."""
        counts = self._profiles.open_alerts() | open_alerts_of(self.tiers)
        for what, number in self.groups.open_alerts():
            counts[what] += number
        return counts | {(name, "info"): n for name, n in self.believed.open_alerts.items()}

    def shadow(self) -> dict[PatternName, ShadowCount]:
        """Return the counts of the shadow null of this partition, by pattern; empty without it."""
        counts = {tier.name: tier.shadow for tier in self.tiers if tier.shadow is not None}
        return counts | self._profiles.shadow()

    def spread(self) -> dict[PatternName, Spread]:
        """Return the spread of honest agents, and the tempering, of the day judged last."""
        return {tier.name: tier.spread for tier in self.tiers}

    def receive(self, bundle: OutcomeBundle, good: tuple[GoodOutcomes, ...] = ()) -> None:
        """Receive a bundle of one ledger partition, and outcomes of it that came in columns."""
        watermark = self._gathering.state.watermarks[bundle.ledger_partition]
        self.believed.receive(bundle, watermark, self._next_report)
        self.beside.commissions.receive(bundle, watermark, self._next_report)
        if self._next_report is not None:  # sales of days that were reported come too late
            watermark = max(watermark, start_of_day(self._next_report))
        self._sales.receive(bundle.days, bundle.ledger_partition, watermark)
        self._gathering.receive_all(bundle, good)
        self.groups.receive(bundle, good)
        self._proceed()

    def review(self, review: DayReview) -> None:
        """Receive a review of the peers stage; one that was used already changes nothing."""
        if self._next_judgement is None or review.day >= self._next_judgement:
            self._reviews[review.day] = review
            self._proceed()

    def drain(self) -> AgentsOutput:
        """Return what became due since the last call, once."""
        due = self._reports, self._alerts, self._judged, self._ended
        self._reports, self._alerts, self._judged, self._ended = [], [], {}, []
        return AgentsOutput(*due, *self.beside.drain())

    def snapshot(self) -> bytes:
        """Return the whole state; call it with nothing left to drain."""
        return msgspec.msgpack.encode(
            AgentsState(
                self._config_hash,
                self._gathering.snapshot(),
                self._sales.state,
                self._pending.state,
                {name: at_risk.snapshot() for name, at_risk in self._at_risk.items()},
                {name: tier.snapshot() for name, tier in self._mature.items()},
                {name: tier.snapshot() for name, tier in self._early.items()},
                self._profiles.snapshot(),
                {day: saved(reported) for day, reported in self._reported.items()},
                self._reviews,
                sorted(self._left_out),
                self._next_report,
                self._next_judgement,
                self.believed.snapshot(),
                self._closings.state,
                self.groups.snapshot(),
                self.causes.snapshot(),
                self.roster.snapshot(),
                self.beside.snapshot(),
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Restore the state that `snapshot` returned, into a stage that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version, or were saved under other settings.
        """
        state = read_state_of(snapshot, self._config_hash)
        for name, at_risk in state.at_risk.items():
            self._at_risk[name].restore(at_risk)
        for name, tier in state.mature.items():
            self._mature[name].restore(tier)
        for name, early in state.early.items():
            self._early[name].restore(early)
        self._profiles.restore(state.profiles)
        self._gathering.restore(state.gathering)
        self._sales.state, self._pending.state = state.sales, state.pending
        self._reported = restored(state.reported, self._mature, self._seed)
        self._reviews, self._left_out = state.reviews, frozenset(state.left_out)
        self._next_report, self._next_judgement = state.next_report, state.next_judgement
        self.believed.restore(state.believed)
        self._closings.restore(state.closings)
        self.groups.restore(state.groups)
        self.causes.restore(state.causes)
        self.roster.restore(state.roster)
        self.beside.restore(state.beside)

    def _proceed(self) -> None:
        """Report and judge every day that is ready."""
        if self.complete_until == BEGINNING:
            return
        if self._next_report is None or self._next_judgement is None:
            first = self._sales.first_day(self.groups.first_day(self._gathering.first_day()))
            self._next_report = self._next_judgement = first
            drop_before(self._reviews, self._next_judgement)
        # Reports come first where both are possible: all other partitions wait for them.
        while True:
            self._alerts += self.believed.due(self._next_report)
            if self._may_report(self._next_report, self._next_judgement):
                self._report(self._next_report)
                self._next_report += 1
            elif self._next_judgement in self._reviews and self._next_judgement in self._reported:
                self._judge(self._next_judgement)
                self._next_judgement += 1
            else:
                return

    def _may_report(self, day: Day, next_judgement: Day) -> bool:
        """Return whether a day can be reported; where that tells of alerts, once they are known."""
        waits = self.beside.commissions.is_on or self._follows_review(day)
        return self.complete_until >= end_of_day(day) and (not waits or next_judgement >= day)

    def _follows_review(self, day: Day) -> bool:
        return (day - 1) % self._review_every == 0

    def _report(self, day: Day) -> None:
        blindness, withdrawn = self.believed.close(day)
        self._alerts += withdrawn
        follows_review = self._follows_review(day)
        if follows_review and (known := self.roster.known) is not None:  # all before is judged
            self._gathering.keep(known, day)
            self.causes.keep(known)
        batches = dict(sorted(self._gathering.pop(day, blindness).items()))
        sales = self._sales.pop(day)
        self._pending.add(sales)
        self.beside.requests.note(day, sales)
        exposures = {name: at_risk.advance(day, sales) for name, at_risk in self._at_risk.items()}
        report = self.beside.commissions.report(DayReport(self._partition, day, {}), blindness)
        new = self.roster.report(day, sales, batches, follows_review=follows_review)
        report = self._after_review(report) if follows_review else report
        trials, totals = counted(batches, self._mature, exposures, self._left_out, self._seed)
        self._reported[day] = ReportedDay(batches, trials, exposures, self._left_out)
        groups = self.groups.report(day, sales, blindness, follows_review=follows_review)
        sold = self._profiles.pop(day, sales)
        within = self.causes.report(batches, trials, exposures, self._left_out)
        told = {"totals": totals, "sold": sold, "groups": groups, "within": within}
        self._reports.append(msgspec.structs.replace(report, newcomers=new, **told))

    def _after_review(self, report: DayReport) -> DayReport:
        """Return the report of the day after a review day, with the evidence of that day's end."""
        apart = outweighing(self.tiers).union(*(tier.accused() for tier in self.tiers))
        apart |= self._closings.confirmed  # long after the alert was resolved, too
        # Agents leave the baseline after review days only: all partitions do it on the same day.
        newly, self._left_out = sorted(apart - self._left_out), apart
        mature, early, least = self._mature.values(), self._early.values(), self._least_e_value
        return with_evidence(report, mature, early, newly, least, self.shadow())

    def _judge(self, day: Day) -> None:
        reported, review = self._reported.pop(day), self._reviews.pop(day)
        reported = self.roster.judged(day, reported, review.places, self._mature)
        # Before the day is judged: what people found by its end is known on every replay.
        honest, confirmed = self._closings.decide(review.decisions), self._closings.confirmed
        self._ended += [(Subject("agent", a), name, day) for name in honest for a in honest[name]]
        self.causes.judge(day, reported.batches, review, reported.left_out)
        for each in self.tiers:
            each.decide(day, honest.get(each.name, ()), confirmed)
        self._profiles.decide(honest)
        self.beside.requests.ask(day)
        alerts, left_out = list[Alert](), reported.left_out
        pending = self._pending.counters(day, self._windows)
        for name, tier in self._mature.items():
            batch, trials = reported.of(name)
            self._judged[name] = self._judged.get(name, 0) + len(batch.fresh)
            alerts += tier.judge(batch, trials, review, left_out, pending[name], self._seen)
        for name, early in self._early.items():
            at_risk = reported.exposures[name]
            alerts += early.judge(at_risk, review, left_out, pending[name], self._seen)
        alerts += self._profiles.judge(day, review.sold, review.shadow, self.roster.known)
        told = self._closings.told(with_group_alerts(alerts, review.groups), self._mature)
        about_groups, ended = self.groups.judge(day, review)
        self._ended += ended
        self.beside.judged(day, review.critical, confirmed, told)
        self._alerts += self.beside.noted(self.believed.checked(day, told + about_groups))
        self._pending.forget(day)
        if not self._reported:  # else days that wait hold numbers of names
            forget_names((tier.names, len(tier)) for tier in self._mature.values())
