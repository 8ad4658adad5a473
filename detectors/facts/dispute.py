"""That claims about one sale say different things: what an alert about its account tells of."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import BEGINNING, Seconds

MOST_EVENTS: Final = 8
"""Other claims that are remembered of one sale: those with the smallest ids of events."""


class DisputeRecord(Struct, array_like=True, gc=False):
    """What is remembered of it, whatever order the claims came in.

    ``known_at`` (seconds of event time) is when the last of them became known, ``events`` are those
    whose claims do not hold. ``revision`` counts what was told, ``opened_at`` is when the first of
    it became known, ``is_open`` whether it stands. ``is_due``: there is something new to tell.
    """

    known_at: Seconds
    events: tuple[str, ...] = ()
    revision: int = 0
    opened_at: Seconds = BEGINNING
    is_open: bool = False
    is_due: bool = True
