"""Reads a batch of every codec before any topic is read.

A package may be missing, or be broken on this machine, and the first batch of its codec may come
months later: any producer, topic or cluster may begin to compress.
"""

from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from typing import Final

from streams.broker.batches.checked import CheckedRecords
from streams.broker.batches.codecs import CODECS
from streams.errors import MissingCodec

_VALUE: Final = b"aboveboard aboveboard aboveboard"

_BATCHES: Final[Mapping[int, str]] = {
    1: "AAAAAAAAAAAAAABc/////wKsBBPzAAEAAAAAAAABi8/laAAAAAGLz+VoAP//////////////////"
    "AAAAAR+LCAAAAAAAAgMLYmBgYMtOrXRITMovS03KTyxKUcDKZAAA6iHLlyoAAAA=",
    2: "AAAAAAAAAAAAAABg/////wIt+HBtAAIAAAAAAAABi8/laAAAAAGLz+VoAP//////////////////"
    "AAAAAYJTTkFQUFkAAAAAAQAAAAEAAAAbKkxSAAAABmtleUBhYm92ZWJvYXJkIFILAAAA",
    3: "AAAAAAAAAAAAAABm/////wJ0R3WeAAMAAAAAAAABi8/laAAAAAGLz+VoAP//////////////////"
    "AAAAAQQiTRhoQCoAAAAAAAAAzx4AAAD9BVIAAAAGa2V5QGFib3ZlYm9hcmQgCwBQb2FyZAAAAAAA",
    4: "AAAAAAAAAAAAAABV/////wJcbm4KAAQAAAAAAAABi8/laAAAAAGLz+VoAP//////////////////"
    "AAAAASi1L/0AAN0AAKhSAAAABmtleUBhYm92ZWJvYXJkIAABAPwVJg==",
}
"""A batch of one record, `_VALUE`, in each codec: snappy framed by xerial, zstd without a size."""


@cache
def require_codecs() -> None:
    """Return if batches of every codec can be read.

    Raises
    ------
    MissingCodec
        A package cannot be imported, or does not decompress; names it.
    """
    for number, batch in _BATCHES.items():
        checked = CheckedRecords(b64decode(batch))
        values = [record.value for record in checked.next_batch()]
        if values != [_VALUE]:
            codec = CODECS[number]
            why = "it gives other bytes" if checked.corrupt is None else checked.corrupt.why
            raise MissingCodec(
                f"batches of Kafka that are compressed with {codec.name} cannot be read: {why}. "
                f"Install again what unpacks them: pip install --force-reinstall {codec.package}"
            )
