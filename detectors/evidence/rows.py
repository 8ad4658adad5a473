"""A growing table of evidence, one row an agent, for any kind of outcome."""

from typing import ClassVar, Final, Self

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.evidence import row_format
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import Counts, EvidenceExplanation, LikelyStart
from detectors.evidence.held_rows import HeldRows
from detectors.evidence.journal import GROWN, JournalState
from detectors.evidence.prior import LEVELS, ODDS_RATIOS
from detectors.evidence.recursion import settle
from detectors.evidence.row_format import Kind
from detectors.evidence.spreads import Spreads

_AT_ONCE: Final = 1_000
"""Young rows that are made again at a time when a table is restored."""


class EvidenceRowsState(Struct, array_like=True):
    """A table of evidence in a snapshot.

    Attributes
    ----------
    spreads
        Those of honest agents that were ever in force.
    young
        How many outcomes of each row are kept, and these.
    grown
        All other rows, in their order.
    """

    spreads: list[float]
    young: JournalState
    grown: list[bytes]


class EvidenceRows(HeldRows):
    """Evidence of many agents, one row each: what it says, and what is done to it."""

    kind: ClassVar[Kind]

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
        # Each row follows when it is looked at.
        self._spreads.add(between_agent_sd)

    def evidence(self) -> Reals:
        """Return a copy of the evidence M of every row."""
        return self._store.state.evidence[: len(self)].copy()

    def agent_days(self) -> Integers:
        """Return a copy of the agent-days of every row since its last restart."""
        return self._store.state.agent_days[: len(self)].copy()

    def residuals(self) -> tuple[Integers, Reals, Reals]:
        """Return copies of what the rows' outcomes were against what was expected of them.

        Three arrays of shape (rows,): bad outcomes observed and expected since the row was made,
        and the variance that an agent exactly like the peers would have shown. A restart does not
        touch them.
        """
        state, length = self._store.state, len(self)
        return (
            state.observed[:length].copy(),
            state.expected[:length].copy(),
            state.variance[:length].copy(),
        )

    def belief(self, row: int) -> Reals:
        """Return a copy of the posterior of the row's honest level, shape (LEVELS,), sum 1."""
        place = self._place(row)  # first: it may make the arrays longer
        posterior: Reals = self._store.state.belief[place].copy()
        return posterior

    def mixture(self, row: int) -> Reals:
        """Return a copy of the terms of the row's evidence, shape (ratios, LEVELS)."""
        place = self._place(row)
        terms: Reals = self._store.state.mixture[place].copy()
        return terms

    def totals(self, row: int) -> Counts:
        """Return the row's outcomes since it was made; a restart does not touch them."""
        state, row = self._store.state, self._existing(row)
        return Counts(
            int(state.outcomes[row]), int(state.observed[row]), float(state.expected[row])
        )

    def explanation(self, row: int) -> EvidenceExplanation:
        """Return how strong the evidence against one agent is, and from which day on."""
        state, row = self._store.state, self._existing(row)
        agent_days = int(state.agent_days[row])
        return EvidenceExplanation(
            evidence=float(state.evidence[row]),
            agent_days=agent_days,
            start=self._likely_start(row) if agent_days else None,
        )

    def _likely_start(self, row: int) -> LikelyStart:
        place, state = self._place(row), self._store.state
        terms = state.mixture[place] * state.best_share[place]
        ratio, level = divmod(int(terms.argmax()), LEVELS)
        # The largest single term names the day, for every ratio and level has its own start; the
        # ratio is that of the largest sum, which is what the evidence mostly rests on.
        start = place, int(state.best_start[place, ratio, level])
        return LikelyStart(
            day=Day(int(state.start_day[start])),
            since=Counts(
                outcomes=int(state.outcomes[row] - state.start_outcomes[start]),
                observed=int(state.observed[row] - state.start_observed[start]),
                expected=float(state.expected[row] - state.start_expected[start]),
            ),
            odds_ratio=ODDS_RATIOS[int(state.mixture[place].sum(axis=1).argmax())],
        )

    def restart(self, row: int) -> None:
        """Reset the evidence and the agent-days to 0; keep the posterior and the totals.

        The day of the latest outcome stays taken: the next start is the next day's.
        """
        if self._store.state.outcomes[self._existing(row)] == 0:
            return
        self._grow_up(row, self.spreads)
        # `last_day` is kept as well: a second start on the same day would be counted twice.
        self._store.restart(row)

    def lower(self, row: int, evidence: float, spreads: int | None = None) -> None:
        """Let a row have no more than so much evidence; all its terms shrink by one factor.

        It has followed so many `spreads` before, by default all.
        """
        if self._store.state.evidence[self._existing(row)] > evidence:
            spreads = self.spreads if spreads is None else spreads
            self._grow_up(row, spreads)
            state = self._store.state
            settle(state, self._spreads.weights, row, spreads)
            state.mixture[state.place[row]] *= evidence / state.evidence[row]
            state.evidence[row] = evidence

    def alone(self, source: Self, source_row: int) -> Self:
        """Return a table of the spreads of this one with a single row, that of `source`.

        Raises
        ------
        ValueError
            If `source` has followed other spreads of honest agents than this table had at first.
        """
        table = type(self)(self.prior, 1)
        table._spreads = self._spreads.copy()  # noqa: SLF001 - of this class
        table.assign(table.add(), source, source_row)
        return table

    def assign(self, row: int, source: Self, source_row: int) -> None:
        """Copy `source_row` of `source`, which may be this table, into `row`.

        Raises
        ------
        ValueError
            If `source` has followed other spreads of honest agents than this table had at first.
        """
        row, source_row = self._existing(row), source._existing(source_row)
        if not self._spreads.begin_like(source._spreads, source.spreads):
            raise ValueError("a row can be copied between tables of the same spreads only")
        if (row, self) == (source_row, source):
            return
        is_new = source._store.state.outcomes[source_row] == 0
        if not is_new:
            source._place(source_row)
        self._store.take(row, source._store, source_row, is_new=is_new)
        self._journal.take(row, source._journal, source_row)

    def row_state(self, row: int) -> bytes:
        """Return all of a row as about 2 kB; equal rows give equal bytes."""
        self._place(row)
        return row_format.pack(self._store.state, row, self._spreads.present, self.kind)

    def load_row(self, row: int, snapshot: bytes) -> None:
        """Restore `row`, bit for bit, from the bytes that `row_state` returned.

        Raises
        ------
        IncompatibleSnapshot
            If `snapshot` is of another kind or version, damaged, or rests on another spread of
            honest agents than is in force; `row` is unchanged.

        """
        self._place(row)
        while self._store.state.references.shape[1] < row_format.starts_of(snapshot):
            self._store.make_more_starts()
        state = self._store.state
        row_format.unpack(snapshot, state, row, self._spreads.present, self.kind)
        self._journal.clear(row, grown=bool(state.outcomes[row]))

    def snapshot(self) -> EvidenceRowsState:
        """Return the whole table; equal tables give equal states."""
        rows = np.arange(len(self))
        grown = rows[self._journal.counts(rows) == GROWN].tolist()
        return EvidenceRowsState(
            self._spreads.snapshot(),
            self._journal.snapshot(len(self)),
            [self.row_state(row) for row in grown],
        )

    def restore(self, state: EvidenceRowsState) -> None:
        """Restore a table that `snapshot` returned, into one that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If rows are of another kind or version, or damaged.
        """
        self._spreads = Spreads.of(state.spreads)
        self.add_up_to(len(state.young.counts) - 1)
        self._journal.restore(state.young)
        counts = self._journal.counts(np.arange(len(self)))
        young = np.flatnonzero((counts != GROWN) & (counts > 0))
        for first in range(0, young.size, _AT_ONCE):
            self._wake(young[first : first + _AT_ONCE], self.spreads)
            self.give_back()
        for row, saved in zip(np.flatnonzero(counts == GROWN).tolist(), state.grown, strict=True):
            self._journal.clear(row, grown=False)
            self.load_row(row, saved)
