"""What the summary says of patterns on the traffic of agents, where none was read."""

from collections.abc import Collection, Iterator
from typing import Final

from detectors.basis.identifiers import PatternName
from detectors.events.event import Access, AnyEvent, Interaction

_ASKED: Final[dict[str, type[AnyEvent]]] = {"interaction": Interaction, "access": Access}


def traffic_lines(
    asking: Collection[PatternName], read: Collection[type[AnyEvent]]
) -> Iterator[str]:
    """Yield for each pattern that asks for traffic what of it was not among what was `read`."""
    absent = " and no ".join(f"`{name}`" for name, kind in _ASKED.items() if kind not in read)
    if absent and asking:
        yield "Patterns say nothing of anybody, for what they ask for was not read"
        for pattern in sorted(asking):
            yield f"  {pattern}: no {absent}"
