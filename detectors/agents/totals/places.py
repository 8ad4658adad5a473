"""Places: the pairs of an agent and a cell to which the trials of a pattern belong, by numbers."""

from collections.abc import Collection, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Booleans, Integers
from detectors.messages.outcomes import Outcome

_pair: Final = attrgetter("agent_id", "cell")


class TrialColumns(Struct, frozen=True):
    """Trials of a day in canonical order, one an element of each array.

    ``places`` are numbers of `Places`; ``random_keys`` are empty without the shadow null.
    """

    places: Integers
    bad: Booleans
    random_keys: Integers


_NONE: Final = np.empty(0, np.int64)
NO_TRIALS: Final = TrialColumns(_NONE, np.empty(0, np.bool_), _NONE)


class Places:
    """Numbers pairs of an agent, or nobody, and a cell in the order in which they were first seen.

    The numbers are of this process alone: nothing that is saved or sent depends on them.
    """

    def __init__(self) -> None:
        self._known: Final[dict[tuple[AgentId | None, Cell], int]] = {}
        self._pairs: Final[list[tuple[AgentId | None, Cell]]] = []
        self._numbers: Final[dict[Cell, int]] = {}
        self._cells: Final[list[Cell]] = []
        self._cell_of = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def cells(self) -> Sequence[Cell]:
        """All cells, in the order of their numbers; the caller must not change it."""
        return self._cells

    def of(self, outcomes: Collection[Outcome]) -> Integers:
        """Return the place of each outcome, numbering those that are new."""
        known, pairs = self._known, [*map(_pair, outcomes)]
        # Most days have only known pairs: one look-up each, and no test before it.
        try:
            places = [*map(known.__getitem__, pairs)]
        except KeyError:
            for pair in pairs:
                known.setdefault(pair, len(known))
            self._enter()
            places = [*map(known.__getitem__, pairs)]
        return np.array(places, np.int64)

    def pair(self, place: int) -> tuple[AgentId | None, Cell]:
        """Return the agent, or nobody, and the cell of a place."""
        return self._pairs[place]

    def cells_of(self, places: Integers) -> Integers:
        """Return the number of the cell of each place."""
        return self._cell_of[places]

    def _enter(self) -> None:
        """Enter the new pairs into the lists."""
        new = list(islice(self._known, len(self._pairs), None))
        numbers = [self._numbers.setdefault(cell, len(self._numbers)) for _, cell in new]
        self._pairs.extend(new)
        self._cells.extend(islice(self._numbers, len(self._cells), None))
        self._cell_of = np.concatenate([self._cell_of, np.array(numbers, np.int64)])
