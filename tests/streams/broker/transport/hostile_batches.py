"""Record batches that a well-behaved producer would never send, and the broker takes."""

import gzip
import struct
from typing import Final

from aiokafka import AIOKafkaProducer
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


async def produce_hostile(
    bootstrap: str, topic: str, values: list[bytes | None], keys: list[bytes | None]
) -> None:
    """Produce one batch in which every record has a header whose name is no UTF-8."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        batch = producer.create_batch()
        for value, key in zip(values, keys, strict=True):
            batch.append(timestamp=None, key=key, value=value, headers=[("abcd", b"")])
        batch.close()
        batch._buffer = rename_headers(bytes(batch._build()), b"abcd", b"\xff\xfe\xfd\xfc")  # noqa: SLF001 - no client would send this
        await (await producer.send_batch(batch, topic, partition=0))
    finally:
        await producer.stop()
