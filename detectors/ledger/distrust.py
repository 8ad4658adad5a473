"""Stretches of event time in which nothing can be told from what was not seen.

Whoever feeds the ledger says when a source cannot be believed and when it can again. A verdict that
rests on absence is not given on a sale whose window touches such a stretch: nobody used the account
as far as was *seen*. What was seen counts as ever.
"""

from math import inf
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds


class Stretch(Struct, frozen=True, array_like=True):
    """From when until when a source cannot be believed (seconds); endless while that lasts."""

    source: str
    since: Seconds
    until: Seconds


MOST_STRETCHES: Final = 1_000
"""Beyond it the oldest two become one: a source that comes and goes fills no memory."""


class Distrust:
    """The stretches in which some source cannot be believed."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []

    def turn(self, source: str, at: Seconds, *, trusted: bool) -> None:
        """Believe a source no more, or again, from a time on that no watermark has passed.

        Of what was settled before that time nothing changes, so it cannot matter how soon it was.
        """
        if not trusted:
            self._stretches.append(Stretch(source, at, Seconds(inf)))
            self._merge_oldest()
            return
        self._stretches = [
            Stretch(source, known.since, max(known.since, at))
            if known.source == source and known.until == inf
            else known
            for known in self._stretches
        ]

    def _merge_oldest(self) -> None:
        if len(self._stretches) > MOST_STRETCHES:
            one, other, *rest = self._stretches
            if other.until < inf:
                until = max(one.until, other.until)
                self._stretches = [Stretch(one.source, min(one.since, other.since), until), *rest]

    def touches(self, since: Seconds, end: Seconds) -> bool:
        """Return whether some source could not be believed at a time from `since` to `end`."""
        return any(known.since <= end and since <= known.until for known in self._stretches)

    def snapshot(self) -> list[Stretch]:
        """Return the stretches."""
        return list(self._stretches)

    def restore(self, stretches: list[Stretch]) -> None:
        """Restore what `snapshot` returned."""
        self._stretches = list(stretches)
