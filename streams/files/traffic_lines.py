"""What the summary says of patterns that ask for events about agents, where none was read."""

from collections.abc import Collection, Iterator, Mapping

from detectors.basis.identifiers import PatternName
from detectors.events.event import WIRE_TYPES, AnyEvent, OfAgent


def traffic_lines(
    asked: Mapping[PatternName, Collection[type[OfAgent]]], read: Collection[type[AnyEvent]]
) -> Iterator[str]:
    """Yield for each pattern that asks for such events what of them was not among the `read`."""
    names = {kind: name for name, kind in WIRE_TYPES.items()}
    lines = []
    for pattern, kinds in sorted(asked.items(), key=lambda one: one[0]):
        absent = [f"no `{names[kind]}`" for kind in kinds if kind not in read]
        if absent:
            lines.append(f"  {pattern}: {' and '.join(absent)}")
    if lines:
        yield "Patterns say nothing of anybody, for what they ask for was not read"
        yield from lines
