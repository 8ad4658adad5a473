"""A day's trials of one pattern, counted by cell for the peers stage."""

from collections.abc import Collection, Sequence
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
from detectors.messages.outcomes import Outcome, Totals

_BAD: Final = Verdict.BAD

_sale: Final = attrgetter("sale_id", "account_id")


class CellTally(Struct, frozen=True):
    """What a day adds to the totals of each cell.

    ``left_out`` is the part that must make nobody's baseline. ``random_keys`` are those of the
    rest, empty without the shadow null; ``keys_of_trials`` are those of all trials, in order.
    """

    totals: dict[Cell, Totals]
    left_out: dict[Cell, Totals]
    random_keys: dict[Cell, bytes]
    keys_of_trials: Integers


def tallied(batch: DayBatch, left_out: Collection[AgentId], seed: int | None) -> CellTally:
    """Count the trials and the corrections of a day.

    The outcomes of the agents `left_out` are counted twice: among all, and among those. `seed`
    chooses the random keys of the shadow null; None is no shadow null.
    """
    fresh = batch.fresh
    number: dict[Cell, int] = {}
    cells = np.array([number.setdefault(o.cell, len(number)) for o in fresh], np.int64)
    bad = np.array([outcome.verdict is _BAD for outcome in fresh], np.bool_)
    totals, apart = _counted(number, cells, bad), dict[Cell, Totals]()
    dealt: Booleans | slice = slice(None)
    if left_out:
        dealt = np.array([outcome.agent_id not in left_out for outcome in fresh], np.bool_)
        apart = _counted(number, cells[~dealt], bad[~dealt])
    for outcome, before in batch.corrections:
        gone = -(outcome.verdict is Verdict.EXCLUDED)
        change = (outcome.verdict is Verdict.BAD) - (before is Verdict.BAD)
        _add(totals, outcome.cell, gone, change)
        if outcome.agent_id in left_out:
            _add(apart, outcome.cell, gone, change)
    if seed is None:
        return CellTally(totals, apart, {}, np.empty(0, np.int64))
    random_keys = draw_keys(_identities(fresh), seed)
    return CellTally(totals, apart, _by_name(number, cells[dealt], random_keys[dealt]), random_keys)


def tallied_exposure(exposure: DayExposure, left_out: Collection[AgentId]) -> CellTally:
    """Count the sales at risk on a day, and those that ended badly, by cell.

    They have no random keys: what is dealt to them follows from their totals.
    """
    apart: dict[Cell, Totals] = {}
    if left_out:
        named = np.array([name in left_out for name in exposure.agent_names], np.bool_)
        apart = _by_cell(exposure, named[exposure.agents])
    return CellTally(_by_cell(exposure, slice(None)), apart, {}, np.empty(0, np.int64))


def _counted(names: Collection[Cell], cells: Integers, bad: Booleans) -> dict[Cell, Totals]:
    """Count outcomes, and the bad ones, by cell; `cells` are positions in `names`."""
    matured = np.bincount(cells, minlength=len(names)).tolist()
    bad_ones = np.bincount(cells[bad], minlength=len(names)).tolist()
    return {
        name: Totals(*numbers)
        for name, *numbers in zip(names, matured, bad_ones, strict=True)
        if numbers[0]
    }


def _by_name(names: Collection[Cell], cells: Integers, random_keys: Integers) -> dict[Cell, bytes]:
    """Return the random keys of each cell, in their order (8 bytes, little endian)."""
    in_order = random_keys[np.argsort(cells, kind="stable")].astype("<i8").tobytes()
    ends = (8 * np.cumsum(np.bincount(cells, minlength=len(names)))).tolist()
    return {
        name: in_order[start:end]
        for name, start, end in zip(names, [0, *ends], ends, strict=False)
        if start < end
    }


def _by_cell(exposure: DayExposure, chosen: Booleans | slice) -> dict[Cell, Totals]:
    cells = exposure.cells[chosen]
    at_risk = np.bincount(cells, weights=exposure.at_risk[chosen]).astype(np.int64)
    ended = np.bincount(cells, weights=exposure.ended[chosen]).astype(np.int64)
    there = np.flatnonzero(at_risk)
    names = [exposure.cell_names[cell] for cell in there.tolist()]
    return dict(
        zip(names, map(Totals, at_risk[there].tolist(), ended[there].tolist()), strict=True)
    )


def _add(totals: dict[Cell, Totals], cell: Cell, matured: int, bad: int) -> None:
    known = totals.get(cell, Totals())
    totals[cell] = Totals(known.matured + matured, known.bad + bad)


def _identities(outcomes: Sequence[Outcome]) -> NDArray[np.uint64]:
    return np.array(sale_hashes(map(_sale, outcomes)), np.uint64)
