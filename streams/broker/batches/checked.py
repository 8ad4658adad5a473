"""The batches of one fetch, of which those that cannot be unpacked are named and stepped over.

It stands where the client has its `MemoryRecords`, and is looked at by the same code. The client's
own raises over the first batch that it cannot unpack, and would raise again after every restart; in
its C extension a batch that is shorter than its header ends the process.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from detectors.basis.errors import AboveboardError
from streams.broker.batches.codecs import LARGEST_UNPACKED, decompressed
from streams.broker.batches.extent import Extent, extent_of
from streams.broker.batches.lenient import read_leniently
from streams.broker.batches.old_format import require_room_unpacked
from streams.broker.batches.order import in_order
from streams.errors import UndecodableBatch
from streams.wire.record import KafkaRecord

LARGEST_FETCH_UNPACKED: Final = 32 * 1024 * 1024
"""Bytes of decompressed batches after which a fetch ends early; at least one batch is unpacked."""

_FRAME: Final = struct.Struct(">qiib")
"""First offset, bytes that follow the length, leader epoch, and the number of the format."""

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
"""The same, checksum, attributes, last offset, times, producer, and the number of records."""

_LENGTH_END: Final = 12
_CHECKED_START: Final = 21
_ATTRIBUTES: Final = slice(21, 23)
_SMALLEST_OF_OLD_FORMAT: Final = 26
_OLD_FORMATS: Final = (0, 1)
_PRESENT_FORMAT: Final = 2
_CODEC_MASK: Final = 7
_CONTROL: Final = 0x20
_TRANSACTIONAL: Final = 0x10


class CorruptBatch(NamedTuple):
    """Offsets of a partition that cannot be unpacked, and why."""

    first: int
    last: int
    why: str


class CheckedBatch:
    """One batch, with what the client asks of its own.

    Attributes
    ----------
    records
        In the order of their offsets; empty where the batch is corrupt.
    corrupt
        What is wrong with it, if anything. It then looks like a marker, which clients pass over.
    """

    compression_type = 0
    """By now, whatever it was."""

    __slots__ = (
        "_iterator",
        "base_offset",
        "corrupt",
        "is_control_batch",
        "is_transactional",
        "next_offset",
        "producer_id",
        "records",
    )

    def __init__(
        self,
        base_offset: int,
        next_offset: int,
        records: Sequence[KafkaRecord],
        attributes: int = 0,
        producer_id: int | None = None,
        corrupt: CorruptBatch | None = None,
    ) -> None:
        self.base_offset = base_offset
        self.next_offset = next_offset
        self.records = records
        self.is_control_batch = bool(attributes & _CONTROL)
        self.is_transactional = bool(attributes & _TRANSACTIONAL)
        self.producer_id = producer_id
        self.corrupt = corrupt
        self._iterator: Iterator[KafkaRecord] | None = None

    def validate_crc(self) -> bool:
        """Return true: it was compared when the batch was read."""
        return True

    def __iter__(self) -> Iterator[KafkaRecord]:
        """Iterate over the records."""
        return iter(self.records)

    def __next__(self) -> KafkaRecord:
        """Return the next record: the client reads markers so."""
        if self._iterator is None:
            self._iterator = iter(self.records)
        return next(self._iterator)


class CheckedRecords:
    """What a broker answered for one partition.

    A corrupt batch is the last that is given out, and so is the one with which the limit of
    unpacked bytes is reached: the client fetches again from behind it. The list of aborted
    transactions that came with a fetch could not be followed past a marker that is lost.

    Parameters
    ----------
    content
        The bytes of the answer.
    order
        Whether the offset of every record is looked at.

    Attributes
    ----------
    end
        The partition's high watermark, where it is known.
    unpacked
        Bytes that came out of compressed batches so far.
    corrupt
        The batch that could not be unpacked, once it was met.
    """

    def __init__(self, content: bytes | None, *, order: bool = True) -> None:
        self._bytes: Final = content or b""
        self._content: Final = memoryview(self._bytes)
        self._order: Final = order
        self._start = 0
        self._stopped = False
        self._within = False
        self._position: int | None = None
        self.end: int | None = None
        self.unpacked = 0
        self.corrupt: CorruptBatch | None = None

    def unchecked(self) -> MemoryRecords:
        """Return the client's own of the same bytes, from the first batch on."""
        return MemoryRecords(self._bytes)

    def again(self, *, order: bool) -> "CheckedRecords":
        """Return the same from the first batch on; `order`: look at the offset of every record."""
        other = CheckedRecords(self._bytes, order=order)
        other.end = self.end
        other._position = self._position
        return other

    def begins_compressed(self) -> bool:
        """Return whether the first batch is compressed; most often, the others are like it."""
        at = _ATTRIBUTES.stop - 1
        return len(self._content) > at and bool(self._content[at] & _CODEC_MASK)

    def begin_at(self, position: int) -> None:
        """Name the offset that was asked for, before the first batch is taken."""
        self._position = position

    def size_in_bytes(self) -> int:
        """Return how much was fetched."""
        return len(self._content)

    def has_next(self) -> bool:
        """Return whether there is another batch; the last may have been cut off by the broker."""
        # The first is whole since Kafka 0.10.1: one that seems cut off has a corrupt length.
        start = self._start
        return not self._stopped and start < len(self._content) and (not start or self._is_whole())

    def _is_whole(self) -> bool:
        if len(self._content) - self._start < _FRAME.size:
            return False
        length: int = _FRAME.unpack_from(self._content, self._start)[1]
        return self._start + _LENGTH_END + length <= len(self._content)

    def next_batch(self) -> CheckedBatch:
        """Read the next batch; one that cannot be unpacked says so."""
        start = self._start
        try:
            batch = self._read(start)
        except (AboveboardError, MemoryError):
            raise  # not the batch's fault: it is read again once a package, or memory, is there
        except UndecodableBatch as error:
            return self._corrupt(start, f"it {error}")
        except Exception as error:  # noqa: BLE001 - of any codec: the bytes are at fault, not we
            said = str(error).removeprefix("[Error 2] CorruptRecordException: ")
            return self._corrupt(start, f"{type(error).__name__}: {said}" if said else repr(error))
        position = self._position
        if position is not None and not self._within and batch.next_offset <= position:
            if self._is_whole():
                # It was read already, and there is more: no reason to leave anything out.
                return CheckedBatch(position, position, ())
            return self._corrupt(start, "it ends before what was asked for")
        where = self._misplaced(batch)
        if where is not None:
            return self._corrupt(start, where)
        self._within = True
        self._stopped = self.unpacked > LARGEST_FETCH_UNPACKED
        self._position = batch.next_offset
        return batch

    def _misplaced(self, batch: CheckedBatch) -> str | None:
        """Return what is wrong with the first offset of a batch, which no checksum covers."""
        if self.end is not None and batch.next_offset > self.end:
            return f"it has offsets beyond the partition's end, {self.end}"
        # The first may have begun before: it comes whole, though its later records were asked for.
        if self._within and self._position is not None and batch.base_offset < self._position:
            return f"it begins at {batch.base_offset}, before what was read already"
        return None

    def _read(self, start: int) -> CheckedBatch:
        content = self._content
        if len(content) - start < _FRAME.size:
            raise UndecodableBatch("ends within its header")
        _, length, _, number = _FRAME.unpack_from(content, start)
        stop = start + _LENGTH_END + length
        smallest = _SMALLEST_OF_OLD_FORMAT if number in _OLD_FORMATS else _HEADER.size
        # Also guards the C extension, which reads a header without looking how long it is.
        if not start + smallest <= stop <= len(content):
            raise UndecodableBatch(f"has {length} bytes by its header, which cannot be")
        self._start = stop
        frame = content[start:stop]
        if number in _OLD_FORMATS:
            return self._read_old_format(frame, number)
        return self._read_present_format(frame)

    def _read_present_format(self, frame: memoryview) -> CheckedBatch:
        base, _, _, number, checksum, attributes, delta, _, _, producer, *_ = _HEADER.unpack_from(
            frame
        )
        # The number of the format is in no checksum: where that is right, the number is spoilt.
        if calc_crc32c(frame[_CHECKED_START:]) != checksum:
            raise UndecodableBatch(
                "has a wrong checksum"
                if number == _PRESENT_FORMAT
                else f"has the format {number}, which we do not know"
            )
        if delta < 0 or base < 0:
            raise UndecodableBatch(f"has the offsets {base} to {base + delta}")
        codec = attributes & _CODEC_MASK
        plain: memoryview | bytearray = frame
        if codec:
            body = decompressed(codec, frame[_HEADER.size :], LARGEST_UNPACKED)
            self.unpacked += len(body)
            plain = bytearray(frame[: _HEADER.size])
            plain[_ATTRIBUTES] = struct.pack(">h", attributes & ~_CODEC_MASK)
            plain += body
        following = base + delta + 1
        records: list[KafkaRecord]
        try:
            records = list(DefaultRecordBatch(plain))
        except UnicodeDecodeError:
            records = list(read_leniently(plain))
        if not self._order or attributes & _CONTROL:
            return CheckedBatch(base, following, records, attributes, producer)
        ordered = in_order(records, base, following)
        return CheckedBatch(base, following, ordered, attributes, producer)

    def _read_old_format(self, frame: memoryview, number: int) -> CheckedBatch:
        batch = LegacyRecordBatch(frame, number)
        if not batch.validate_crc():
            raise UndecodableBatch("has a wrong checksum")
        self.unpacked += require_room_unpacked(frame, number)
        records: list[KafkaRecord] = list(batch)
        following: int = batch.next_offset
        base = records[0].offset if records else following - 1
        return CheckedBatch(base, following, in_order(records, base, following))

    def _corrupt(self, start: int, why: str) -> CheckedBatch:
        self._stopped = True
        extent = extent_of(self._content[start:], self._position, self.end)
        self.corrupt = CorruptBatch(extent.first, extent.last, _explained(why, extent))
        return CheckedBatch(
            extent.first, extent.last + 1, (), attributes=_CONTROL, corrupt=self.corrupt
        )


def _explained(why: str, extent: Extent) -> str:
    if extent.sure:
        return why
    return f"{why}; where it ends cannot be told, so one offset is left out at a time"
