"""Holes in the events: what was deleted before it was read, and people have chosen to go on."""

from collections.abc import Iterable

from msgspec import Struct

from detectors.basis.event_time import BEGINNING, Seconds


class Hole(Struct, frozen=True):
    """Consecutive records of a source that no ledger has read.

    ``first`` and ``last`` are their offsets in a partition of the ``source``. ``since`` and
    ``until`` bound their event times (seconds), by the newest event of the source before and the
    first one after, give or take the allowed lateness; None as long as there is no such event.
    ``unknown_until`` is the watermark at which the ledger came to the hole: what was due by then
    was said without knowing of it.
    """

    source: str
    partition: int
    first: int
    last: int
    since: Seconds | None = None
    until: Seconds | None = None
    unknown_until: Seconds = BEGINNING


def joined(known: Iterable[Hole], told: Iterable[Hole]) -> list[Hole]:
    """Return all of these holes, each once, in one order.

    A ledger tells its holes again and again, and again older ones after a restart. So one that has
    an end replaces the same without, and never the other way round.
    """
    by_place: dict[tuple[str, int, int, int], Hole] = {}
    for hole in (*known, *told):
        place = (hole.source, hole.partition, hole.first, hole.last)
        same = by_place.get(place)
        if same is None or same.until is None:
            by_place[place] = hole
    return [hole for _, hole in sorted(by_place.items())]
