"""Sales found good when their windows ended, in columns: nearly all outcomes are of that kind."""

from functools import cached_property
from itertools import compress
from typing import Any, Final, TypeAlias, cast

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, Cell, GroupKind, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome

Texts: TypeAlias = NDArray[np.object_]
"""Names, or None where there is none."""


class SaleIds:
    """The ids of sales and of their accounts, made of bytes when they are asked for.

    Parameters
    ----------
    text
        The ids behind each other, and whatever else.
    bounds
        Shape (sales, 3): where the id of the account begins, that of the sale, and where this ends.
    made_from
        Others, which may be made already, and which of them these are.
    """

    def __init__(
        self,
        text: str,
        bounds: NDArray[np.int64],
        made_from: tuple["SaleIds", NDArray[np.bool_]] | None = None,
    ) -> None:
        self._text: Final = text
        self._bounds: Final = bounds
        self._made_from: Final = made_from

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> "SaleIds":
        """Return some of them."""
        made_from = None if isinstance(chosen, slice) else (self, chosen)
        return SaleIds(self._text, self._bounds[chosen], made_from)

    @cached_property
    def sales(self) -> list[SaleId]:
        """The ids of the sales."""
        if self._made_from is not None:
            others, chosen = self._made_from
            return [*compress(others.sales, chosen.tolist())]
        text = self._text  # the type of each alone would cost as much as the id
        ids = [text[start:end] for start, end in self._bounds[:, 1:].tolist()]
        return cast("list[SaleId]", ids)

    @cached_property
    def accounts(self) -> list[AccountId]:
        """The ids of their accounts."""
        text = self._text
        ids = [text[start:end] for start, end in self._bounds[:, :2].tolist()]
        return cast("list[AccountId]", ids)


class GoodOutcomes(Struct, frozen=True):
    """Good outcomes of one pattern, known when they matured, in the order of these times.

    One an element of each array, and of ``ids``. ``sale_hashes`` are those of
    `detectors.basis.text_hash`. The rest is as in `Outcome`.
    """

    pattern: PatternName
    matured_at: NDArray[np.float64]
    agents: Texts
    cells: Texts
    sites: Texts
    teams: Texts
    batches: NDArray[np.int64]
    sale_hashes: NDArray[np.int64]
    ids: SaleIds

    def __len__(self) -> int:
        return len(self.matured_at)

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> "GoodOutcomes":
        """Return some of them."""
        return GoodOutcomes(
            self.pattern,
            self.matured_at[chosen],
            self.agents[chosen],
            self.cells[chosen],
            self.sites[chosen],
            self.teams[chosen],
            self.batches[chosen],
            self.sale_hashes[chosen],
            self.ids[chosen],
        )

    def split(self, at: Seconds) -> tuple["GoodOutcomes", "GoodOutcomes"]:
        """Return those that matured before a time, and the rest; itself, if that is all."""
        number = int(np.searchsorted(self.matured_at, at))
        if number == len(self):
            return self, self[:0]
        return (self[:0], self) if number == 0 else (self[:number], self[number:])

    def of_groups(self, kind: GroupKind) -> "GoodOutcomes":
        """Return the same for the groups of those who sold (`outcomes_of_groups`)."""
        names = self.sites if kind == "site" else self.teams
        nobody: Any = None  # compared with each element
        own = GoodOutcomes(
            self.pattern,
            self.matured_at,
            names,
            self.cells,
            self.sites,
            np.full(len(self), nobody, np.object_),
            self.batches,
            self.sale_hashes,
            self.ids,
        )
        is_in_one = (names != nobody) & (self.agents != nobody)
        return own if is_in_one.all() else own[is_in_one]

    def outcomes(self) -> list[Outcome]:
        """Return all of them as objects."""
        pattern, good, pending = self.pattern, Verdict.GOOD, Verdict.PENDING
        columns = (self.agents, self.cells, self.matured_at, self.batches, self.sites, self.teams)
        rows = zip(self.ids.sales, self.ids.accounts, *map(_listed, columns), strict=True)
        return [
            Outcome(
                pattern,
                sale,
                agent,
                cell,
                at,
                at,
                good,
                (),
                pending,
                account,
                batch,
                site=site,
                team=team,
            )
            for sale, account, agent, cell, at, batch, site, team in rows
        ]

    def outcome(self, position: int) -> Outcome:
        """Return one of them as an object."""
        at = Seconds(float(self.matured_at[position]))
        agent: AgentId | None = self.agents[position]
        cell: Cell = self.cells[position]
        return Outcome(
            self.pattern,
            self.ids.sales[position],
            agent,
            cell,
            at,
            at,
            Verdict.GOOD,
            account_id=self.ids.accounts[position],
            batch=int(self.batches[position]),
            site=self.sites[position],
            team=self.teams[position],
        )


def _listed(column: NDArray[Any]) -> list[Any]:
    listed: list[Any] = column.tolist()
    return listed
