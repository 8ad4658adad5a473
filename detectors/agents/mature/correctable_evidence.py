"""The evidence of one pattern against the agents of one partition, open to late corrections.

Three tables of evidence are kept: the present one and two checkpoints, copies of it as it was some
days ago, with the days since the older one. Whenever the newer one is as old as a correction may
reach back, it replaces the older one, and the present table is copied once more. A correction
changes the day it belongs to and replays that agent alone from a checkpoint before it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from detectors.agents.mature.good_sums import GoodSums, GoodSumsState
from detectors.agents.mature.judged_day import (
    JudgedDay,
    JudgedDayState,
    day_without_outcomes,
    restored,
    saved,
)
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, SaleId
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.explanation import EvidenceExplanation
from detectors.evidence.prior import Prior
from detectors.evidence.rows import EvidenceRowsState
from detectors.evidence.shiryaev_roberts import EvidenceTable


class CorrectableEvidenceState(Struct):
    """A `CorrectableEvidence` in a snapshot: agents in the order of their rows.

    ``tables`` are the older checkpoint, the newer and the present table. ``days`` are those since
    each checkpoint.
    """

    agents: list[AgentId]
    tables: list[EvidenceRowsState]
    days: list[list[JudgedDayState]]
    good: GoodSumsState | None = None


class CorrectableEvidence:
    """Evidence per agent, whose outcomes of the last days can be corrected.

    Parameters
    ----------
    prior
        The belief about an agent until the first day is judged; then the spread of the day.
    correctable_days
        For how many days a judged outcome can still be corrected.
    good
        What the outcomes add up to, for commendations, if these are asked for.
    """

    def __init__(self, prior: Prior, correctable_days: int, good: GoodSums | None = None) -> None:
        self._correctable_days: Final = correctable_days
        self._good: Final = good
        self._present = EvidenceTable(prior)
        self._newer, self._older = self._present.copy(), self._present.copy()
        self._since_newer: list[JudgedDay] = []
        self._since_older: list[JudgedDay] = []
        self._rows: dict[AgentId, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> Mapping[AgentId, int]:
        """The row of each agent, in the order of rows."""
        return self._rows

    def agents(self) -> list[AgentId]:
        """Return the agents in the order of their rows."""
        return list(self._rows)

    def row(self, agent_id: AgentId) -> int:
        """Return the row of an agent, making one for a new agent."""
        row = self._rows.get(agent_id)
        if row is None:
            row = self._rows[agent_id] = self._present.add()
        return row

    def judge(
        self,
        day: Day,
        rows: Integers,
        probabilities: Reals,
        exponents: Integers,
        outcomes: Booleans,
        sale_ids: list[SaleId],
        between_agent_sd: float,
    ) -> Reals:
        """Apply the outcomes of one day in their order; return the evidence after each.

        Before them, every row is reweighted to `between_agent_sd`, also rows without an outcome on
        the day. `exponents` are in sixteenths, as in `EvidenceTable.observe`. The arrays are kept:
        the caller must not change them.
        """
        spreads = self._begin(day, between_agent_sd)
        judged = JudgedDay(day, spreads, rows, probabilities, exponents, outcomes, sale_ids, [], {})
        self._since_newer.append(judged)
        if self._good is not None:
            self._good.add(day, rows, probabilities, exponents, outcomes)
        return _apply(self._present, judged)

    def pass_day(self, day: Day, between_agent_sd: float) -> None:
        """Do what `judge` does for a day without outcomes."""
        spreads = self._begin(day, between_agent_sd)
        self._since_newer.append(day_without_outcomes(day, spreads))
        if self._good is not None:
            self._good.begin(day)

    def _begin(self, day: Day, between_agent_sd: float) -> int:
        """Begin a day; return how many spreads of honest agents have been in force with its own."""
        # The older checkpoint may go once the newer one is older than every correction that can
        # still come. So a replay covers about twice the correctable days, at most.
        first = self._since_newer[0].day if self._since_newer else day
        if first < day - self._correctable_days:
            self._older, self._since_older = self._newer, self._since_newer
            self._newer, self._since_newer = self._present.copy(), []
        self._present.reweight(between_agent_sd)
        return self._present.spreads

    def correct(self, row: int, sale_id: SaleId, *, bad: bool | None) -> Day | None:
        """Change a judged outcome (None withdraws it) and replay its agent.

        Return the day on which it was judged; None, changing nothing, if that is too long ago.
        """
        days = [*self._since_older, *self._since_newer]
        for judged in reversed(days):
            if judged.day < days[-1].day - self._correctable_days:
                break
            for position in np.flatnonzero(judged.rows == row):
                if judged.sale_ids[position] == sale_id:
                    self._correct_good(judged, int(position), bad=bad)
                    if bad is None:
                        judged.rows = np.delete(judged.rows, position)
                        judged.probabilities = np.delete(judged.probabilities, position)
                        judged.exponents = np.delete(judged.exponents, position)
                        judged.outcomes = np.delete(judged.outcomes, position)
                        del judged.sale_ids[position]
                    else:
                        judged.outcomes[position] = bad
                    self._replay(row, judged.day)
                    return judged.day
        return None

    def _correct_good(self, judged: JudgedDay, position: int, *, bad: bool | None) -> None:
        if self._good is not None:
            self._good.correct(
                int(judged.rows[position]),
                judged.day,
                float(judged.probabilities[position]),
                int(judged.exponents[position]),
                was=bool(judged.outcomes[position]),
                bad=bad,
            )

    def restart(self, row: int) -> None:
        """Restart the evidence of an agent after the outcomes of the day judged last."""
        self._present.restart(row)
        self._since_newer[-1].restarted.append(row)

    def lower(self, row: int, evidence: float) -> None:
        """Let an agent have no more than so much evidence after the day judged last."""
        self._present.lower(row, evidence)
        self._since_newer[-1].lowered[row] = evidence

    def evidence(self) -> Reals:
        """Return the evidence of every row."""
        return self._present.evidence()

    def agent_days(self) -> Integers:
        """Return the agent-days of every row since its last restart."""
        return self._present.agent_days()

    def residuals(self) -> tuple[Integers, Reals, Reals]:
        """Give, for every row, bad outcomes observed, expected, and their variance among peers."""
        return self._present.residuals()

    def explanation(self, row: int) -> EvidenceExplanation:
        """Return how strong the evidence against one agent is, and from which day on."""
        return self._present.explanation(row)

    def levels(self, row: int) -> Iterator[tuple[Day, float]]:
        """Yield the largest evidence of an agent on each day, as corrected until now.

        From the older checkpoint on, so from before all that can still be corrected.
        """
        older, _, present = self._tables()
        table = present.alone(older, row)
        for judged in (*self._since_older, *self._since_newer):
            standing = table.evidence().tolist()
            yield judged.day, max(self._apply_again(table, 0, judged, row).tolist() or standing)

    def snapshot(self) -> CorrectableEvidenceState:
        """Return the whole state."""
        return CorrectableEvidenceState(
            agents=list(self._rows),
            tables=[table.snapshot() for table in self._tables()],
            days=[
                [saved(judged) for judged in days]
                for days in (self._since_older, self._since_newer)
            ],
            good=None if self._good is None else self._good.snapshot(),
        )

    def restore(self, state: CorrectableEvidenceState) -> None:
        """Restore a state that `snapshot` returned, into an object that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the evidence was kept by another version.
        """
        self._rows = {agent_id: row for row, agent_id in enumerate(state.agents)}
        for table, saved_table in zip(self._tables(), state.tables, strict=True):
            table.restore(saved_table)
        self._since_older, self._since_newer = ([restored(day) for day in d] for d in state.days)
        if self._good is not None and state.good is not None:
            self._good.restore(state.good)

    def _tables(self) -> tuple[EvidenceTable, ...]:
        """Return all tables with a row for everybody; checkpoints get it when they are needed."""
        for table in (self._older, self._newer):
            table.add_up_to(len(self._rows) - 1)
        return self._older, self._newer, self._present

    def _replay(self, row: int, day: Day) -> None:
        """Recompute a row after one of the judged days has changed."""
        # The newer checkpoint holds only days before its first one: a later change leaves it right.
        older, newer, present = self._tables()
        if day < self._since_newer[0].day:
            self._recompute(newer, row, older, self._since_older)
        self._recompute(present, row, newer, self._since_newer)

    def _recompute(
        self, table: EvidenceTable, row: int, before: EvidenceTable, days: list[JudgedDay]
    ) -> None:
        table.assign(row, before, row)
        for judged in days:
            self._apply_again(table, row, judged, row)

    @staticmethod
    def _apply_again(table: EvidenceTable, place: int, judged: JudgedDay, row: int) -> Reals:
        """Apply a judged day of an agent once more, at a `place`; return the evidence then."""
        own = judged.rows == row
        levels = _apply(
            table,
            msgspec.structs.replace(
                judged,
                rows=np.full(np.count_nonzero(own), place, np.int64),
                probabilities=judged.probabilities[own],
                exponents=judged.exponents[own],
                outcomes=judged.outcomes[own],
            ),
        )
        if row in judged.restarted:
            table.restart(place)
        if row in judged.lowered:
            table.lower(place, judged.lowered[row], judged.spreads)
        return levels


def _apply(table: EvidenceTable, judged: JudgedDay) -> Reals:
    days = np.full(judged.rows.size, judged.day, np.int64)
    return table.observe(
        judged.rows,
        days,
        judged.probabilities,
        judged.outcomes,
        exponents=judged.exponents,
        spreads=judged.spreads,
    )
