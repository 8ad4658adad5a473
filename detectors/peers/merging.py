"""Reports of several partitions for one day, added up: the same however agents are assigned."""

from collections.abc import Iterable, Mapping

from detectors.basis.identifiers import PatternName
from detectors.messages.outcomes import Dispersion


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
