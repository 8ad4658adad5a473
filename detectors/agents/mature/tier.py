"""The mature tier of one pattern, for one partition: from a day's outcomes to alerts."""

from collections.abc import Callable, Collection, Mapping
from math import ceil
from typing import Final

import numpy as np

from detectors.agents.alerting.agent_alert import AgentAlerts, AlertContext, EvidenceSummary
from detectors.agents.alerting.day_end import DayResult, due_alerts, largest_of_day
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.open_alerts import PERIOD
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.bad_outcomes import BadOutcomes
from detectors.agents.mature.correctable_evidence import CorrectableEvidence
from detectors.agents.mature.corrections import Corrections
from detectors.agents.mature.excused import Excused
from detectors.agents.mature.good_sums import GoodSums
from detectors.agents.mature.judgements import judgements
from detectors.agents.mature.sampling import Sampling, both, sampling_of
from detectors.agents.mature.tier_state import MatureTierState
from detectors.agents.null.shadow import Shadow
from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.residuals import Ever, Trials
from detectors.agents.totals.slots import SlotIndex
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.agents.totals.trial_slots import TrialSlots
from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.evidence.tempering import exponents as tempered
from detectors.messages.cell_columns import NOTHING_KNOWN
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import DayReview, ShadowCount
from detectors.messages.stake import Stake
from detectors.peers.stage import NO_DISCOVERIES


