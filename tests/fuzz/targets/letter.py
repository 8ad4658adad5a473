"""Records among the dead letters, with any headers: the book that collects them and its text."""

from typing import Final

import msgspec
from msgspec import Struct

from streams.wire.dead_letter import FOREIGN, from_message, to_message
from tests.fuzz.mutation import of_msgpack
from tests.fuzz.target import Target


class AnyRecord(Struct, array_like=True):
    """A record as any client may write it."""

    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def run(data: bytes) -> None:
    """Read a record among the letters, write it again, and read that."""
    try:
        record = msgspec.msgpack.decode(data, type=AnyRecord)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # no record: headers are pairs of a text and bytes in every client
    letter = from_message(record.value, record.headers)
    assert letter.record == (record.value or b""), "the letter is not the record"
    assert letter.location()
    if letter.reason != FOREIGN:
        assert from_message(*to_message(letter)) == letter


TARGET: Final = Target("letter", run, of_msgpack)
