"""The evidence of one pattern against the agents of one partition, open to late corrections.

Two tables of evidence are kept: the present one, and a checkpoint that trails it by the time within
which corrections are accepted, with the days between them. A correction changes the day it belongs
to and replays that agent, and him alone, from the checkpoint.
"""

from collections import deque
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.explanation import Explanation
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.outcomes import AgentId


class JudgedDay(Struct):
    """Outcomes of one day as they were applied, in canonical order, and restarts after them."""

    day: int
    rows: Integers
    probabilities: Reals
    outcomes: Booleans
    sale_ids: list[str]
    restarted: list[int]


class JudgedDayState(Struct, array_like=True):
    """A `JudgedDay` in a snapshot."""

    day: int
    rows: list[int]
    probabilities: list[float]
    outcomes: list[bool]
    sale_ids: list[str]
    restarted: list[int]


class BookState(Struct):
    """An `EvidenceBook` in a snapshot: agents in the order of their rows."""

    agents: list[AgentId]
    present: list[bytes]
    checkpoint: list[bytes]
    days: list[JudgedDayState]


class EvidenceBook:
    """Evidence per agent.

    Parameters
    ----------
    prior
        What is believed of an agent before his first outcome.
    correctable_days
        For how many days a judged outcome can still be corrected.
    """

    def __init__(self, prior: Prior, correctable_days: int) -> None:
        self._prior: Final = prior
        self._correctable_days: Final = correctable_days
        self._present = EvidenceTable(prior)
        self._checkpoint = EvidenceTable(prior)
        self._rows: dict[AgentId, int] = {}
        self._days: deque[JudgedDay] = deque()

    def __len__(self) -> int:
        return len(self._rows)

    def agents(self) -> list[AgentId]:
        """Give the agents in the order of their rows."""
        return list(self._rows)

    def row(self, agent_id: AgentId) -> int:
        """Give the row of an agent, making one for a new agent."""
        row = self._rows.get(agent_id)
        if row is None:
            row = self._rows[agent_id] = self._present.add()
            self._checkpoint.add()
        return row

    def judge(
        self,
        day: int,
        rows: Integers,
        probabilities: Reals,
        outcomes: Booleans,
        sale_ids: list[str],
    ) -> Reals:
        """Apply the outcomes of one day in the order given; give the evidence after each.

        The arrays are kept: the caller must not change them.
        """
        judged = JudgedDay(day, rows, probabilities, outcomes, sale_ids, [])
        evidence = _apply(self._present, judged)
        self._days.append(judged)
        while self._days[0].day < day - self._correctable_days:
            self._apply_with_restarts(self._checkpoint, self._days.popleft(), None)
        return evidence

    def correct(self, row: int, sale_id: str, *, bad: bool | None) -> int | None:
        """Change a judged outcome (None takes it back) and replay its agent.

        Gives the day on which it was judged; None, changing nothing, if that is too long ago.
        """
        for judged in reversed(self._days):
            for place in np.flatnonzero(judged.rows == row):
                if judged.sale_ids[place] == sale_id:
                    if bad is None:
                        judged.rows = np.delete(judged.rows, place)
                        judged.probabilities = np.delete(judged.probabilities, place)
                        judged.outcomes = np.delete(judged.outcomes, place)
                        del judged.sale_ids[place]
                    else:
                        judged.outcomes[place] = bad
                    self._replay(row)
                    return judged.day
        return None

    def restart(self, row: int) -> None:
        """Begin a new period for an agent after the outcomes of the day judged last."""
        self._present.restart(row)
        self._days[-1].restarted.append(row)

    def evidence(self) -> Reals:
        """Give the evidence of every row."""
        return self._present.evidence()

    def agent_days(self) -> Integers:
        """Give the agent-days of every row since its last restart."""
        return self._present.agent_days()

    def explanation(self, row: int) -> Explanation:
        """Say how strong the evidence against one agent is, and since when it speaks."""
        return self._present.explanation(row)

    def snapshot(self) -> BookState:
        """Give all of the state."""
        return BookState(
            agents=list(self._rows),
            present=[self._present.row_state(row) for row in range(len(self._rows))],
            checkpoint=[self._checkpoint.row_state(row) for row in range(len(self._rows))],
            days=[
                JudgedDayState(
                    judged.day,
                    judged.rows.tolist(),
                    judged.probabilities.tolist(),
                    judged.outcomes.tolist(),
                    list(judged.sale_ids),
                    list(judged.restarted),
                )
                for judged in self._days
            ],
        )

    def restore(self, state: BookState) -> None:
        """Take over a state given by `snapshot`, into a book that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the evidence was kept under another prior or by another version.
        """
        for agent_id, present, checkpoint in zip(
            state.agents, state.present, state.checkpoint, strict=True
        ):
            row = self.row(agent_id)
            self._present.load_row(row, present)
            self._checkpoint.load_row(row, checkpoint)
        for day in state.days:
            self._days.append(
                JudgedDay(
                    day.day,
                    np.array(day.rows, np.int64),
                    np.array(day.probabilities, np.float64),
                    np.array(day.outcomes, np.bool_),
                    day.sale_ids,
                    day.restarted,
                )
            )

    def _replay(self, row: int) -> None:
        self._present.assign(row, self._checkpoint, row)
        for judged in self._days:
            self._apply_with_restarts(self._present, judged, row)

    @staticmethod
    def _apply_with_restarts(table: EvidenceTable, judged: JudgedDay, row: int | None) -> None:
        """Apply a judged day once more, to all of its rows or to one."""
        if row is None:
            _apply(table, judged)
            for restarted in judged.restarted:
                table.restart(restarted)
            return
        his = judged.rows == row
        _apply(
            table,
            msgspec.structs.replace(
                judged,
                rows=judged.rows[his],
                probabilities=judged.probabilities[his],
                outcomes=judged.outcomes[his],
            ),
        )
        if row in judged.restarted:
            table.restart(row)


def _apply(table: EvidenceTable, judged: JudgedDay) -> Reals:
    days = np.full(judged.rows.size, judged.day, np.int64)
    return table.observe(judged.rows, days, judged.probabilities, judged.outcomes)
