"""The trials of a day in columns: agents and cells by numbers instead of names."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

import numpy as np
from msgspec import Struct

from detectors.basis.identifiers import AgentId, Cell
from detectors.evidence.arrays import Booleans, Integers
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import Outcome

_Name = TypeVar("_Name", bound=Hashable)


class TrialColumns(Struct, frozen=True):
    """Trials of a day in canonical order, one an element of each array.

    ``agents`` and ``cells`` are numbers of `TrialNames`; ``random_keys`` are empty without the
    shadow null.
    """

    agents: Integers
    cells: Integers
    bad: Booleans
    random_keys: Integers


_NONE: Final = np.empty(0, np.int64)
NO_TRIALS: Final = TrialColumns(_NONE, _NONE, np.empty(0, np.bool_), _NONE)


NAMES: Final = 10_000
"""Names that are remembered in any case, beside two for each agent who is judged."""


class TrialNames:
    """Numbers agents, nobody among them, and cells in the order in which they were first seen.

    The numbers are of this process alone: nothing that is saved or sent depends on them.

    Attributes
    ----------
    forgotten
        How many times all were forgotten: numbers of before mean nothing any more.
    """

    def __init__(self) -> None:
        self._agents: Final[dict[AgentId | None, int]] = {}
        self._cells: Final[dict[Cell, int]] = {}
        self._agents_listed: Final[list[AgentId | None]] = []
        self._cells_listed: Final[list[Cell]] = []
        self.forgotten = 0

    @property
    def agents(self) -> Sequence[AgentId | None]:
        """All agents, in the order of their numbers; the caller must not change it."""
        return _listed(self._agents, self._agents_listed)

    @property
    def cells(self) -> Sequence[Cell]:
        """All cells, in the order of their numbers; the caller must not change it."""
        return _listed(self._cells, self._cells_listed)

    def forget_beyond(self, most: int) -> None:
        """Forget all names if there are more than so many agents, or cells.

        Whoever sends events may invent names without end, and of those who are not judged nothing
        else is kept. Call it while nobody holds numbers.
        """
        if max(len(self._agents), len(self._cells)) > most:
            for names in (self._agents, self._cells, self._agents_listed, self._cells_listed):
                names.clear()
            self.forgotten += 1

    def agents_of(self, outcomes: Sequence[Outcome]) -> Integers:
        """Return the number of the agent of each outcome, numbering those that are new."""
        return _numbered(self._agents, in_columns(outcomes).agents)

    def cells_of(self, outcomes: Sequence[Outcome]) -> Integers:
        """Return the number of the cell of each outcome, numbering those that are new."""
        return _numbered(self._cells, in_columns(outcomes).cells)


def forget_names(of_tiers: Iterable[tuple[TrialNames, int]]) -> None:
    """Forget the names of each tier if they are far more than the agents whom it judges.

    Call it while nobody holds numbers.
    """
    for names, judged in of_tiers:
        names.forget_beyond(NAMES + 2 * judged)


def _numbered(known: dict[_Name, int], names: list[_Name]) -> Integers:
    # On most days all are known: one look-up each, and no test before it.
    try:
        numbers = [*map(known.__getitem__, names)]
    except KeyError:
        numbers = [known.setdefault(name, len(known)) for name in names]
    return np.array(numbers, np.int64)


def _listed(known: dict[_Name, int], names: list[_Name]) -> list[_Name]:
    names.extend(islice(known, len(names), None))
    return names
