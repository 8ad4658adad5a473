"""Evidence from the sales that agents have at risk, a day at a time; true or dealt by chance."""

from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.early.agent_days import AgentDays, Groups, agent_days
from detectors.agents.totals.own_totals import OwnTotals, OwnTotalsState
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.event_time import Day
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.prior import Prior
from detectors.evidence.rows import EvidenceRowsState
from detectors.messages.cell_columns import CellTable
from detectors.messages.outcomes import Spread
from detectors.peer_settings import PeerSettings


class EarlyEvidenceState(Struct):
    """An `EarlyEvidence` in a snapshot."""

    own: OwnTotalsState
    table: EvidenceRowsState


class EarlyDay(Struct, frozen=True):
    """A day as it was judged.

    ``probabilities`` are of groups of sales alike, ``evidence`` is of the agents of ``agents``.
    """

    probabilities: Reals
    agents: AgentDays
    evidence: Reals


class EarlyEvidence:
    """Own totals and evidence of all agents of one partition, in the early tier.

    Parameters
    ----------
    peers
        Whom an agent is compared with.
    index
        The slots of agents and cells.
    prior
        The belief about an agent at first.
    burst
        How many bad endings of one agent and day are a burst.
    """

    def __init__(self, peers: PeerSettings, index: SlotIndex, prior: Prior, burst: int) -> None:
        self._burst: Final = burst
        self.own: Final = OwnTotals(peers, index)
        self.table: Final = EarlyEvidenceTable(prior)

    def judge(
        self,
        day: Day,
        rows: Integers,
        slots: Integers,
        at_risk: Integers,
        ended: Integers,
        counted: Booleans | None,
        known: CellTable,
        spread: Spread,
    ) -> EarlyDay:
        """Judge one day, which `own` has begun: groups of sales at risk, and how many ended badly.

        `rows` are those of the groups, and there in the table. `counted` is False for groups of
        agents who are in nobody's baseline.
        """
        own, table = self.own, self.table
        own.count(slots, at_risk, ended, counted)
        expected = own.compare(known)
        probabilities, inflations = expected.probabilities, expected.inflations
        groups = Groups(rows, at_risk, ended, probabilities, inflations)
        of_agents = agent_days(groups, len(table), spread.tempering, self._burst)
        # Before the day's outcomes: a spread may only be chosen from earlier days (see `reweight`).
        table.reweight(spread.between_agent_sd)
        evidence = table.observe(
            of_agents.rows,
            np.full(of_agents.rows.size, day, np.int64),
            of_agents.expected,
            of_agents.ended,
            exponents=of_agents.exponents,
        )
        return EarlyDay(probabilities, of_agents, evidence)

    def snapshot(self) -> EarlyEvidenceState:
        """Return the whole state."""
        return EarlyEvidenceState(self.own.snapshot(), self.table.snapshot())

    def restore(self, state: EarlyEvidenceState) -> None:
        """Restore a state that `snapshot` returned, into evidence that is still empty."""
        self.own.restore(state.own)
        self.table.restore(state.table)
