"""Good outcomes that came in columns, until their day is complete."""

from collections.abc import Iterable, Iterator
from typing import Final

from detectors.basis.event_time import Day, Seconds, day_of
from detectors.basis.identifiers import PatternName
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import Outcome


class GoodWaiting:
    """Good outcomes of some patterns, in the parts in which they came."""

    def __init__(self) -> None:
        self._parts: Final[dict[PatternName, list[GoodOutcomes]]] = {}

    def receive(self, good: Iterable[GoodOutcomes], watermark: Seconds) -> None:
        """Receive what a ledger sent, but for what matured before its watermark: it was sent."""
        for some in good:
            _, on_time = some.split(watermark)
            if len(on_time):
                self._parts.setdefault(on_time.pattern, []).append(on_time)

    def pop(self, name: PatternName, end: Seconds) -> list[GoodOutcomes]:
        """Return the parts of one pattern that matured before `end`, once."""
        split = [some.split(end) for some in self._parts.get(name, ())]
        self._parts[name] = [rest for _, rest in split if len(rest)]
        return [ready for ready, _ in split if len(ready)]

    def days(self) -> Iterator[Day]:
        """Yield the first day of every part."""
        for parts in self._parts.values():
            for some in parts:
                yield day_of(Seconds(float(some.matured_at[0])))

    def outcomes(self, name: PatternName) -> Iterator[Outcome]:
        """Yield all of one pattern as objects."""
        for some in self._parts.get(name, ()):
            yield from some.outcomes()