class MatureTier(TierBase):
    """Judges the outcomes of one pattern, a day at a time.

    Parameters
    ----------
    config
        The pattern, its threshold and the settings.

    Attributes
    ----------
    pattern
        The pattern.
    sampling
        How trials weigh that were not all seen.
    good
        What outcomes add up to, if agents are commended for those that are not bad.
    """

    def __init__(self, config: TierConfig) -> None:
        settings, threshold, index = config.settings, config.threshold, SlotIndex()
        super().__init__(config, OwnTotals(settings.peers, index))
        self.sampling: Sampling = sampling_of(config)
        self._smallest_rate_ratio: Final = settings.evidence.smallest_rate_ratio
        self._alerts: Final = AgentAlerts(config)
        self.pattern: Final = config.pattern
        prior = Prior(self._spread.between_agent_sd)
        correctable_days = int(seconds_of(settings.time.corrections_for) // DAY) + 2
        commends = config.kind == "agent" and self.name in settings.commended()
        self.good: Final = GoodSums() if commends else None
        self._evidence: Final = CorrectableEvidence(prior, correctable_days, self.good)
        self._shadow: Final = (
            Shadow(settings, EvidenceTable(prior), threshold, index)
            if settings.shadow_null.enabled and config.kind == "agent"
            else None
        )
        self.names: Final = TrialNames()
        self._slots: Final = TrialSlots(self.names, index, self._evidence.row)
        self._bad: Final = BadOutcomes()
        self._window_days: Final = ceil(seconds_of(config.pattern.window) / DAY)
        self._excused: Final = Excused()
        self._corrections: Final = Corrections(config, self._evidence, self._own, self._bad)
        self._corrected = self._corrections.doubt

    def __len__(self) -> int:
        """Count the agents that are judged."""
        return len(self._evidence)

    @property
    def shadow(self) -> ShadowCount | None:
        """The counts of the shadow null of this partition, or None without it."""
        return None if self._shadow is None else self._shadow.count

    def e_values(self) -> Reals:
        """Return evidence over period for every agent: e-values as of the day judged last."""
        return self._evidence.evidence() / np.maximum(PERIOD, self._evidence.agent_days())

    def strong(self, least: float) -> list[tuple[AgentId, float]]:
        """Return the agents whose e-value is `least` or more, each with it."""
        values = self.e_values()
        rows = np.flatnonzero(values >= least).tolist()
        agents = self._evidence.agents() if rows else []
        return [(agents[row], float(values[row])) for row in rows]

    def decide(self, day: Day, honest: Collection[AgentId], confirmed: Collection[AgentId]) -> None:
        """Let what people decided count, as in the other tier.

        What was sold until then, and becomes known only later, is what they have looked at: it is
        no evidence against an agent whom they found honest.
        """
        super().decide(day, honest, confirmed)
        rows = self._rows()
        for agent_id in honest:
            if agent_id in rows:
                self._excused.until[rows[agent_id]] = Day(day + self._window_days)

    def stakes(self, agent_id: AgentId, since: Day) -> tuple[Stake, ...]:
        """Return what is at stake in the latest bad outcomes judged on a day or later."""
        return self._bad.stakes(self._rows()[agent_id], since)

    def bad_sales(self, agent_id: AgentId) -> frozenset[str]:
        """Return the ids of the events of the sales among the latest bad outcomes of an agent."""
        row = self._rows().get(agent_id)
        return frozenset() if row is None else self._bad.sales(row)

    def judge(
        self,
        batch: DayBatch,
        trials: TrialColumns,
        review: DayReview,
        left_out: Collection[AgentId],
        pending: Callable[[AgentId], int],
        seen: list[Judgement] | None,
    ) -> list[Alert]:
        """Judge the outcomes of `review.day`; return the alerts that are due at its end.

        Parameters
        ----------
        batch
            The trials and corrections of the day.
        trials
            The trials in columns.
        review
            The review of the day by the peers stage.
        left_out
            The agents whose outcomes of the day are in nobody's baseline.
        pending
            Counts an agent's sales whose window has not passed at the end of the day.
        seen
            A list to which every judgement and correction is added, or None.
        """
        # The order matters. Discoveries go by the evidence before this day, as the review does; the
        # past of agents who are left out goes before anything is counted; and the day's outcomes
        # are counted before expectations are asked for, so that an agent's own can be left out.
        day, own, known = review.day, self._own, review.known.get(self.name, NOTHING_KNOWN)
        discovered = self._discovered(review.discovery_threshold)
        self._spread = review.spread.get(self.name, self._spread)
        own.begin(day)
        own.know(known.cells)
        for agent_id in left_out:
            self._evidence.row(agent_id)  # the first sale of an agent may be of today
        self._leave_out(left_out, calmed=review.calmed)
        corrected = list(
            self._corrections.apply(day, batch.corrections, self._left_out, self.sampling)
        )
        if seen is not None:
            seen.extend(corrected)
        if batch.is_empty:  # a gap in a log is thousands of such days
            self._pass_day(day)
            return self._close_day(review, self._evidence.evidence(), discovered, pending)
        judged, trials, slots = self._slots.of(in_columns(batch.fresh), trials)
        bad = trials.bad
        rows = own.index.row(slots)
        for position in np.flatnonzero(bad).tolist():
            self._bad.remember(int(rows[position]), day, judged[position])
        one_each, bad_ones = np.ones_like(slots), bad.astype(np.int64)
        counted = both(self._counted(rows), self.sampling.apart(judged))
        own.count(slots, one_each, bad_ones, counted)
        peers = known.of_peers()
        expected = own.compare(peers)
        exponents = tempered(self._spread.tempering, expected.inflations)
        self._weigh(day, slots, one_each, exponents, peers)
        exponents = self.sampling.weighed(judged, self._excused.weigh(day, rows, exponents))
        if not self.compared:  # without peers enough, nobody's outcomes weigh anything
            exponents = np.zeros_like(exponents)
        levels = self._evidence.judge(
            day,
            rows,
            expected.probabilities,
            exponents,
            bad,
            judged.sale_ids(),
            self._spread.between_agent_sd,
        )
        self._add_residuals(Trials(rows, one_each, bad_ones, expected.probabilities), exponents)
        if seen is not None:
            who = (self.name, self._kind, self._spread)
            seen.extend(judgements(who, day, judged, expected, exponents, levels))
        if self._shadow is not None:
            self._shadow.judge(day, self._rows(), slots, trials, counted, known, self._spread)
        largest = largest_of_day(self._evidence.evidence(), rows, levels)
        return self._close_day(review, largest, discovered, pending)

    def snapshot(self) -> MatureTierState:
        """Return the whole state; it shares records with this tier: encode it at once."""
        return MatureTierState(
            self._evidence.snapshot(),
            self._own.index.snapshot(),
            self._own.snapshot(),
            self._bad.state,
            self._open_alerts.state,
            sorted(self._left_out),
            sorted(self._guilty),
            self._dispersion.state,
            self._spread,
            None if self._shadow is None else self._shadow.snapshot(),
            self._excused.until,
            self._not_judged.state,
            sorted(self._outweighing.slots),
        )

    def restore(self, state: MatureTierState) -> None:
        """Restore a state that `snapshot` returned, into a tier that is still empty."""
        self._evidence.restore(state.evidence)
        self._own.index.restore(state.slots)
        self._own.restore(state.own)
        self._bad.state = state.bad
        self._open_alerts.state = state.open_alerts
        self._left_out, self._guilty = frozenset(state.left_out), frozenset(state.guilty)
        self._dispersion.state, self._spread = state.dispersion, state.spread
        if self._shadow is not None and state.shadow is not None:
            self._shadow.restore(state.shadow)
        self._excused.until, self._not_judged.state = state.excused, state.not_judged
        self._outweighing.slots = set(state.outweighing)

    def _pass_day(self, day: Day) -> None:
        """Do what is done on a day without outcomes as well."""
        self._evidence.pass_day(day, self._spread.between_agent_sd)
        if self._shadow is not None:
            self._shadow.pass_day(day, self._spread.between_agent_sd)

    def _rows(self) -> Mapping[AgentId, int]:
        return self._evidence.rows

    def _levels(self) -> Reals:
        return self._evidence.evidence()

    def _residuals(self) -> Ever:
        return self._evidence.residuals()

    def _discovered(self, threshold: float) -> frozenset[int]:
        if threshold == NO_DISCOVERIES or not self.may_be_critical:
            return frozenset()
        return frozenset(np.flatnonzero(self.e_values() >= threshold).tolist())

    def _add_residuals(self, trials: Trials, exponents: Integers) -> None:
        # A trial of exponent 0 was not applied as evidence, so it must not widen the spread either.
        if not exponents.all():
            rows, number, bad, expected = trials
            applied = exponents > 0
            trials = Trials(rows[applied], number[applied], bad[applied], expected[applied])
        self._dispersion.add(trials, self._residuals(), self._honest())

    def _close_day(
        self,
        review: DayReview,
        evidence: Reals,
        discovered: frozenset[int],
        pending: Callable[[AgentId], int],
    ) -> list[Alert]:
        agents = self._evidence.agents()

        def critical(row: int, summary: EvidenceSummary) -> bool:
            # In this order: the effect takes longer.
            return row in discovered and summary.is_notable(self._smallest_rate_ratio)

        return due_alerts(
            DayResult(review.day, agents, evidence, self._spread),
            self._evidence,
            self._open_alerts,
            self._alerts,
            critical=critical,
            stands_out=self.stands_out,
            doubt=self._doubt,
            context=lambda row, summary: AlertContext(
                pending(agents[row]),
                self._bad.event_ids(row, summary.start.day),
                review.shadow.get(self.name),
                self._bad.stakes(row, summary.start.day),
            ),
        )
