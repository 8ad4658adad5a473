"""Reads what one stage wrote for another."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from streams.errors import UndecodableRecord
from streams.wire.record import KafkaRecord

Message = TypeVar("Message")


def messages(
    records: Sequence[KafkaRecord], decoder: msgspec.msgpack.Decoder[Message]
) -> Iterator[Message]:
    """Yield the messages that records hold.

    Raises
    ------
    UndecodableRecord
        If one of them is no such message: another version wrote it, or another program.
    """
    for record in records:
        try:
            yield decoder.decode(record.value or b"")
        except msgspec.MsgspecError as error:
            raise UndecodableRecord(record.offset, error) from error
