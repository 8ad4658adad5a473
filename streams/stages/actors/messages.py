"""Reads what one stage wrote for another."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from streams.stages.actors.actor import Record, UnusableRecord

Message = TypeVar("Message")


def messages(
    records: Sequence[Record], decoder: msgspec.msgpack.Decoder[Message]
) -> Iterator[Message]:
    """Give the messages that records hold.

    Raises
    ------
    UnusableRecord
        If one of them is no such message: another version wrote it, or another program.
    """
    for record in records:
        try:
            yield decoder.decode(record.value or b"")
        except msgspec.MsgspecError as error:
            raise UnusableRecord(record.offset, error) from error
