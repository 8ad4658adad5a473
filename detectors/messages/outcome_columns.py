"""Outcomes of one pattern in columns, with an object only for what is not simply good."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from detectors.basis.identifiers import AgentId, Cell, GroupKind, SaleId
from detectors.basis.text_hash import sale_hashes
from detectors.facts.account import Verdict
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import Outcome

_BAD: Final = Verdict.BAD

_sale: Final = attrgetter("sale_id", "account_id")


class OutcomeColumns(Sequence[Outcome]):
    """A sequence of outcomes that makes an object of one only when it is asked for.

    Parameters
    ----------
    good
        Some of the outcomes.
    others
        The rest.
    order
        The position of each in ``good``, one after the other, then ``others``; None: that order.
    """

    def __init__(
        self,
        good: Sequence[GoodOutcomes],
        others: Sequence[Outcome],
        order: NDArray[np.int64] | None = None,
    ) -> None:
        self._good: Final = good
        self._others: Final = others
        self._number_good: Final = sum(map(len, good))
        size = self._number_good + len(others)
        self._order: Final = np.arange(size) if order is None else order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, position: int) -> Outcome: ...

    @overload
    def __getitem__(self, position: slice) -> list[Outcome]: ...

    def __getitem__(self, position: int | slice) -> Outcome | list[Outcome]:
        """Return one of them, or some, as objects."""
        if isinstance(position, slice):
            return [self._at(place) for place in self._order[position].tolist()]
        return self._at(int(self._order[position]))

    def __iter__(self) -> Iterator[Outcome]:
        """Yield all of them as objects."""
        whole = [outcome for part in self._good for outcome in part.outcomes()]
        whole += self._others
        return map(whole.__getitem__, self._order.tolist())

    def __eq__(self, other: object) -> bool:
        """Return whether the other is a sequence of equal outcomes in the same order."""
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def chosen(self, positions: NDArray[np.int64] | NDArray[np.bool_]) -> "OutcomeColumns":
        """Return those at some positions, or where an array of truth values says so."""
        return OutcomeColumns(self._good, self._others, self._order[positions])

    @cached_property
    def matured_at(self) -> NDArray[np.float64]:
        """When each window ended, in seconds."""
        at = [outcome.matured_at for outcome in self._others]
        return self._column([part.matured_at for part in self._good], np.array(at, np.float64))

    @cached_property
    def agents(self) -> list[AgentId | None]:
        """Who made each sale."""
        agents: list[AgentId | None] = self._texts(_agents, attrgetter("agent_id")).tolist()
        return agents

    @cached_property
    def cells(self) -> list[Cell]:
        """The cell of each sale."""
        cells: list[Cell] = self._texts(_cells, attrgetter("cell")).tolist()
        return cells

    def groups(self, kind: GroupKind) -> list[str | None]:
        """Return the group of one kind in which each sale was made."""
        return self._sites if kind == "site" else self._teams

    @cached_property
    def _sites(self) -> list[str | None]:
        sites: list[str | None] = self._texts(attrgetter("sites"), attrgetter("site")).tolist()
        return sites

    @cached_property
    def _teams(self) -> list[str | None]:
        teams: list[str | None] = self._texts(attrgetter("teams"), attrgetter("team")).tolist()
        return teams

    @cached_property
    def batches(self) -> NDArray[np.int64]:
        """The batch of each sale."""
        batches = [outcome.batch for outcome in self._others]
        return self._column([part.batches for part in self._good], np.array(batches, np.int64))

    @cached_property
    def repeated(self) -> NDArray[np.int64]:
        """The positions of sales that are of one batch with others of them, in order."""
        in_order = np.sort(self.batches)
        repeated: NDArray[np.int64] = in_order[1:][
            (in_order[1:] == in_order[:-1]) & (in_order[1:] != 0)
        ]
        if not repeated.size:  # nearly always
            return repeated
        return np.flatnonzero(np.isin(self.batches, repeated))

    @cached_property
    def bad(self) -> NDArray[np.bool_]:
        """Whether each went bad."""
        bad = np.zeros(self._number_good + len(self._others), np.bool_)
        bad[self._number_good :] = [outcome.verdict is _BAD for outcome in self._others]
        return bad[self._order]

    @cached_property
    def sale_hashes(self) -> NDArray[np.int64]:
        """The hash of each sale (`detectors.basis.text_hash`)."""
        hashes = np.array(sale_hashes(map(_sale, self._others)), np.int64)
        return self._column([part.sale_hashes for part in self._good], hashes)

    def sale_ids(self) -> list[SaleId]:
        """Return the id of each sale."""
        ids = [sale_id for part in self._good for sale_id in part.ids.sales]
        ids += [outcome.sale_id for outcome in self._others]
        return [*map(ids.__getitem__, self._order.tolist())]

    def _texts(
        self, column: Callable[[GoodOutcomes], NDArray[Any]], field: Callable[[Outcome], object]
    ) -> NDArray[np.object_]:
        others = np.empty(len(self._others), np.object_)
        others[:] = [*map(field, self._others)]
        return self._column([*map(column, self._good)], others)

    def _column(self, good: list[NDArray[Any]], others: NDArray[Any]) -> NDArray[Any]:
        whole: NDArray[Any] = np.concatenate([*good, others]) if good else others
        return whole[self._order]

    def _at(self, place: int) -> Outcome:
        if place >= self._number_good:
            return self._others[place - self._number_good]
        for part in self._good:
            if place < len(part):
                return part.outcome(place)
            place -= len(part)
        raise IndexError(place)


def in_columns(outcomes: Sequence[Outcome]) -> OutcomeColumns:
    """Return outcomes in columns; the same, if they are."""
    return outcomes if isinstance(outcomes, OutcomeColumns) else OutcomeColumns((), outcomes)


_agents: Final = attrgetter("agents")
_cells: Final = attrgetter("cells")
