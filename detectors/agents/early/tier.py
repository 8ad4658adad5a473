"""The early tier of one pattern: warns of sales that end badly long before their window has passed.

`docs/statistics.md`, section 5, mode C. Every sale at risk counts on every day, by its age, against
how peers' sales of that age and cell ended on it. So bad outcomes do not come before the good ones:
a sale that goes on is a good outcome each day. The tier has a budget of its own and never accuses
(*critical* is for the mature tier); what a late event changes is left to the mature tier.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.agent_alert import AlertContext, EarlyAlerts
from detectors.agents.alerting.day_end import DayResult, due_alerts
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.not_judged import NotJudgedState
from detectors.agents.alerting.open_alerts import OpenAlerts, OpenAlertsState, alarms
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.alerting.tier_config import TierConfig
from detectors.agents.early.at_risk import DayExposure
from detectors.agents.early.evidence import EarlyDay, EarlyEvidence, EarlyEvidenceState
from detectors.agents.early.random_endings import RandomEndings
from detectors.agents.null.null_rows import NO_ROW, NullRows
from detectors.agents.totals.outweighing import OutweighingState
from detectors.agents.totals.residuals import Ever, Trials
from detectors.agents.totals.slots import SlotIndex, SlotsState
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell, SaleId
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.prior import Prior
from detectors.evidence.recursion import WHOLE
from detectors.messages.cell_columns import NOTHING_KNOWN, KnownTotals
from detectors.messages.outcomes import DayReview, Dispersion, ShadowCount, Spread
from detectors.patterns.early import mature_name
from detectors.peers.null_cutoffs import cutoffs_by_node
from detectors.peers.spread import first_spread

_NO_SALE: Final = SaleId("")
_NO_NUMBERS: Final = np.empty(0, np.int64)
_UNKNOWN: Final = -1


class EarlyTierState(Struct):
    """An `EarlyTier` in a snapshot; agents are in the order of their rows."""

    agents: list[AgentId]
    slots: SlotsState
    evidence: EarlyEvidenceState
    open_alerts: OpenAlertsState
    left_out: list[int]
    guilty: list[int]
    dispersion: Dispersion
    spread: Spread
    null: EarlyEvidenceState | None
    null_open_alerts: OpenAlertsState
    null_count: ShadowCount
    not_judged: NotJudgedState
    outweighing: OutweighingState


class EarlyTier(TierBase):
    """Judges what sales at risk do, a day at a time.

    Parameters
    ----------
    config
        The pattern, its threshold and the settings.
    """

    def __init__(self, config: TierConfig) -> None:
        settings, index = config.settings, SlotIndex()
        evidence = settings.evidence
        burst = settings.patterns.most_on_a_day()
        prior = Prior(first_spread(evidence).between_agent_sd)
        self._evidence: Final = EarlyEvidence(settings.peers, index, prior, burst)
        super().__init__(config, self._evidence.own)
        self._alerts: Final = EarlyAlerts(config)
        null = settings.shadow_null
        self._dealt: Final = RandomEndings(null.seed)
        self._null_rows: Final = NullRows(null.seed, null.one_in)
        self._null: Final = (
            EarlyEvidence(settings.peers, index, prior, burst) if null.enabled else None
        )
        self._null_open_alerts: Final = OpenAlerts(config.threshold, evidence)
        self._null_count = ShadowCount()
        self._row_of: dict[AgentId, int] = {}
        self._rows_known: tuple[Sequence[AgentId], Integers] = ((), _NO_NUMBERS)
        self._nodes_known: tuple[Sequence[Cell], int, Integers] = ((), 0, _NO_NUMBERS)

    @property
    def shadow(self) -> ShadowCount | None:
        """The counts of the shadow null of this partition, or None without it."""
        return None if self._null is None else self._null_count

    def judge(
        self,
        exposure: DayExposure,
        review: DayReview,
        left_out: Collection[AgentId],
        pending: Callable[[AgentId], int],
        seen: list[Judgement] | None,
    ) -> list[Alert]:
        """Judge the sales at risk on `review.day`; return the alerts that are due at its end.

        The arguments are those of `MatureTier.judge`.
        """
        self._spread = self._spread_of(review)
        known = review.known.get(self.name, NOTHING_KNOWN)
        own = self._own
        own.begin(review.day)
        own.know(known.cells)
        slots = self._slots(exposure)
        rows = own.index.row(slots)
        self._leave_out(left_out, calmed=review.calmed)
        counted = self._counted(rows)
        self._evidence.table.add_up_to(len(self._row_of) - 1)
        if exposure.is_empty:
            return self._pass_day(review, pending)
        peers = known.of_peers()
        at_risk = (rows, slots, exposure.at_risk, exposure.ended, counted)
        judged = self._evidence.judge(review.day, *at_risk, peers, self._spread)
        exponents = judged.agents.exponents[np.searchsorted(judged.agents.rows, rows)]
        self._weigh(review.day, slots, exposure.at_risk, exponents, peers)
        honest = self._honest()
        # A day of exponent 0 was not applied as evidence, so it must not widen the spread either.
        honest[judged.agents.rows[judged.agents.exponents == 0]] = False
        trials = Trials(rows, exposure.at_risk, judged.agents.counted, judged.probabilities)
        self._dispersion.add(trials, self._residuals(), honest)
        if seen is not None:
            seen.extend(self._judgements(exposure, rows, judged))
        if self._null is not None:
            null_rows = self._null_rows.of(self._row_of)[rows]
            dealt = null_rows != NO_ROW if counted is None else counted & (null_rows != NO_ROW)
            chosen = np.flatnonzero(dealt)
            self._judge_null(self._null, exposure, chosen, null_rows[chosen], slots[chosen], known)
        return self._close_day(review, pending)

    def _pass_day(self, review: DayReview, pending: Callable[[AgentId], int]) -> list[Alert]:
        """End a day without a sale at risk: what `judge` would do of it, and no more."""
        self._evidence.table.reweight(self._spread.between_agent_sd)
        if self._null is not None:
            self._null.own.begin(review.day)
            self._null.table.reweight(self._spread.between_agent_sd)
            self._count_alarms(self._null, review.day, 0)
        return self._close_day(review, pending)

    def snapshot(self) -> EarlyTierState:
        """Return the whole state; it shares records with this tier: encode it at once."""
        return EarlyTierState(
            list(self._row_of),
            self._own.index.snapshot(),
            self._evidence.snapshot(),
            self._open_alerts.state,
            sorted(self._left_out),
            sorted(self._guilty),
            self._dispersion.state,
            self._spread,
            None if self._null is None else self._null.snapshot(),
            self._null_open_alerts.state,
            self._null_count,
            self._not_judged.state,
            sorted(self._outweighing.slots),
        )

    def restore(self, state: EarlyTierState) -> None:
        """Restore a state that `snapshot` returned, into a tier that is still empty."""
        self._row_of = {agent_id: row for row, agent_id in enumerate(state.agents)}
        self._own.index.restore(state.slots)
        self._evidence.restore(state.evidence)
        self._open_alerts.state = state.open_alerts
        self._left_out, self._guilty = frozenset(state.left_out), frozenset(state.guilty)
        self._dispersion.state, self._spread = state.dispersion, state.spread
        if self._null is not None and state.null is not None:
            self._null.restore(state.null)
        self._null_open_alerts.state, self._null_count = state.null_open_alerts, state.null_count
        self._not_judged.state = state.not_judged
        self._outweighing.slots = set(state.outweighing)

    def _rows(self) -> Mapping[AgentId, int]:
        return self._row_of

    def _levels(self) -> Reals:
        return self._evidence.table.evidence()

    def _residuals(self) -> Ever:
        return self._evidence.table.residuals()

    def _spread_of(self, review: DayReview) -> Spread:
        """Return the spread in force; tempered at least as much as the same sales at maturity.

        Sales of one day that go bad together do so on different days: the correlation among the
        endings of a day shows only part of it.
        """
        own = review.spread.get(self.name, self._spread)
        mature = review.spread.get(mature_name(self.name), own)
        return Spread(own.between_agent_sd, min(own.tempering, mature.tempering))

    def _slots(self, exposure: DayExposure) -> Integers:
        """Return the slot of each group's agent and cell, making those that are new."""
        # `AtRisk` keeps the tuples of names while they stay the same, so identity spares a look-up
        # of every name on every day.
        if exposure.agent_names is not self._rows_known[0]:
            known = self._row_of
            rows = [known.setdefault(name, len(known)) for name in exposure.agent_names]
            self._rows_known = exposure.agent_names, np.array(rows, np.int64)
        index = self._own.index
        names, size = exposure.cell_names, len(index.tree)
        # Where the tree has grown, what counted in a wider cell may have one of its own now.
        if names is not self._nodes_known[0] or size > self._nodes_known[1]:
            self._nodes_known = names, size, np.full(len(names), _UNKNOWN, np.int64)
        rows_of, nodes_of = self._rows_known[1], self._nodes_known[2]
        used = nodes_of[exposure.cells]
        if (used == _UNKNOWN).any():  # there are names for every age: few of them are used
            new = np.unique(exposure.cells[used == _UNKNOWN])
            nodes_of[new] = index.tree.nearest_of([names[cell] for cell in new.tolist()])
        return index.slots(rows_of[exposure.agents], nodes_of[exposure.cells])

    def _judgements(
        self, exposure: DayExposure, rows: Integers, judged: EarlyDay
    ) -> Iterator[Judgement]:
        agents = judged.agents
        levels = dict(zip(agents.rows.tolist(), judged.evidence.tolist(), strict=True))
        exponents = dict(zip(agents.rows.tolist(), agents.exponents.tolist(), strict=True))
        for row, agent, cell, at_risk, ended, expected in zip(
            rows.tolist(),
            exposure.agents.tolist(),
            exposure.cells.tolist(),
            exposure.at_risk.tolist(),
            agents.counted.tolist(),
            judged.probabilities.tolist(),
            strict=True,
        ):
            yield Judgement(
                self.name,
                exposure.agent_names[agent],
                exposure.day,
                _NO_SALE,
                exposure.cell_names[cell],
                expected,
                ended > 0,
                levels[row],
                self._spread.between_agent_sd,
                exponents[row] / WHOLE,
                at_risk,
                ended,
            )

    def _judge_null(
        self,
        null: EarlyEvidence,
        exposure: DayExposure,
        chosen: Integers,
        rows: Integers,
        slots: Integers,
        known: KnownTotals,
    ) -> None:
        """Judge the sales at risk as if they had ended by chance, as often as in their cell.

        Those of the groups that are `chosen`, with their rows in the null and their slots.
        """
        index = self._own.index
        limits = cutoffs_by_node(index.tree, known)[index.node(slots)]
        ended = self._dealt.of(exposure, chosen, limits)
        null.own.begin(exposure.day)
        null.table.add_up_to(len(self._null_rows) - 1)
        judged = null.judge(
            exposure.day,
            rows,
            slots,
            exposure.at_risk[chosen],
            ended,
            None,
            known.of_everybody(),
            self._spread,
        )
        self._count_alarms(null, exposure.day, judged.agents.rows.size)

    def _count_alarms(self, null: EarlyEvidence, day: Day, agent_days: int) -> None:
        """End a day of the null, on which so many agents were judged."""
        table, sd, count = null.table, self._spread.between_agent_sd, self._null_count
        alarmed = alarms(self._null_open_alerts, day, table, table.evidence(), sd)
        self._null_count = ShadowCount(count.alarms + alarmed, count.agent_days + agent_days)

    def _close_day(self, review: DayReview, pending: Callable[[AgentId], int]) -> list[Alert]:
        agents, null = list(self._row_of), review.shadow.get(self.name)
        return due_alerts(
            DayResult(review.day, agents, self._evidence.table.evidence(), self._spread),
            self._evidence.table,
            self._open_alerts,
            self._alerts,
            critical=lambda _row, _summary: False,
            stands_out=self.stands_out,
            doubt=self._doubt,
            context=lambda row, _summary: AlertContext(pending(agents[row]), (), null),
        )
