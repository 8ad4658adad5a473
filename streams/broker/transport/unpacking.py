"""Unpacks fetched records out of the client's buffer, whole fetches at a time.

The client builds an eleven-field `ConsumerRecord` for every record, in Python. Its C extension has
unpacked key, value, offset, timestamp and headers by then, which is all that is needed.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

from streams.broker.batches.checked import CheckedRecords, CorruptBatch
from streams.broker.batches.order import leads_where_it_should
from streams.broker.transport.aborted import AbortedTransactions
from streams.wire.record import KafkaRecord

Listed: TypeAlias = Sequence[tuple[int, int]]
"""Producer and first offset of each transaction that was aborted, as the broker names them."""


class Unpacked(NamedTuple):
    """Records, the offset that follows them in the partition, and what could not be unpacked.

    Offsets may be missing among the records, and nothing is lost: markers of transactions, records
    of those that were aborted, and what compaction has removed. A corrupt batch stands behind all
    records: it ends its fetch. ``decompressed`` is how many bytes came out of compressed batches.
    """

    records: list[KafkaRecord]
    next_offset: int
    corrupt: CorruptBatch | None = None
    decompressed: int = 0


def unpack(buffered: Any) -> Unpacked:  # noqa: ANN401 - aiokafka publishes no types
    """Unpack what one fetch brought of one partition, without what was aborted.

    Parameters
    ----------
    buffered
        `aiokafka.consumer.fetcher.PartitionRecords`, of which nothing was taken yet, over a
        `streams.broker.batches.checked.CheckedRecords`.
    """
    # The client's own iterator, never begun, refers back to `buffered`: the bytes of every fetch
    # would stay until the collector of cyclic garbage comes by, which is rarely.
    buffered._records_iterator = None  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    fetched: CheckedRecords = buffered._records  # noqa: SLF001 - as above
    position: int = buffered.next_fetch_offset
    # Usually none, and then no batch is looked at for them.
    aborted: Listed = buffered._aborted_transactions  # noqa: SLF001 - as above
    # Almost all is as it should be. So it is read with as little care as it seems to need, and the
    # result is looked at as a whole: nothing is slower than it would be without any care.
    if not fetched.begins_compressed():
        with suppress(Exception):  # whatever it was, the careful way finds and names it
            found = _unpack(fetched.unchecked(), position, aborted)
            if leads_where_it_should(found.records, position, found.next_offset, fetched.end):
                return found
    checked = fetched.again(order=False)
    with suppress(CorruptRecordException):
        found = _with_notes(_unpack(checked, position, aborted), checked)
        if leads_where_it_should(found.records, position, found.next_offset, fetched.end):
            return found
    checked = fetched.again(order=True)
    return _with_notes(_unpack(checked, position, aborted, begins_within=True), checked)


def _with_notes(found: Unpacked, checked: CheckedRecords) -> Unpacked:
    return found._replace(corrupt=checked.corrupt, decompressed=checked.unpacked)


def _unpack(
    remaining: Any,  # noqa: ANN401 - ours, or the client's
    position: int,
    listed: Listed,
    *,
    begins_within: bool = False,
) -> Unpacked:
    records: list[KafkaRecord] = []
    aborted = AbortedTransactions(listed) if listed else None
    while remaining.has_next():
        batch = remaining.next_batch()
        if not batch.validate_crc():
            raise CorruptRecordException(f"wrong checksum after offset {position}")
        if batch.compression_type:
            raise UnsupportedCodecError("unpacked by the client, this could fill the memory")
        is_left_out = aborted is not None and aborted.contain(batch)
        if not (is_left_out or batch.is_control_batch):
            found: list[KafkaRecord] = list(batch)
            if found and found[0].offset < position:
                # A producer's batch comes whole, though only its later records were asked for. Only
                # by offsets that were put right can it be told which those are.
                if not begins_within:
                    raise CorruptRecordException(f"an offset before {position}")
                found = [record for record in found if record.offset >= position]
            records += found
        position = batch.next_offset
    return Unpacked(records, position)
