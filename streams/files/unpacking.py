"""The bytes of a file, unpacked: what packed it is told by its first bytes, whatever its name is.

Everything comes in pieces of a bounded size, however many zeros a packed byte stands for. What ends
too early is read as far as it goes: that something is missing is reported, not raised.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Final

import zstandard

from streams.errors import InvalidInput

CHUNK: Final = 256 * 1024

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED: Final = tuple(bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60))
_MAGIC: Final = 4

_ZSTD_PIECE: Final = 1_024
"""Packed bytes given to zstd at once. It has no limit on what comes out, but a block of at most
128 KiB takes at least four bytes: so at most 32 MiB come out."""


class Source:
    """Packed bytes on their way in.

    Parameters
    ----------
    read
        Returns up to so many bytes of the file, none at its end.
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read: Final = read
        self.waiting = b""

    def more(self) -> bool:
        """Add the next bytes to those that wait; return whether there were any."""
        found = self._read(CHUNK)
        self.waiting += found
        return bool(found)

    def begins_with(self, *magics: bytes) -> bool:
        """Return whether the next bytes are one of these, as far as there are any."""
        while len(self.waiting) < _MAGIC and self.more():
            pass
        return self.waiting.startswith(magics)


def unpacked(read: Callable[[int], bytes], report: Callable[[str], None]) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file, and report what is missing of it.

    Raises
    ------
    InvalidInput
        If a part of it was changed: what was read of it then cannot be trusted.
    """
    source = Source(read)
    try:
        if source.begins_with(_GZIP):
            yield from _from_gzip(source, report)
        elif source.begins_with(_ZSTD, *_ZSTD_SKIPPED):
            yield from _from_zstd(source, report)
        else:
            yield source.waiting
            while chunk := read(CHUNK):
                yield chunk
    except zlib.error as error:
        raise InvalidInput(_damaged("gzip", error)) from None
    except zstandard.ZstdError as error:
        raise InvalidInput(_damaged("zstd", error)) from None


def _from_gzip(source: Source, report: Callable[[str], None]) -> Iterator[bytes]:
    while source.begins_with(_GZIP):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)  # 16: with gzip's head and checksum
        while True:
            piece = member.decompress(source.waiting, CHUNK)
            source.waiting = member.unconsumed_tail
            if piece:
                yield piece
            if member.eof:
                break
            # A full piece may have more behind it, of input that was taken already.
            if not (source.waiting or len(piece) == CHUNK or source.more()):
                report("its gzip data end before their ending")
                return
        source.waiting = member.unused_data
        _skip_padding(source)
    _report_rest(source, "gzip", report)


def _skip_padding(source: Source) -> None:
    """Skip the zeros with which tapes and block devices fill up what follows a member."""
    source.waiting = source.waiting.lstrip(b"\0")
    while not source.waiting and source.more():
        source.waiting = source.waiting.lstrip(b"\0")


def _from_zstd(source: Source, report: Callable[[str], None]) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor()
    while source.begins_with(_ZSTD, *_ZSTD_SKIPPED):
        frame = decompressor.decompressobj()
        while True:
            if not (source.waiting or source.more()):
                report("its zstd data end before their ending")
                return
            packed, source.waiting = memoryview(source.waiting), b""
            ended = False
            for start in range(0, len(packed), _ZSTD_PIECE):
                piece = frame.decompress(packed[start : start + _ZSTD_PIECE])
                yield from (piece[at : at + CHUNK] for at in range(0, len(piece), CHUNK))
                ended = frame.eof
                if ended:
                    source.waiting = frame.unused_data + packed[start + _ZSTD_PIECE :]
                    break
            if ended:
                break
    _report_rest(source, "zstd", report)


def _report_rest(source: Source, packing: str, report: Callable[[str], None]) -> None:
    if source.waiting:
        report(f"something that is no {packing} follows its {packing} data")


def _damaged(packing: str, error: Exception) -> str:
    return f"its {packing} data are damaged ({error}); get a fresh copy of it"
