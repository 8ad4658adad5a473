"""What the summary says of patterns on the traffic of agents, where none was read."""

from collections.abc import Collection, Iterator, Mapping

from detectors.basis.identifiers import PatternName
from detectors.events.event import Access, AnyEvent, Interaction
from detectors.facts.asked.traffic import Traffic


def traffic_lines(
    asked: Mapping[PatternName, Traffic], read: Collection[type[AnyEvent]]
) -> Iterator[str]:
    """Yield for each pattern that asks for traffic what of it was not among what was `read`."""
    lines = []
    for pattern, traffic in sorted(asked.items(), key=lambda one: one[0]):
        absent = [] if Interaction in read else ["no `interaction`"]
        if traffic.accesses and Access not in read:
            absent.append("no `access`")
        if absent:
            lines.append(f"  {pattern}: {' and '.join(absent)}")
    if lines:
        yield "Patterns say nothing of anybody, for what they ask for was not read"
        yield from lines
