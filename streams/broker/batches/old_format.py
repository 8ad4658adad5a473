"""Compressed messages of the formats before Kafka 0.11, measured before they are unpacked.

No present broker stores them any more; one that was upgraded may still have some. They are unpacked
twice: once to see that they do not become too large, and once by the client.
"""

import struct
from typing import Final

from streams.broker.batches.codecs import decompressed
from streams.errors import UndecodableBatch

_ATTRIBUTES_AT: Final = 17
_KEY_AT: Final = (18, 26)
_CODEC_MASK: Final = 7
_SIZE: Final = struct.Struct(">i")


def require_room_unpacked(frame: memoryview, number: int) -> int:
    """Return how many bytes a message becomes by unpacking; 0 if it is not compressed.

    Raises
    ------
    UndecodableBatch
        If it is too large, or does not hold what it says.
    """
    codec = frame[_ATTRIBUTES_AT] & _CODEC_MASK
    if not codec:
        return 0
    try:
        (key,) = _SIZE.unpack_from(frame, _KEY_AT[number])
        at = _KEY_AT[number] + _SIZE.size + max(key, 0)
        (size,) = _SIZE.unpack_from(frame, at)
    except struct.error as error:
        raise UndecodableBatch("ends within its header") from error
    start = at + _SIZE.size
    if not 0 < size <= len(frame) - start:
        raise UndecodableBatch(f"has {size} bytes of messages by its header, which cannot be")
    return len(decompressed(codec, frame[start : start + size]))
