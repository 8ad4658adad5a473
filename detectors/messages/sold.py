"""How many sales a day saw and for how much, in integers: sums that no partition can change."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from detectors.basis.identifiers import Cell

ROW: Final = 32
"""Bytes of a cell in a message beside its name, at most: three integers."""


class SoldTotals(Struct, frozen=True, array_like=True, gc=False):
    """Sales made on a day.

    ``priced`` counts those whose amount is known, ``log_amounts`` is the sum of their
    `SaleMade.log_amount`.
    """

    sales: int = 0
    log_amounts: int = 0
    priced: int = 0


class DaySold(Struct, frozen=True, array_like=True):
    """What some agents sold on a day.

    ``at_work`` counts those of them who sold at all, ``log_sales`` is the sum of the logarithms of
    their numbers of sales, in thousandths. ``cells`` are the widest below the root: the
    first field of `peers.cell`, the product if nothing else is set.
    """

    at_work: int = 0
    log_sales: int = 0
    cells: dict[Cell, SoldTotals] = field(default_factory=dict)


def merged_sold(parts: Iterable[DaySold]) -> DaySold:
    """Add up what different agents sold on one day, cells in the order of their names."""
    at_work = log_sales = 0
    merged: dict[Cell, SoldTotals] = {}
    for part in parts:
        at_work += part.at_work
        log_sales += part.log_sales
        for cell, added in part.cells.items():
            known = merged.get(cell, SoldTotals())
            merged[cell] = SoldTotals(
                known.sales + added.sales,
                known.log_amounts + added.log_amounts,
                known.priced + added.priced,
            )
    return DaySold(at_work, log_sales, dict(sorted(merged.items())))


def compared(sold: DaySold, size: int) -> DaySold:
    """Leave out the cells in which nobody can be compared with anybody: of one priced sale.

    Of the rest those with the most such sales stay, if all together take more than `size` bytes:
    what was sold in the others is compared with nothing.
    """
    cells = {name: totals for name, totals in sold.cells.items() if totals.priced > 1}
    if sum(map(_bytes, cells)) > size:
        kept = set[Cell]()
        for name in sorted(cells, key=lambda name: (-cells[name].priced, name)):
            size -= _bytes(name)
            if size < 0:
                break
            kept.add(name)
        cells = {name: totals for name, totals in cells.items() if name in kept}
    return DaySold(sold.at_work, sold.log_sales, cells)


def _bytes(cell: Cell) -> int:
    return ROW + len(cell.encode())
