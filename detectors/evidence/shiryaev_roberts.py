"""The hierarchical Shiryaev-Roberts e-detector over a table of agents.

Statistics notes, section 4; Shin, Ramdas and Rinaldo, E-detectors, NEJSDS 2024. For honest agents,
taken together, evidence minus agent-days is a martingale: a threshold c raises at most one false
alarm in c agent-days on average, and evidence divided by a fixed number of agent-days that it
never exceeds is an e-value whenever it is looked at.
"""

from typing import Final

import numpy as np

from detectors.evidence import row_format
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.explanation import Counts, Explanation, LikelyStart
from detectors.evidence.prior import LEVELS, ODDS_RATIOS, RATIO_WEIGHT, Prior
from detectors.evidence.recursion import Batch, Model, State, apply_outcomes

LEAST_PROBABILITY: Final = 1e-12
"""Expectations are refused nearer than this to 0 and to 1: one outcome would say everything."""

FINITE_EVIDENCE: Final = 1e100
"""Beyond it a factor could leave the range of the numbers."""

LARGEST_EVIDENCE: Final = 1e9
"""Where evidence is held by default; holding it down only ever understates it.

It is more than any decision asks for: it makes a lone discovery among 270,000 agents at a false
discovery rate of 0.1 and a period of 365 days. An agent who has turned honest falls from it below a
warning threshold of 73,000 within some 30 to 190 sales (medians after 15 to 40 % against 5 %); not
held, one who had been dishonest for long would in effect never fall.
"""

NO_DAY: Final = int(np.iinfo(np.int64).min)
"""`State.last_day` before the first outcome."""


