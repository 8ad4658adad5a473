"""Reads records whose headers have names that are not UTF-8.

The broker takes any bytes for the name of a header; the Java client replaces those that are no
UTF-8, and aiokafka raises on them: one such record would stop every worker that meets it, for good.
This is slow, and only ever done to batches that the client could not unpack.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint

from streams.errors import UndecodableBatch
from streams.wire.record import KafkaRecord


class LenientRecord(NamedTuple):
    """A `KafkaRecord`."""

    offset: int
    timestamp: int
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


def read_leniently(frame: bytes | bytearray | memoryview) -> Iterator[KafkaRecord]:
    """Yield the records of a batch that is not compressed.

    Leaves out what belongs to one of the aborted transactions: producer, first offset.

    Raises
    ------
    UndecodableBatch
        If it does not hold what it says.
    """
    batch = _DefaultRecordBatchPy(frame)
    reader = _Reader(bytes(batch._buffer), batch._pos)  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    appended = batch.timestamp_type == batch.LOG_APPEND_TIME
    for _ in range(batch._num_records):  # noqa: SLF001 - as above
        reader.number()  # its length
        reader.number()  # attributes: none are in use
        elapsed, further = reader.number(), reader.number()
        yield LenientRecord(
            offset=batch.base_offset + further,
            timestamp=batch.max_timestamp if appended else batch.first_timestamp + elapsed,
            timestamp_type=batch.timestamp_type,
            key=reader.content(),
            value=reader.content(),
            headers=[(reader.name(), reader.content()) for _ in range(reader.number())],
        )
    if not reader.at_end():
        raise UndecodableBatch("holds more than the records it counts")


class _Reader:
    """Reads the fields of records one after the other."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content: Final = content
        self._position = position

    def at_end(self) -> bool:
        return self._position == len(self._content)

    def number(self) -> int:
        try:
            number, self._position = decode_varint(self._content, self._position)
        except (IndexError, ValueError) as error:
            raise UndecodableBatch("ends within a record") from error
        return int(number)

    def content(self) -> bytes | None:
        length = self.number()
        if length < 0:
            return None
        end = self._position + length
        if end > len(self._content):
            raise UndecodableBatch("ends within a record")
        found = self._content[self._position : end]
        self._position = end
        return found

    def name(self) -> str:
        return (self.content() or b"").decode("utf-8", errors="surrogateescape")
