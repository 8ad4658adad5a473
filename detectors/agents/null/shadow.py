"""The shadow null of one pattern: the same judgement on outcomes that were dealt at random.

Within a day and peer cell the bad outcomes go to the trials with the smallest random keys. So no
agent deserves an alert, and the number of alerts is a live and honest estimate of false alarms
(`docs/statistics.md`, section 8). It shows how well batches, shocks and the market are modelled;
agents who honestly differ are alike here, so it shows nothing of them. Late corrections are not
dealt.
"""

from collections.abc import Collection
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.day_end import largest_of_day
from detectors.agents.alerting.open_alerts import OpenAlerts, OpenAlertsState, alarms
from detectors.agents.null.null_rows import NO_ROW, NullRows
from detectors.agents.null.random_keys import dealt_bad
from detectors.agents.totals.own_totals import OwnTotals, OwnTotalsState
from detectors.agents.totals.slots import SlotIndex
from detectors.agents.totals.trial_names import TrialColumns
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Booleans, Integers
from detectors.evidence.rows import EvidenceRowsState
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.evidence.tempering import exponents as tempered
from detectors.messages.cell_columns import KnownTotals
from detectors.messages.outcomes import ShadowCount, Spread
from detectors.peers.null_cutoffs import cutoffs_by_node
from detectors.settings import Settings


class ShadowState(Struct):
    """A `Shadow` in a snapshot."""

    own: OwnTotalsState
    table: EvidenceRowsState
    open_alerts: OpenAlertsState
    count: ShadowCount


class Shadow:
    """Judges outcomes that were dealt at random, and counts how often that raises an alarm.

    Slots are those of the true tier, whose `index` it shares; rows are those of `NullRows`.
    """

    def __init__(
        self, settings: Settings, table: EvidenceTable, threshold: float, index: SlotIndex
    ) -> None:
        self._own: Final = OwnTotals(settings.peers, index)
        null = settings.shadow_null
        self._rows: Final = NullRows(null.seed, null.one_in)
        self._table: Final = table
        self._open_alerts: Final = OpenAlerts(threshold, settings.evidence)
        self._alarms = 0
        self._agent_days = 0

    @property
    def count(self) -> ShadowCount:
        """How many alarms were raised so far, in how many agent-days."""
        return ShadowCount(self._alarms, self._agent_days)

    def judge(
        self,
        day: Day,
        agents: Collection[AgentId],
        slots: Integers,
        trials: TrialColumns,
        counted: Booleans | None,
        known: KnownTotals,
        spread: Spread,
    ) -> None:
        """Judge the trials of a day with the bad outcomes dealt by their random keys.

        Those that are not `counted` for others have no part in it; None: all are. `agents` are all
        of the true tier, in the order of their rows.
        """
        own, table = self._own, self._table
        tree, rows = own.index.tree, self._rows.of(agents)[own.index.row(slots)]
        judged = rows != NO_ROW if counted is None else counted & (rows != NO_ROW)
        random_keys = trials.random_keys
        if not judged.all():
            slots, random_keys, rows = slots[judged], random_keys[judged], rows[judged]
        bad = dealt_bad(random_keys, cutoffs_by_node(tree, known)[own.index.node(slots)])
        table.add_up_to(int(rows.max(initial=-1)))
        own.begin(day)
        own.count(slots, np.ones_like(slots), bad.astype(np.int64))
        expected = own.compare(known.of_everybody())
        table.reweight(spread.between_agent_sd)
        exponents = tempered(spread.tempering, expected.inflations)
        days = np.full(rows.size, day, np.int64)
        levels = table.observe(rows, days, expected.probabilities, bad, exponents=exponents)
        self._agent_days += int(np.count_nonzero(np.bincount(rows[exponents > 0])))
        largest = largest_of_day(table.evidence(), rows, levels)
        self._alarms += alarms(self._open_alerts, day, table, largest, spread.between_agent_sd)

    def pass_day(self, day: Day, between_agent_sd: float) -> None:
        """Do what `judge` does for a day without trials."""
        self._own.begin(day)
        table = self._table
        table.reweight(between_agent_sd)
        self._alarms += alarms(self._open_alerts, day, table, table.evidence(), between_agent_sd)

    def snapshot(self) -> ShadowState:
        """Return the whole state; it shares records with this object: encode it at once."""
        table = self._table.snapshot()
        return ShadowState(self._own.snapshot(), table, self._open_alerts.state, self.count)

    def restore(self, state: ShadowState) -> None:
        """Restore a state that `snapshot` returned, into a shadow that is still empty."""
        self._own.restore(state.own)
        self._table.restore(state.table)
        self._open_alerts.state = state.open_alerts
        self._alarms, self._agent_days = state.count.alarms, state.count.agent_days
