"""How many sales a day saw and for how much, in integers: sums that no partition can change."""

from collections.abc import Iterable

from msgspec import Struct, field

from detectors.basis.identifiers import Cell


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
