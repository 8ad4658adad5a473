"""A growing table of evidence, one row an agent, for any kind of outcome."""

from copy import copy
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors.basis.event_time import Day
from detectors.evidence import row_format
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import Counts, EvidenceExplanation, LikelyStart
from detectors.evidence.prior import LEVELS, ODDS_RATIOS, Prior, odds_factors
from detectors.evidence.recursion import EvidenceState, Model, reweight
from detectors.evidence.row_format import Kind

FINITE_EVIDENCE: Final = 1e100
"""Beyond it a product with a factor could overflow."""

LARGEST_EVIDENCE: Final = 1e9
"""Where evidence is capped by default; the cap only ever understates it.

It is more than any decision asks for: it makes a lone discovery among 270,000 agents at a false
discovery rate of 0.1 and a period of 365 days. An agent who has turned honest falls from it below a
warning threshold of 73,000 within some 40 to 600 sales (medians; 300 honest sales, then 150 to
1,500 at 15 to 40 %, then 5 % again); without the cap, one who had been dishonest for long would in
effect never fall.
"""

_MORE: Final = 64
"""Rows that a full table is made longer by, beside a quarter of what it has."""

NO_DAY: Final = int(np.iinfo(np.int64).min)
"""`EvidenceState.last_day` before the first outcome."""


