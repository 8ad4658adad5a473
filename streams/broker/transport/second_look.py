"""Corrupt batches are fetched once more before they are left out.

A batch may be whole on the broker's disk, and have been spoilt in its memory, in ours, or on the
way. What is set aside is set aside for good, so it must be corrupt twice.
"""

from typing import Final

from streams.broker.transport.offsets import PartitionId
from streams.broker.transport.unpacking import Unpacked


class SecondLook:
    """Remembers which offset of each partition was corrupt when it was last read."""

    def __init__(self) -> None:
        self._suspected: Final[dict[PartitionId, int]] = {}

    def at(self, place: PartitionId, unpacked: Unpacked) -> Unpacked:
        """Return what to make of a fetch: what is corrupt the first time is to be fetched again.

        Examples
        --------
        >>> from streams.broker.batches.checked import CorruptBatch
        >>> look, read = SecondLook(), Unpacked([], 8, CorruptBatch(5, 7, "it is short"))
        >>> look.at(("sales", 0), read)
        Unpacked(records=[], next_offset=5, corrupt=None, decompressed=0)
        >>> look.at(("sales", 0), read) == read
        True
        """
        if unpacked.corrupt is None:
            self._suspected.pop(place, None)
            return unpacked
        first = unpacked.corrupt.first
        if self._suspected.get(place) == first:
            del self._suspected[place]
            return unpacked
        self._suspected[place] = first
        return unpacked._replace(next_offset=first, corrupt=None)
