"""Reports of several partitions for one day, added up: the same however agents are assigned."""

from collections.abc import Iterable, Mapping

from detectors.basis.identifiers import Cell, PatternName
from detectors.messages.outcomes import CellTotals, Dispersion, Totals


def merged_totals(
    parts: Iterable[Mapping[PatternName, Mapping[Cell, Totals]]],
) -> dict[PatternName, dict[Cell, Totals]]:
    """Add up totals by pattern and cell."""
    merged: dict[PatternName, dict[Cell, Totals]] = {}
    for part in parts:
        for name, cells in part.items():
            known = merged.setdefault(name, {})
            for cell, added in cells.items():
                total = known.get(cell)
                known[cell] = (
                    added
                    if total is None
                    else Totals(total.matured + added.matured, total.bad + added.bad)
                )
    return merged


def without(totals: Mapping[Cell, Totals], left_out: Mapping[Cell, Totals]) -> dict[Cell, Totals]:
    """Return totals without the part of them that is left out."""
    rest = dict(totals)
    for cell, part in left_out.items():
        total = rest.get(cell, Totals())
        rest[cell] = Totals(total.matured - part.matured, total.bad - part.bad)
    return rest


def merged_pasts(
    parts: Iterable[Mapping[PatternName, Mapping[Cell, CellTotals]]],
) -> dict[PatternName, dict[Cell, CellTotals]]:
    """Add up the pasts of agents who leave; exact, see `FINENESS`."""
    merged: dict[PatternName, dict[Cell, CellTotals]] = {}
    for part in parts:
        for name, cells in part.items():
            known = merged.setdefault(name, {})
            for cell, added in cells.items():
                past = known.get(cell)
                known[cell] = (
                    added
                    if past is None
                    else CellTotals(
                        past.matured + added.matured,
                        past.bad + added.bad,
                        past.recent_bad + added.recent_bad,
                        past.recent_expected + added.recent_expected,
                    )
                )
    return merged


def merged_random_keys(
    parts: Iterable[Mapping[PatternName, Mapping[Cell, bytes]]],
) -> dict[PatternName, dict[Cell, bytes]]:
    """Concatenate the random keys of each pattern and cell, both in the order of names."""
    merged: dict[PatternName, dict[Cell, list[bytes]]] = {}
    for part in parts:
        for name, cells in part.items():
            known = merged.setdefault(name, {})
            for cell, random_keys in cells.items():
                known.setdefault(cell, []).append(random_keys)
    return {
        name: {cell: b"".join(random_keys) for cell, random_keys in sorted(cells.items())}
        for name, cells in sorted(merged.items())
    }


def merged_dispersion(
    parts: Iterable[Mapping[PatternName, Dispersion]],
) -> dict[PatternName, Dispersion]:
    """Add up the sums over agents and agent-days by pattern, in the order of names."""
    merged: dict[PatternName, Dispersion] = {}
    for part in parts:
        for name, added in part.items():
            known = merged.get(name, Dispersion())
            merged[name] = Dispersion(
                agents=known.agents + added.agents,
                squares=known.squares + added.squares,
                noise=known.noise + added.noise,
                weight=known.weight + added.weight,
                day_squares=known.day_squares + added.day_squares,
                day_variance=known.day_variance + added.day_variance,
            )
    return dict(sorted(merged.items()))
