"""Unpacks fetched records out of the client's buffer, whole fetches at a time.

The client builds an eleven-field `ConsumerRecord` for every record, in Python. Its C extension has
unpacked key, value, offset, timestamp and headers by then, which is all that is needed.
"""

from typing import Any, NamedTuple

from aiokafka.errors import CorruptRecordException

from streams.broker.transport.aborted import AbortedTransactions
from streams.wire.record import KafkaRecord


class Unpacked(NamedTuple):
    """Records, and the offset that follows all that was fetched in the partition."""

    records: list[KafkaRecord]
    next_offset: int


def unpack(buffered: Any) -> Unpacked:  # noqa: ANN401 - aiokafka publishes no types
    """Unpack what one fetch brought of one partition, without what was aborted.

    Parameters
    ----------
    buffered
        `aiokafka.consumer.fetcher.PartitionRecords`, of which nothing was taken yet.

    Raises
    ------
    aiokafka.errors.CorruptRecordException
        If a checksum is wrong.
    UnicodeDecodeError
        If the name of a header is not UTF-8; see `streams.broker.transport.lenient`.
    """
    # The client's own iterator, never begun, refers back to `buffered`: the bytes of every fetch
    # would stay until the collector of cyclic garbage comes by, which is rarely.
    buffered._records_iterator = None  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    position: int = buffered.next_fetch_offset
    records: list[KafkaRecord] = []
    remaining = buffered._records  # noqa: SLF001 - as above
    # Usually there are none, and then no batch is looked at for them.
    listed = buffered._aborted_transactions  # noqa: SLF001 - as above
    aborted = AbortedTransactions(listed) if listed else None
    while remaining.has_next():
        batch = remaining.next_batch()
        if buffered._check_crcs and not batch.validate_crc():  # noqa: SLF001 - as above
            raise CorruptRecordException(f"wrong checksum after offset {position}")
        is_left_out = aborted is not None and aborted.contain(batch)
        if not (is_left_out or batch.is_control_batch):
            found: list[KafkaRecord] = list(batch)
            if found and found[0].offset < position:
                # A producer's batch comes whole, though only its later records were asked for.
                found = [record for record in found if record.offset >= position]
            records += found
        position = batch.next_offset
    return Unpacked(records, position)
