"""The rows of a table of evidence: which are held in full, and which are made again when needed."""

from abc import ABC, abstractmethod
from copy import copy
from typing import ClassVar, Final, Self

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.journal import GROWN, Applied, Journal
from detectors.evidence.prior import Prior, odds_factors
from detectors.evidence.recursion import NO_PLACE, Model, settle
from detectors.evidence.row_store import NO_DAY, RowStore
from detectors.evidence.spreads import Spreads

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


FEW: Final = 2_048
"""Rows that are held in full before any is given back: so little memory is worth no time."""

AWHILE: Final = 3
"""Days without an outcome after which a row may be given back."""


class HeldRows(ABC):
    """A growing table of rows, numbered from 0 in the order of `add`.

    A row takes about 1.7 kB. A young one, of an agent with few outcomes, takes so much only while
    outcomes come: else it is its outcomes (see `Journal`), and nobody can tell.

    `capacity` is the number of rows to make room for at first; a full table grows by a quarter. The
    evidence of a row is capped at `largest_evidence`.

    Raises
    ------
    ValueError
        If `capacity` is below 1, or `largest_evidence` not above 0 and at most `FINITE_EVIDENCE`.

    """

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
        self._model: Final = Model(odds_factors(), np.array(self.ratio_weights), largest_evidence)
        self._spreads = Spreads(prior.between_agent_sd)
        self._store = RowStore(capacity)
        self._journal = Journal(capacity)
        self._newest = NO_DAY
        """The latest day of which anything was applied."""

    def __len__(self) -> int:
        return len(self._store)

    @property
    def prior(self) -> Prior:
        """What a new row believes before its first outcome."""
        return Prior(self._spreads.present)

    @property
    def spreads(self) -> int:
        """How many spreads of honest agents were ever in force, the present one included."""
        return len(self._spreads)

    @property
    def places(self) -> int:
        """How many rows there is room for in full at present; a young row may have none."""
        return self._store.places

    def add(self) -> int:
        """Make a row for a new agent; return its number."""
        row = self._store.add()
        self._journal.add(row)
        return row

    def add_up_to(self, row: int) -> None:
        """Make the missing rows up to and including `row`."""
        while row >= len(self):
            self.add()

    def copy(self) -> Self:
        """Return an independent table that is equal to this one."""
        same = copy(self)
        # Young rows need no place in it, as they are made again where they are needed.
        grown = self._journal.counts(np.arange(len(self))) == GROWN
        same._store = self._store.copy(grown)  # noqa: SLF001 - of this class
        same._journal, same._spreads = self._journal.copy(), self._spreads.copy()  # noqa: SLF001 - as above
        return same

    def give_back(self) -> None:
        """Let every young row be its outcomes alone: that changes nothing but memory."""
        self._store.give_back(self._journal.counts(np.arange(len(self))) != GROWN)

    @abstractmethod
    def _run_from(self, first: int, applied: Applied, evidence: Reals) -> int:
        """Apply outcomes from the first one on to rows that have places.

        Fill in the evidence after each. Return how many are done when a row needs more starts.
        """

    def _run(self, applied: Applied, evidence: Reals) -> None:
        """Apply outcomes to rows that have places; fill in the evidence after each."""
        done = self._run_from(0, applied, evidence)
        while done < applied.rows.size:
            self._store.make_more_starts()
            done = self._run_from(done, applied, evidence)

    def _apply(self, applied: Applied, evidence: Reals) -> None:
        """Apply outcomes of one spread, one after the other; fill in the evidence after each."""
        if not self._journal.young:  # as in most forces; what follows changes nothing then
            self._run(applied, evidence)
            return
        self._newest = max(self._newest, int(applied.days.max()))
        self._wake(applied.rows[applied.exponents > 0], int(applied.spreads[0]))
        self._run(applied, evidence)
        self._journal.note(applied)

    def _wake(self, rows: Integers, spreads: int) -> None:
        """Let rows have places; new ones believe the last of so many spreads."""
        store, journal = self._store, self._journal
        asleep = store.asleep(rows)
        if not asleep.size:
            return
        if store.lacks_places(asleep.size) and store.places >= FEW:
            idle = store.last_days(len(self)) + AWHILE < self._newest
            idle &= self._journal.counts(np.arange(len(self))) != GROWN
            idle[rows] = False
            store.give_back(idle)
        store.make(asleep, spreads, self._spreads.weights[spreads - 1])
        told = journal.of(asleep)
        if told.rows.size:
            first = np.flatnonzero(np.diff(told.rows, prepend=-1))
            since = told.spreads[first]
            store.begin_anew(told.rows[first], since, self._spreads.weights[since - 1])
            self._run(told, np.empty(told.rows.size))

    def _place(self, row: int) -> int:
        """Return where a row is held, which follows all spreads from now on."""
        state, spreads = self._store.state, self.spreads
        if state.place[self._existing(row)] == NO_PLACE or state.settled[row] < spreads:
            self._wake(np.array([row], np.int64), spreads)
            state = self._store.state
            settle(state, self._spreads.weights, row, spreads)
        return int(state.place[row])

    def _grow_up(self, row: int, spreads: int) -> None:
        """Let a row be held for good; a new one has followed so many spreads."""
        self._wake(np.array([row], np.int64), spreads)
        self._journal.clear(row, grown=True)

    def _existing(self, row: int) -> int:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} does not exist: the table has {len(self)}")
        return row
