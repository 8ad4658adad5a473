"""The outcomes of an agent beside what was expected of them, by day and by peer cell."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rich.table import Table

from detectors.basis.event_time import day_name
from detectors.basis.identifiers import Cell
from streams.explain.course import CourseDay
from streams.printable import printable

SHOWN_DAYS: Final = 15
SHOWN_CELLS: Final = 15
_SMALL: Final = 0.01


class Headings(NamedTuple):
    """What stands above the columns: of days, of what is counted, and of cells."""

    days: str
    counted: str
    cells: str


class CellCount(NamedTuple):
    """Sales of one peer cell: how many, how many bad, how many expected; the cell may be empty."""

    cell: Cell
    matured: int
    bad: int
    expected: float


class _Sum(NamedTuple):
    name: str
    matured: int
    bad: int
    expected: float


def day_table(days: Sequence[CourseDay], headings: Headings, since: str) -> Table:
    """Return the days on which outcomes were judged; the last `SHOWN_DAYS` one by one."""
    earlier, shown = days[:-SHOWN_DAYS], days[-SHOWN_DAYS:]
    table = _table(f"Day by day since {since}", (headings.days, headings.counted), "evidence")
    if earlier:
        several = _Sum(
            f"{len(earlier)} days before",
            sum(day.matured for day in earlier),
            sum(day.bad for day in earlier),
            sum(day.expected for day in earlier),
        )
        table.add_row(*_figures(several), f"{earlier[-1].evidence:.6g}", end_section=True)
    for day in shown:
        one = _Sum(day_name(day.day), day.matured, day.bad, day.expected)
        table.add_row(*_figures(one), f"{day.evidence:.6g}")
    return table


def cell_table(counts: Iterable[CellCount], headings: Headings, since: str) -> Table:
    """Return what was expected of an agent's sales in each peer cell, the most expected first.

    `counts` of one cell are added up. Beyond `SHOWN_CELLS` the rest is one row.
    """
    sums: dict[Cell, _Sum] = {}
    for cell, matured, bad, expected in counts:
        before = sums.get(cell, _Sum(printable(cell) or "?", 0, 0, 0.0))
        sums[cell] = _Sum(
            before.name, before.matured + matured, before.bad + bad, before.expected + expected
        )
    ordered = sorted(sums.values(), key=lambda one: (-one.expected, one.name))
    shown, others = ordered[:SHOWN_CELLS], ordered[SHOWN_CELLS:]
    table = _table(
        f"By peer cell since {since}", (headings.cells, headings.counted), "expected share"
    )
    for one in shown:
        table.add_row(*_figures(one), _share(one))
    total = _added("all", ordered)
    if others:
        rest = _added(f"{len(others)} other cells", others)
        table.add_row(*_figures(rest), _share(rest))
    table.add_section()
    table.add_row(*_figures(total), _share(total))
    return table


def _table(title: str, names: tuple[str, str], last: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(names[0], overflow="fold")
    for name in (names[1], "bad", "expected", last):
        table.add_column(name, justify="right", overflow="fold")
    return table


def _added(name: str, sums: Sequence[_Sum]) -> _Sum:
    return _Sum(
        name,
        sum(one.matured for one in sums),
        sum(one.bad for one in sums),
        sum(one.expected for one in sums),
    )


def _figures(one: _Sum) -> tuple[str, str, str, str]:
    expected = f"{one.expected:.2f}" if one.expected >= _SMALL else f"{one.expected:.2g}"
    return (one.name, str(one.matured), str(one.bad), expected)


def _share(one: _Sum) -> str:
    if not one.matured:
        return ""
    share = one.expected / one.matured
    return f"{share:.2%}" if share >= _SMALL / 100.0 else f"{100.0 * share:.2g}%"
