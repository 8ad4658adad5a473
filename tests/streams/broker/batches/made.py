"""Record batches made by hand: as any producer writes them, and as none should."""

import gzip
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Final

import cramjam
import lz4.frame
import zstandard
from aiokafka.codec import snappy_encode
from aiokafka.record.util import calc_crc32c, encode_varint

CODECS: Final[Mapping[str, int]] = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}

_PRODUCE: Final = 0
_WITH_ZSTD: Final = 7
_NOT_YET: Final = (3, 6)
"""Error codes: no such partition, and not its leader. Every client asks again then."""

_PATIENCE: Final = 90.0
_TIME: Final = 1_700_000_000_000


def _zstd_without_size(content: bytes) -> bytes:
    stream = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return stream.compress(content) + stream.flush()


FORMS: Final[Mapping[str, tuple[int, Callable[[bytes], bytes]]]] = {
    "none": (0, bytes),
    "gzip": (1, gzip.compress),
    "gzip, two members": (
        1,
        lambda content: gzip.compress(content[:9]) + gzip.compress(content[9:]),
    ),
    "snappy, xerial": (2, snappy_encode),
    "snappy, xerial of Redpanda": (
        2,
        lambda content: b"".join(
            (snappy_encode(content)[:8], bytes((1, 0, 0, 0)) * 2, snappy_encode(content)[16:])
        ),
    ),
    "snappy, raw": (2, lambda content: bytes(cramjam.snappy.compress_raw(content))),
    "lz4": (3, lambda content: lz4.frame.compress(content, block_linked=False)),
    "lz4, linked": (3, lambda content: lz4.frame.compress(content, block_linked=True)),
    "lz4, no size": (3, lambda content: lz4.frame.compress(content, store_size=False)),
    "zstd": (4, lambda content: zstandard.ZstdCompressor().compress(content)),
    "zstd, no size": (4, _zstd_without_size),
}
"""Every form of a compressed batch that some client writes: its codec, and what compresses."""


def number(value: int) -> bytes:
    """Return a number as records hold it."""
    found = bytearray()
    encode_varint(value, found.append)
    return bytes(found)


def record(
    delta: int,
    value: bytes,
    key: bytes = b"key",
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """Return one record of a batch."""
    body = b"".join(
        (
            b"\0",
            number(0),
            number(delta),
            number(len(key)),
            key,
            number(len(value)),
            value,
            number(len(headers)),
            *(number(len(part)) + part for header in headers for part in header),
        )
    )
    return number(len(body)) + body


def frame(
    body: bytes,
    count: int,
    *,
    codec: int = 0,
    base: int = 0,
    delta: int | None = None,
    form: int = 2,
    checksum: int | None = None,
    attributes: int = 0,
) -> bytes:
    """Return a batch, with whatever header."""
    last = count - 1 if delta is None else delta
    checked = struct.pack(">hiqqqhii", codec | attributes, last, _TIME, _TIME, -1, -1, -1, count)
    checked += body
    right = calc_crc32c(checked) if checksum is None else checksum
    return struct.pack(">qiibI", base, len(checked) + 9, -1, form, right) + checked


def batch(values: Sequence[bytes], *, form: str = "none", base: int = 0) -> bytes:
    """Return a batch as a producer writes it."""
    codec, compress = FORMS[form]
    body = b"".join(record(at, value) for at, value in enumerate(values))
    return frame(compress(body), len(values), codec=codec, base=base)


def bomb(size: int, *, base: int = 0, form: str = "zstd, no size") -> bytes:
    """Return a batch of a few bytes that becomes one record of `size` zeros."""
    return batch([bytes(size)], form=form, base=base)


def produce(bootstrap: str, topic: str, partition: int, content: bytes) -> int:
    """Send a batch as it is to a broker; return the error code of its answer, 0 if it is stored."""
    host, _, port = bootstrap.rpartition(":")
    name = topic.encode()
    question = b"".join(
        (
            struct.pack(">hhih", _PRODUCE, _WITH_ZSTD, 1, 4),
            b"test",
            struct.pack(">hhiih", -1, 1, 10_000, 1, len(name)),
            name,
            struct.pack(">iii", 1, partition, len(content)),
            content,
        )
    )
    until = time.monotonic() + _PATIENCE
    with closing(socket.create_connection((host, int(port)), 10)) as connection:
        while True:
            connection.sendall(struct.pack(">i", len(question)) + question)
            answer = _exactly(connection, *struct.unpack(">i", _exactly(connection, 4)))
            (code,) = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(name) + 4 + 4)
            # The broker says that a topic was created before its partitions have a leader.
            if code not in _NOT_YET or time.monotonic() > until:
                return int(code)
            time.sleep(0.05)


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        assert part, "the broker hung up"
        found += part
    return found
