"""Unpacks record batches whose headers have names that are not UTF-8.

The broker takes any bytes for the name of a header; the Java client replaces those that are no
UTF-8, and aiokafka raises on them: one such record would stop every worker that meets it, for good.
This is slow, and only ever done to batches that the client could not unpack.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.util import decode_varint

from streams.broker.transport.aborted import AbortedTransactions
from streams.broker.transport.unpacking import Unpacked
from streams.wire.record import KafkaRecord

_FRAME: Final = struct.Struct(">qiib")
"""Base offset, length of what follows the first 12 bytes, leader epoch, and the format's number."""

_FRAME_START: Final = 12
_FIRST_FORMAT_WITH_HEADERS: Final = 2
_FIRST_ANSWER_WITH_TRANSACTIONS: Final = 4
_FIRST_ANSWER_WITH_A_REPLICA: Final = 11


class LenientRecord(NamedTuple):
    """A `KafkaRecord`."""

    offset: int
    timestamp: int
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def unpack_leniently(
    answer: bytes,
    position: int,
    *,
    check_crcs: bool,
    aborted_transactions: Iterable[tuple[int, int]] = (),
) -> Unpacked:
    """Unpack the bytes of a fetch answer, from the record at `position` on.

    Leaves out what belongs to one of the aborted transactions: producer, first offset.

    Raises
    ------
    aiokafka.errors.CorruptRecordException
        If a checksum is wrong, or a batch does not hold what it says.
    """
    records: list[KafkaRecord] = []
    aborted = AbortedTransactions(aborted_transactions)
    for frame in _frames(answer):
        if frame[16] < _FIRST_FORMAT_WITH_HEADERS:
            old = LegacyRecordBatch(frame, frame[16])
            records += [record for record in old if record.offset >= position]
            position = max(position, old.next_offset)
            continue
        batch = _DefaultRecordBatchPy(frame)
        if check_crcs and not batch.validate_crc():
            raise CorruptRecordException(f"wrong checksum after offset {position}")
        if not aborted.contain(batch) and not batch.is_control_batch:
            records += [record for record in _records(batch) if record.offset >= position]
        position = batch.next_offset
    return Unpacked(records, position)


def aborted_in(fields: Sequence[Any], version: int) -> Sequence[tuple[int, int]]:
    """Return the aborted transactions in a fetch answer.

    Parameters
    ----------
    fields
        Of one partition, all before the bytes.
    version
        Of the answer: it decides where they stand.
    """
    if version < _FIRST_ANSWER_WITH_TRANSACTIONS:
        return ()
    before_the_replica = version >= _FIRST_ANSWER_WITH_A_REPLICA
    return fields[-2 if before_the_replica else -1] or ()


def _frames(answer: bytes) -> Iterator[bytes]:
    """Cut an answer into batches; the last one may have been cut off by the broker."""
    start = 0
    while len(answer) - start >= _FRAME.size:
        _, length, _, _ = _FRAME.unpack_from(answer, start)
        end = start + _FRAME_START + length
        if end > len(answer):
            return
        yield answer[start:end]
        start = end


def _records(batch: _DefaultRecordBatchPy) -> Iterator[KafkaRecord]:
    batch._maybe_uncompress()  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    reader = _Reader(bytes(batch._buffer), batch._pos)  # noqa: SLF001 - as above
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


class _Reader:
    """Reads the fields of records one after the other."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content: Final = content
        self._position = position

    def number(self) -> int:
        try:
            number, self._position = decode_varint(self._content, self._position)
        except (IndexError, ValueError) as error:
            raise CorruptRecordException(f"a batch ends within a record: {error!r}") from error
        return int(number)

    def content(self) -> bytes | None:
        length = self.number()
        if length < 0:
            return None
        end = self._position + length
        if end > len(self._content):
            raise CorruptRecordException("a batch ends within a record")
        found = self._content[self._position : end]
        self._position = end
        return found

    def name(self) -> str:
        return (self.content() or b"").decode("utf-8", errors="surrogateescape")