class EvidenceRows:
    """Evidence of many agents, one row each.

    Rows are numbered from 0 in the order of `add`. `capacity` is the number of rows to make room
    for at first; a full table grows by a quarter. A row takes about 2.9 kB. The evidence of a row
    is capped at `largest_evidence`.

    Raises
    ------
    ValueError
        If `capacity` is below 1, or `largest_evidence` not above 0 and at most `FINITE_EVIDENCE`.

    """

    kind: ClassVar[Kind]
    ratio_weights: ClassVar[tuple[float, ...]]

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
        self._prior = prior
        self._model: Final = Model(odds_factors(), np.array(self.ratio_weights), largest_evidence)
        self._state = _empty(capacity)
        self._length = 0
        self._is_even = True
        """Whether all rows rest on the present prior: then a call of `reweight` costs nothing."""

    def __len__(self) -> int:
        return self._length

    @property
    def prior(self) -> Prior:
        """What a new row believes before its first outcome."""
        return self._prior

    def add(self) -> int:
        """Make a row for a new agent; return its number."""
        row = self._length
        if row == self._state.evidence.size:
            room = _empty(row + row // 4 + _MORE)
            for larger, full in zip(_arrays(room), _arrays(self._state), strict=True):
                larger[:row] = full
            self._state = room
        self._state.belief[row] = self._prior.weights()
        self._state.between_agent_sd[row] = self._prior.between_agent_sd
        self._state.last_day[row] = NO_DAY
        self._length = row + 1
        return row

    def add_up_to(self, row: int) -> None:
        """Make the missing rows up to and including `row`."""
        while row >= self._length:
            self.add()

    def reweight(self, between_agent_sd: float) -> None:
        """Change every row, old and new, to the prior of another spread of honest agents.

        The belief of a row becomes what it would be had the new prior held from the start: the
        levels stay, and their posterior weights change as the prior weights do, ``a_g pi'_g /
        pi_g``, normalised. So do the terms of the evidence, ``b_gk``, but these are rescaled so
        that their sum M does not change.

        It stays valid. M is what bets against an honest agent have earned, each made at the odds
        believed right then: given the past, a bet has mean 1 under the law that set its odds.
        To know better afterwards neither pays nor costs anything: M stays. Later bets are made
        at the new odds, and how M is shared among its terms decides only where it is bet next,
        which may depend on the past in any way. So M minus agent-days is a martingale, as long as
        each day's odds are right for the honest agents of that day and the spread is decided
        from earlier days alone. To recompute M as if the new prior had held all along would not
        be a bet: it could be made to jump by looking at what has come out.

        Raises
        ------
        ValueError
            If `between_agent_sd` is outside the range of a `Prior`.

        """
        if self._is_even and between_agent_sd == self._prior.between_agent_sd:
            return
        self._prior = Prior(between_agent_sd)
        self._reweight(np.arange(self._length))
        self._is_even = True

    def reweight_row(self, row: int, between_agent_sd: float) -> None:
        """Do to one row what `reweight` does to all; rows made later are not affected.

        Raises
        ------
        ValueError
            If `between_agent_sd` is outside the range of a `Prior`.

        """
        others, self._prior = self._prior, Prior(between_agent_sd)
        self._reweight(np.array([self._existing(row)]))
        self._prior, self._is_even = others, False

    def _reweight(self, rows: Integers) -> None:
        state, new = self._state, self._prior
        # Rows may rest on different spreads after corrections, but on few: one change for each.
        stale = rows[state.between_agent_sd[rows] != new.between_agent_sd]
        for deviation in np.unique(state.between_agent_sd[stale]).tolist():
            change = new.weights() / Prior(deviation).weights()
            reweight(state, stale[state.between_agent_sd[stale] == deviation], change)
        state.between_agent_sd[stale] = new.between_agent_sd
        # A row that has learnt nothing believes the prior itself, whichever came before it.
        state.belief[stale[state.outcomes[stale] == 0]] = new.weights()

    def evidence(self) -> Reals:
        """Return a copy of the evidence M of every row."""
        return self._state.evidence[: self._length].copy()

    def agent_days(self) -> Integers:
        """Return a copy of the agent-days of every row since its last restart."""
        return self._state.agent_days[: self._length].copy()

    def residuals(self) -> tuple[Integers, Reals, Reals]:
        """Return copies of what the rows' outcomes were against what was expected of them.

        Three arrays of shape (rows,): bad outcomes observed and expected since the row was made,
        and the variance that an agent exactly like the peers would have shown. A restart does not
        touch them.
        """
        state, length = self._state, self._length
        return (
            state.observed[:length].copy(),
            state.expected[:length].copy(),
            state.variance[:length].copy(),
        )

    def belief(self, row: int) -> Reals:
        """Return a copy of the posterior of the row's honest level, shape (LEVELS,), sum 1."""
        posterior: Reals = self._state.belief[self._existing(row)].copy()
        return posterior

    def totals(self, row: int) -> Counts:
        """Return the row's outcomes since it was made; a restart does not touch them."""
        state, row = self._state, self._existing(row)
        return Counts(
            int(state.outcomes[row]), int(state.observed[row]), float(state.expected[row])
        )

    def explanation(self, row: int) -> EvidenceExplanation:
        """Return how strong the evidence against one agent is, and from which day on."""
        state, row = self._state, self._existing(row)
        agent_days = int(state.agent_days[row])
        return EvidenceExplanation(
            evidence=float(state.evidence[row]),
            agent_days=agent_days,
            start=self._likely_start(row) if agent_days else None,
        )

    def _likely_start(self, row: int) -> LikelyStart:
        state = self._state
        terms = state.mixture[row] * state.best_share[row]
        ratio, level = divmod(int(terms.argmax()), LEVELS)
        # The largest single term names the day, for every ratio and level has its own start; the
        # ratio is that of the largest sum, which is what the evidence mostly rests on.
        cell = row, ratio, level
        return LikelyStart(
            day=Day(int(state.best_day[cell])),
            since=Counts(
                outcomes=int(state.outcomes[row] - state.best_outcomes[cell]),
                observed=int(state.observed[row] - state.best_observed[cell]),
                expected=float(state.expected[row] - state.best_expected[cell]),
            ),
            odds_ratio=ODDS_RATIOS[int(state.mixture[row].sum(axis=1).argmax())],
        )

    def restart(self, row: int) -> None:
        """Reset the evidence and the agent-days to 0; keep the posterior and the totals.

        The day of the latest outcome stays taken: the next start is the next day's.
        """
        # `last_day` is kept as well: a second start on the same day would be counted twice.
        state, row = self._state, self._existing(row)
        for array in (
            state.mixture,
            state.best_share,
            state.best_day,
            state.best_outcomes,
            state.best_observed,
            state.best_expected,
            state.evidence,
            state.agent_days,
        ):
            array[row] = 0

    def lower(self, row: int, evidence: float) -> None:
        """Let a row have no more than so much evidence; all its terms shrink by one factor."""
        state, row = self._state, self._existing(row)
        if state.evidence[row] > evidence:
            state.mixture[row] *= evidence / state.evidence[row]
            state.evidence[row] = evidence

    def assign(self, row: int, source: Self, source_row: int) -> None:
        """Copy `source_row` of `source`, which may be this table, into `row`."""
        row, source_row = self._existing(row), source._existing(source_row)
        for own, other in zip(_arrays(self._state), _arrays(source._state), strict=True):
            own[row] = other[source_row]
        self._is_even = False

    def copy(self) -> Self:
        """Return an independent table that is equal to this one."""
        same = copy(self)
        same._state = _empty(self._state.evidence.size)  # noqa: SLF001 - of this class
        for own, other in zip(_arrays(same._state), _arrays(self._state), strict=True):  # noqa: SLF001 - as above
            own[:] = other
        return same

    def row_state(self, row: int) -> bytes:
        """Return all of a row as about 2 kB; equal rows give equal bytes."""
        return row_format.pack(self._state, self._existing(row), self.kind)

    def load_row(self, row: int, snapshot: bytes) -> None:
        """Restore `row`, bit for bit, from the bytes that `row_state` returned.

        The spread of honest agents that the row rests on is part of them.

        Raises
        ------
        IncompatibleSnapshot
            If `snapshot` is of another kind or version, or damaged; `row` is unchanged.

        """
        row_format.unpack(snapshot, self._state, self._existing(row), self.kind)
        self._is_even = False

    def _existing(self, row: int) -> int:
        if not 0 <= row < self._length:
            raise IndexError(f"row {row} does not exist: the table has {self._length}")
        return row


def _arrays(state: EvidenceState) -> tuple[NDArray[Any], ...]:
    """Return the arrays of a state, whatever each holds."""
    return tuple(state)


def _empty(rows: int) -> EvidenceState:
    grid = (rows, len(ODDS_RATIOS), LEVELS)
    return EvidenceState(
        belief=np.zeros((rows, LEVELS)),
        mixture=np.zeros(grid),
        best_share=np.zeros(grid),
        best_day=np.zeros(grid, np.int32),
        best_outcomes=np.zeros(grid, np.int32),
        best_observed=np.zeros(grid, np.int32),
        best_expected=np.zeros(grid),
        evidence=np.zeros(rows),
        between_agent_sd=np.zeros(rows),
        agent_days=np.zeros(rows, np.int64),
        last_day=np.zeros(rows, np.int64),
        outcomes=np.zeros(rows, np.int64),
        observed=np.zeros(rows, np.int64),
        expected=np.zeros(rows),
        variance=np.zeros(rows),
    )
