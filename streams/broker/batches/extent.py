"""Which offsets a batch has that cannot be unpacked, of what can still be believed of its header.

To step over too much would lose records that nobody has looked at; to step over nothing would read
the same batch for ever. So an end is believed only if something else agrees with it. Otherwise one
offset is left out, and the broker is asked for what follows.
"""

import struct
from typing import Final, NamedTuple

from aiokafka.record.util import calc_crc32c

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_LENGTH_END: Final = 12
_CHECKED_START: Final = 21
_PRESENT_FORMAT: Final = 2


class Extent(NamedTuple):
    """The first and last offset. ``sure``: whether the last one is known to be that."""

    first: int
    last: int
    sure: bool


def extent_of(content: memoryview, position: int | None, end: int | None) -> Extent:
    """Return the offsets of the batch with which some bytes of a fetch begin.

    Parameters
    ----------
    content
        From the beginning of the batch to the end of the fetch.
    position
        The offset that was expected next; None: believe the batch.
    end
        The end of the partition, where it is known.
    """
    if len(content) < _HEADER.size:
        return _one(position or 0)
    base, length, _, number, checksum, _, delta, *_, count = _HEADER.unpack_from(content)
    first = base if position is None else position
    following = _following(content, length)
    if following is not None and first < following and (end is None or following <= end):
        # What comes behind it was asked for too: nothing can be between the two.
        return Extent(first, following - 1, sure=True)
    last = base + delta
    stop = _LENGTH_END + length
    agrees = delta == count - 1 or (
        _HEADER.size <= stop <= len(content)
        and checksum == calc_crc32c(content[_CHECKED_START:stop])
    )
    if number == _PRESENT_FORMAT and agrees and first <= last and (end is None or last < end):
        return Extent(first, last, sure=True)
    return _one(first)


def _following(content: memoryview, length: int) -> int | None:
    """Return the first offset of the batch behind this one, if it is there and whole."""
    start = _LENGTH_END + length
    if length <= 0 or len(content) - start < _HEADER.size:
        return None
    base, size, _, number, checksum, *_ = _HEADER.unpack_from(content, start)
    stop = start + _LENGTH_END + size
    whole = (
        number == _PRESENT_FORMAT
        and start + _HEADER.size <= stop <= len(content)
        and checksum == calc_crc32c(content[start + _CHECKED_START : stop])
    )
    return int(base) if whole else None


def _one(position: int) -> Extent:
    return Extent(position, position, sure=False)
