"""Record batches that a well-behaved producer would never send, and the broker takes."""

import gzip
import struct
from typing import Final

from aiokafka.record.util import calc_crc32c

_RECORDS_START: Final = 61
_CHECKSUM_START: Final = 17
_CHECKED_START: Final = 21


def rename_headers(batch: bytes, name: bytes, other: bytes) -> bytes:
    """Replace the name of headers by bytes of the same length, plain or in a gzip batch."""
    changed = bytearray(batch)
    records = bytes(batch[_RECORDS_START:])
    if batch[22] & 7 == 1:
        changed[_RECORDS_START:] = gzip.compress(gzip.decompress(records).replace(name, other))
        changed[8:12] = struct.pack(">i", len(changed) - 12)
    else:
        changed[_RECORDS_START:] = records.replace(name, other)
    checksum = calc_crc32c(bytes(changed[_CHECKED_START:]))
    changed[_CHECKSUM_START:_CHECKED_START] = struct.pack(">I", checksum)
    return bytes(changed)
