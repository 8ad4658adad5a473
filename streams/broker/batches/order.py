"""The offsets of the records in a fetch: that they grow, and stay within their batch.

A broker numbers batches, and stores whatever a producer wrote in those that are not compressed: a
second record with the offset of the millionth, say. Believed, it would lead us past all in between,
which others wrote. The records themselves are as good as any, so they get the offsets of their
places.
"""

from collections.abc import Sequence
from itertools import islice
from operator import attrgetter, lt
from typing import Final

from streams.broker.batches.lenient import LenientRecord
from streams.errors import UndecodableBatch
from streams.wire.record import KafkaRecord

LARGEST_UNLOOKED: Final = 2_000
"""Records of a fetch that no stage gets in parts: `LARGEST_BATCH` of the transport."""

_offset = attrgetter("offset")


def leads_where_it_should(
    records: Sequence[KafkaRecord], first: int, following: int, end: int | None
) -> bool:
    """Return whether a fetch that was read without care may be handed out as it is.

    To look at every offset costs a fifth of unpacking. A stage goes on behind the last record of
    what it gets, so that one must be right, and all of a fetch that stages get in parts.
    """
    if following <= first or (end is not None and following > end):
        return False  # it would be read again for ever, or lead to where nothing is
    if not records:
        return True
    if len(records) > LARGEST_UNLOOKED:
        return _are_in_order(list(map(_offset, records)), first, following)
    return first <= records[0].offset and records[-1].offset == following - 1


def in_order(records: Sequence[KafkaRecord], base: int, following: int) -> Sequence[KafkaRecord]:
    """Return the records of a batch, renumbered if their offsets cannot be.

    Raises
    ------
    UndecodableBatch
        If there are more of them than offsets.
    """
    if _are_in_order(list(map(_offset, records)), base, following):
        return records
    if len(records) > following - base:
        raise UndecodableBatch("has more records than offsets")
    return [
        LenientRecord(
            base + at,
            record.timestamp,
            record.timestamp_type,
            record.key,
            record.value,
            list(record.headers),
        )
        for at, record in enumerate(records)
    ]


def _are_in_order(offsets: list[int], first: int, following: int) -> bool:
    if not offsets or offsets == list(range(first, following)):
        return True
    growing = all(map(lt, offsets, islice(offsets, 1, None)))
    return growing and first <= offsets[0] and offsets[-1] < following