class EvidenceTable:
    """Evidence of many agents, one row each.

    Rows are numbered from 0 in the order of `add`. `capacity` is the number of rows to make room
    for at first; the table doubles when it is full. A row takes about 2.3 kB. The evidence of a row
    is held at `largest_evidence`.

    Raises
    ------
    ValueError
        If `capacity` is below 1, or `largest_evidence` not above 0 and at most `FINITE_EVIDENCE`.

    """

    def __init__(
        self, prior: Prior, capacity: int = 64, largest_evidence: float = LARGEST_EVIDENCE
    ) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        if not 0.0 < largest_evidence <= FINITE_EVIDENCE:
            raise ValueError(
                f"largest_evidence must be above 0 and at most {FINITE_EVIDENCE:g}, "
                f"not {largest_evidence}"
            )
        self._prior: Final = prior
        self._model: Final = Model(
            prior.honest_factors(), prior.dishonest_factors(), RATIO_WEIGHT, largest_evidence
        )
        self._first_belief: Final = prior.weights()
        self._state = _empty(capacity)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def prior(self) -> Prior:
        """What every row believed before its first outcome."""
        return self._prior

    def add(self) -> int:
        """Make a row for a new agent and give its number."""
        row = self._length
        if row == self._state.evidence.size:
            room = _empty(2 * row)
            for larger, full in zip(room, self._state, strict=True):
                larger[:row] = full
            self._state = room
        self._state.belief[row] = self._first_belief
        self._state.last_day[row] = NO_DAY
        self._length = row + 1
        return row

    def observe(
        self,
        rows: Integers,
        days: Integers,
        probabilities: Reals,
        outcomes: Booleans,
        evidence_out: Reals | None = None,
    ) -> Reals:
        """Apply outcomes one after the other and give each row's evidence right after each.

        Outcome i (True is the bad one) belongs to agent `rows[i]` and event day `days[i]`; peers
        would have had it with probability `probabilities[i]`. A row takes in a new possible start
        on every outcome whose day is not the day of its last one. All arguments are arrays of one
        length; results do not depend on how the outcomes are cut into calls.

        `evidence_out`, if given, is filled and returned: it spares the caller an allocation.

        Raises
        ------
        ValueError
            If an argument has the wrong shape or element type, a row does not exist, or a
            probability is not within `LEAST_PROBABILITY` and 1 - `LEAST_PROBABILITY`. The message
            names the argument; no outcome has been applied.

        """
        size = rows.size
        if evidence_out is None:
            evidence_out = np.empty(size)
        elif not (evidence_out.flags.c_contiguous and evidence_out.flags.writeable):
            raise ValueError("evidence_out must be contiguous and writeable")
        _check_form("rows", rows, np.int64, size)
        _check_form("days", days, np.int64, size)
        _check_form("probabilities", probabilities, np.float64, size)
        _check_form("outcomes", outcomes, np.bool_, size)
        _check_form("evidence_out", evidence_out, np.float64, size)
        if size == 0:
            return evidence_out
        if rows.min() < 0 or rows.max() >= self._length:
            raise ValueError(f"rows must lie within 0 and {self._length - 1}")
        if not (
            probabilities.min() >= LEAST_PROBABILITY
            and probabilities.max() <= 1.0 - LEAST_PROBABILITY
        ):
            raise ValueError(
                f"probabilities must lie within {LEAST_PROBABILITY:g} and "
                f"1 - {LEAST_PROBABILITY:g}, and be numbers",
            )
        batch = Batch(
            np.require(rows, requirements=["C", "W"]),
            np.require(days, requirements=["C", "W"]),
            np.require(probabilities, requirements=["C", "W"]),
            np.require(outcomes, requirements=["C", "W"]),
            evidence_out,
        )
        apply_outcomes(self._state, self._model, batch)
        return evidence_out

    def evidence(self) -> Reals:
        """Give a copy of the evidence M of every row."""
        return self._state.evidence[: self._length].copy()

    def agent_days(self) -> Integers:
        """Give a copy of the agent-days of every row since its last restart."""
        return self._state.agent_days[: self._length].copy()

    def belief(self, row: int) -> Reals:
        """Give a copy of the posterior of the row's honest level, shape (LEVELS,), sum 1."""
        posterior: Reals = self._state.belief[self._existing(row)].copy()
        return posterior

    def totals(self, row: int) -> Counts:
        """Give the row's outcomes since it was made; a restart does not touch them."""
        state, row = self._state, self._existing(row)
        return Counts(
            int(state.outcomes[row]), int(state.observed[row]), float(state.expected[row])
        )

    def explanation(self, row: int) -> Explanation:
        """Say how strong the evidence against one agent is, and since when it speaks."""
        state, row = self._state, self._existing(row)
        agent_days = int(state.agent_days[row])
        return Explanation(
            evidence=float(state.evidence[row]),
            agent_days=agent_days,
            start=self._likely_start(row) if agent_days else None,
        )

    def _likely_start(self, row: int) -> LikelyStart:
        state = self._state
        ratio, level = divmod(int(state.best[row].argmax()), LEVELS)
        cell = row, ratio, level
        return LikelyStart(
            day=int(state.best_day[cell]),
            since=Counts(
                outcomes=int(state.outcomes[row] - state.best_outcomes[cell]),
                observed=int(state.observed[row] - state.best_observed[cell]),
                expected=float(state.expected[row] - state.best_expected[cell]),
            ),
            odds_ratio=ODDS_RATIOS[int(state.mixture[row].sum(axis=1).argmax())],
        )

    def restart(self, row: int) -> None:
        """Forget the evidence and count agent-days from 0; keep the posterior and the totals.

        The day of the latest outcome stays taken: the next start is the next day's.
        """
        state, row = self._state, self._existing(row)
        for array in (
            state.mixture,
            state.best,
            state.best_day,
            state.best_outcomes,
            state.best_observed,
            state.best_expected,
            state.evidence,
            state.agent_days,
        ):
            array[row] = 0

    def assign(self, row: int, source: "EvidenceTable", source_row: int) -> None:
        """Make `row` equal to `source_row` of `source`, which may be this table.

        Raises
        ------
        ValueError
            If the two tables have different priors.

        """
        if source.prior != self._prior:
            raise ValueError(f"source has another prior: {source.prior}, not {self._prior}")
        row, source_row = self._existing(row), source._existing(source_row)  # noqa: SLF001 - of its own class
        for own, other in zip(self._state, source._state, strict=True):  # noqa: SLF001 - of its own class
            own[row] = other[source_row]

    def row_state(self, row: int) -> bytes:
        """Give all of a row as about 1 kB; equal rows give equal bytes."""
        return row_format.pack(self._state, self._existing(row), self._prior)

    def load_row(self, row: int, snapshot: bytes) -> None:
        """Make `row` equal, bit for bit, to the row that `row_state` saved.

        Raises
        ------
        IncompatibleSnapshot
            If `snapshot` is of another kind, version or prior, or damaged; `row` is unchanged.

        """
        row_format.unpack(snapshot, self._state, self._existing(row), self._prior)

    def _existing(self, row: int) -> int:
        if not 0 <= row < self._length:
            raise IndexError(f"row {row} does not exist: the table has {self._length}")
        return row


def _empty(rows: int) -> State:
    grid = (rows, len(ODDS_RATIOS), LEVELS)
    return State(
        belief=np.zeros((rows, LEVELS)),
        mixture=np.zeros(grid),
        best=np.zeros(grid),
        best_day=np.zeros(grid, np.int64),
        best_outcomes=np.zeros(grid, np.int64),
        best_observed=np.zeros(grid, np.int64),
        best_expected=np.zeros(grid),
        evidence=np.zeros(rows),
        agent_days=np.zeros(rows, np.int64),
        last_day=np.zeros(rows, np.int64),
        outcomes=np.zeros(rows, np.int64),
        observed=np.zeros(rows, np.int64),
        expected=np.zeros(rows),
    )


def _check_form(
    name: str,
    array: Reals | Integers | Booleans,
    element: type[np.generic],
    size: int,
) -> None:
    if array.dtype != element or array.shape != (size,):
        raise ValueError(
            f"{name} must be {size} numbers of type {element.__name__} in one dimension, "
            f"not {array.dtype} of shape {array.shape}",
        )
