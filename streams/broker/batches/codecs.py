"""Decompresses record batches, and never to more than a limit.

The clients decompress whatever comes: ten kilobytes of zstd may become 300 megabytes. These
decoders stop at the limit. They also read all that a Kafka broker stores, where the clients differ:
snappy in the framing of xerial, whatever version it names (Redpanda writes it the other way round),
and zstd without a size in its header.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from gzip import GzipFile
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol

from streams.errors import MissingCodec, UndecodableBatch

LARGEST_UNPACKED: Final = 128 * 1024 * 1024
"""Bytes of one batch once it is unpacked: eight times the largest message we write ourselves."""

_STEP: Final = 1 << 18
"""Bytes decompressed at once where a format does not say how many there are."""

_LZ4_RATIO: Final = 255
"""Bytes that one byte of lz4 can become at most."""

_XERIAL: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER: Final = 16
_BLOCK_SIZE: Final = struct.Struct(">i")


class Codec(NamedTuple):
    """How a batch may be compressed, and the package that unpacks it."""

    name: str
    package: str
    decode: Callable[[memoryview, int], bytes]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def decompressed(number: int, content: memoryview, limit: int = LARGEST_UNPACKED) -> bytes:
    """Decompress by the codec of this number, which a batch's attributes name.

    Raises
    ------
    UndecodableBatch
        If there is no such codec, or more than `limit` bytes come out.
    MissingCodec
        If a package is not installed.
    Exception
        Whatever the decoder raises over content that is not its own.
    """
    codec = CODECS.get(number)
    if codec is None:
        raise UndecodableBatch(f"names the codec {number}, which Kafka does not have")
    return codec.decode(content, limit)


@cache
def _package(name: str, package: str) -> Any:  # noqa: ANN401 - none of them has types
    """Import what a decoder needs once it is needed, so that the probe can say what is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingCodec(
            f"the package {package} cannot be imported ({error}), and without it batches of Kafka "
            f"cannot be read. Install it: pip install {package}"
        ) from error


def _gunzip(content: memoryview, limit: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    found = stream.decompress(content, limit + 1)
    _require_room(len(found), limit)
    if not stream.eof:
        raise UndecodableBatch("ends within its gzip stream")
    if not stream.unused_data:
        return found
    # More members, which no producer writes. Looping over `unused_data` would copy the rest for
    # each of them, and an empty one has only 20 bytes.
    with GzipFile(fileobj=io.BytesIO(content)) as members:
        return _read(members, limit)


def _unsnap(content: memoryview, limit: int) -> bytes:
    snappy = _package("cramjam", "cramjam").snappy
    blocks = list(_snappy_blocks(content))
    # The decoder allocates what a block says of itself, up to 4 GiB, before it looks further.
    _require_room(sum(snappy.decompress_raw_len(block) for block in blocks), limit)
    return b"".join(bytes(snappy.decompress_raw(block)) for block in blocks)


def _snappy_blocks(content: memoryview) -> Iterator[memoryview]:
    if bytes(content[: len(_XERIAL)]) != _XERIAL:
        yield content
        return
    start = _XERIAL_HEADER
    while start < len(content):
        if len(content) - start < _BLOCK_SIZE.size:
            raise UndecodableBatch("ends within its snappy blocks")
        (size,) = _BLOCK_SIZE.unpack_from(content, start)
        start += _BLOCK_SIZE.size
        # A negative size would lead back to where we were, for ever.
        if not 0 < size <= len(content) - start:
            raise UndecodableBatch(f"has a snappy block of {size} bytes")
        yield content[start : start + size]
        start += size


def _unlz4(content: memoryview, limit: int) -> bytes:
    lz4_frame = _package("lz4.frame", "lz4")  # asked for by the probe too, which has small batches
    if len(content) * _LZ4_RATIO <= limit:  # cannot become too large: the faster of two decoders
        return bytes(_package("cramjam", "cramjam").lz4.decompress(content))
    stream = lz4_frame.LZ4FrameDecompressor()
    found: bytes = stream.decompress(content, max_length=limit + 1)
    _require_room(len(found), limit)
    if not stream.eof:
        raise UndecodableBatch("ends within its lz4 frame")
    return found


def _unzstd(content: memoryview, limit: int) -> bytes:
    decoder = _package("zstandard", "zstandard").ZstdDecompressor(max_window_size=LARGEST_UNPACKED)
    return _read(decoder.stream_reader(content, read_across_frames=True), limit)


def _read(stream: _Readable, limit: int) -> bytes:
    """Read a stream to its end in steps: one large buffer for all would be zeroed each time."""
    first = stream.read(_STEP)
    parts, size = [first], len(first)
    while part := stream.read(_STEP):
        parts.append(part)
        size += len(part)
        _require_room(size, limit)
    return first if len(parts) == 1 else b"".join(parts)


def _require_room(size: int, limit: int) -> None:
    if size > limit:
        raise UndecodableBatch(f"has more than {limit:,} bytes once it is unpacked")


CODECS: Final[Mapping[int, Codec]] = {
    1: Codec("gzip", "python", _gunzip),
    2: Codec("snappy", "cramjam", _unsnap),
    3: Codec("lz4", "cramjam lz4", _unlz4),
    4: Codec("zstd", "zstandard", _unzstd),
}
