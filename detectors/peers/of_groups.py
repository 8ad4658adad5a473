"""What is expected of the members of groups, taken together, by what is known of all agents."""

from collections.abc import Iterable, Mapping, Sequence

from detectors.basis.identifiers import Cell, GroupKind, PatternName
from detectors.messages.outcomes import DayReport
from detectors.messages.within import ROW, GroupDay, GroupRows, numbers
from detectors.peers.population import Population


def group_days(
    reports: Sequence[DayReport], populations: Mapping[PatternName, Population]
) -> dict[PatternName, dict[GroupKind, dict[str, GroupDay]]]:
    """Return what the members of each group did on a day, after it was added to `populations`.

    Groups are in the order of their names; sums over cells are made in the order of the cells'
    names, so partitions change no bit of them.
    """
    told = sorted({name for report in reports for name in report.within})
    kinds = sorted({kind for report in reports for one in report.within.values() for kind in one})
    return {
        name: {
            kind: _days(
                [one.within[name][kind] for one in reports if kind in one.within.get(name, {})],
                populations[name],
            )
            for kind in kinds
        }
        for name in told
        if name in populations
    }


def _days(parts: Iterable[GroupRows], population: Population) -> dict[str, GroupDay]:
    people: dict[str, int] = {}
    counts: dict[str, dict[Cell, tuple[int, int]]] = {}
    for part in parts:
        for name, number in zip(part.groups, numbers(part.people, 1)[:, 0].tolist(), strict=True):
            people[name] = people.get(name, 0) + number
        for group, cell, number, bad in numbers(part.rows, ROW).tolist():
            cells = counts.setdefault(part.groups[group], {})
            before = cells.get(part.cells[cell], (0, 0))
            cells[part.cells[cell]] = before[0] + number, before[1] + bad
    expected = population.expected()
    return {
        name: GroupDay(
            people[name],
            sum(bad for _, bad in cells.values()),
            sum(number * expected[cell] for cell, (number, _) in sorted(cells.items())),
        )
        for name, cells in sorted(counts.items())
    }
