"""Totals of cells by their names, into the columns of messages and out of them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from detectors.basis.identifiers import Cell
from detectors.messages.cell_columns import (
    DAY_TOTALS,
    TOTALS,
    CellTable,
    DayTotals,
    held_integers,
    held_reals,
    integers,
    reals,
)

NOBODY: Mapping[Cell, tuple[int, int]] = {}
NO_KEYS: Mapping[Cell, list[int]] = {}


class CellTotals(NamedTuple):
    """What is known of one cell."""

    matured: int
    bad: int
    recent_bad: float
    recent_expected: float


def table_of(cells: Mapping[Cell, CellTotals]) -> CellTable:
    numbers = np.array(list(cells.values()), np.float64)
    return CellTable(tuple(cells), held_reals(numbers))


def by_cell(table: CellTable) -> dict[Cell, CellTotals]:
    rows = reals(table.numbers, TOTALS).tolist()
    return {
        cell: CellTotals(int(matured), int(bad), *recent)
        for cell, (matured, bad, *recent) in zip(table.cells, rows, strict=True)
    }


def day_totals(
    cells: Mapping[Cell, tuple[int, int]],
    left_out: Mapping[Cell, tuple[int, int]] = NOBODY,
    random_keys: Mapping[Cell, list[int]] = NO_KEYS,
) -> DayTotals:
    """Return matured and bad outcomes by cell, and how many of them are of who is left out."""
    names = tuple(dict.fromkeys([*cells, *left_out, *random_keys]))
    numbers = [(*cells.get(cell, (0, 0)), *left_out.get(cell, (0, 0))) for cell in names]
    keys_of = [len(random_keys.get(cell, [])) for cell in names]
    keys = [key for cell in names for key in random_keys.get(cell, [])]
    return DayTotals(
        names,
        held_integers(np.array(numbers, np.int64)),
        held_integers(np.array(keys_of, np.int64)),
        held_integers(np.array(keys, np.int64)),
    )


def added_by_cell(totals: DayTotals) -> dict[Cell, tuple[int, int]]:
    """Return matured and bad outcomes by cell."""
    rows = integers(totals.numbers, DAY_TOTALS)[:, :2].tolist()
    return {cell: (matured, bad) for cell, (matured, bad) in zip(totals.cells, rows, strict=True)}
