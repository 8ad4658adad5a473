"""A day's trials of one pattern, counted by cell for the peers stage."""

from collections.abc import Collection, Sequence
from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.null.random_keys import draw_keys
from detectors.basis.identifiers import AgentId, Cell
from detectors.basis.text_hash import sale_hashes
from detectors.evidence.arrays import Booleans, Integers
from detectors.facts.account import Verdict
from detectors.messages.cell_columns import DAY_TOTALS, DayTotals, held_integers
from detectors.messages.outcomes import Outcome

_BAD: Final = Verdict.BAD

_sale: Final = attrgetter("sale_id", "account_id")


class CellTally(Struct, frozen=True):
    """What a day adds to the totals of each cell.

    ``keys_of_trials`` are the random keys of all trials, in order; empty without the shadow null.
    """

    totals: DayTotals
    keys_of_trials: Integers


def tallied(batch: DayBatch, left_out: Collection[AgentId], seed: int | None) -> CellTally:
    """Count the trials and the corrections of a day.

    The outcomes of the agents `left_out` are counted twice: among all, and among those. `seed`
    chooses the random keys of the shadow null, which those outcomes have no part in; None is no
    shadow null.
    """
    fresh, corrected = batch.fresh, [outcome for outcome, _ in batch.corrections]
    number: dict[Cell, int] = {}
    cells = np.array(
        [number.setdefault(outcome.cell, len(number)) for outcome in chain(fresh, corrected)],
        np.int64,
    )
    matured = np.ones(cells.size, np.int64)
    matured[len(fresh) :] = [-(outcome.verdict is Verdict.EXCLUDED) for outcome in corrected]
    bad = np.array([outcome.verdict is _BAD for outcome in chain(fresh, corrected)], np.int64)
    for position, (_, before) in enumerate(batch.corrections, len(fresh)):
        bad[position] -= before is _BAD
    apart = np.zeros(cells.size, np.bool_)
    if left_out:
        apart[:] = [outcome.agent_id in left_out for outcome in chain(fresh, corrected)]
    numbers = _counted(len(number), cells, matured, bad, apart)
    names = tuple(number)
    if seed is None:
        return CellTally(DayTotals(names, held_integers(numbers)), np.empty(0, np.int64))
    random_keys = draw_keys(_identities(fresh), seed)
    dealt = np.flatnonzero(~apart[: len(fresh)])
    in_order = dealt[np.argsort(cells[dealt], kind="stable")]
    keys_of = np.bincount(cells[dealt], minlength=len(names))
    totals = DayTotals(
        names,
        held_integers(numbers),
        held_integers(keys_of),
        held_integers(random_keys[in_order]),
    )
    return CellTally(totals, random_keys)


def tallied_exposure(exposure: DayExposure, left_out: Collection[AgentId]) -> DayTotals:
    """Count the sales at risk on a day, and those that ended badly, by cell.

    They have no random keys: what is dealt to them follows from their totals.
    """
    names, cells = exposure.cell_names, exposure.cells
    apart = np.zeros(cells.size, np.bool_)
    if left_out:
        named = np.array([name in left_out for name in exposure.agent_names], np.bool_)
        apart = named[exposure.agents]
    numbers = _counted(len(names), cells, exposure.at_risk, exposure.ended, apart)
    there = np.flatnonzero(numbers[:, 0])
    return DayTotals(tuple(names[cell] for cell in there.tolist()), held_integers(numbers[there]))


def _counted(
    size: int, cells: Integers, matured: Integers, bad: Integers, apart: Booleans
) -> Integers:
    """Add up the numbers of `DayTotals`: `apart` is what makes nobody's baseline."""
    numbers = np.zeros((size, DAY_TOTALS), np.int64)
    numbers[:, 0] = np.bincount(cells, matured, size)
    numbers[:, 1] = np.bincount(cells, bad, size)
    if apart.any():
        numbers[:, 2] = np.bincount(cells[apart], matured[apart], size)
        numbers[:, 3] = np.bincount(cells[apart], bad[apart], size)
    return numbers


def _identities(outcomes: Sequence[Outcome]) -> NDArray[np.uint64]:
    return np.array(sale_hashes(map(_sale, outcomes)), np.uint64)
