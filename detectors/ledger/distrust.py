"""Stretches of event time in which nothing can be told from what was not seen.

Whoever feeds the ledger says when a source cannot be believed and when it can again. A verdict that
rests on absence is not given on a sale whose window touches such a stretch: nobody used the account
as far as was *seen*. What was seen counts as ever.
"""

from math import inf

from msgspec import Struct

from detectors.basis.event_time import Seconds


class Stretch(Struct, frozen=True, array_like=True):
    """From when until when a source cannot be believed (seconds); endless while that lasts."""

    source: str
    since: Seconds
    until: Seconds


class Distrust:
    """The stretches that may still touch the window of a sale."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []

    def begin(self, source: str, since: Seconds) -> None:
        """Believe a source no more from a time on."""
        self._stretches.append(Stretch(source, since, Seconds(inf)))

    def end(self, source: str, until: Seconds) -> None:
        """Believe a source again from a time on."""
        self._stretches = [
            Stretch(source, known.since, max(known.since, until))
            if known.source == source and known.until == inf
            else known
            for known in self._stretches
        ]

    def touches(self, since: Seconds, end: Seconds) -> bool:
        """Return whether some source could not be believed at a time from `since` to `end`."""
        return any(known.since <= end and since <= known.until for known in self._stretches)

    def forget(self, before: Seconds) -> None:
        """Forget the stretches that ended before a time: no window reaches back to them."""
        self._stretches = [known for known in self._stretches if known.until >= before]

    def snapshot(self) -> list[Stretch]:
        """Return the stretches."""
        return list(self._stretches)

    def restore(self, stretches: list[Stretch]) -> None:
        """Restore what `snapshot` returned."""
        self._stretches = list(stretches)
