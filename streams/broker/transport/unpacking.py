"""Unpacks fetched records out of the client's buffer, whole fetches at a time.

The client builds an eleven-field `ConsumerRecord` for every record, in Python. Its C extension has
unpacked key, value, offset, timestamp and headers by then, which is all that is needed.
"""

from typing import Any, NamedTuple

from aiokafka.errors import CorruptRecordException

from streams.wire.record import KafkaRecord


class Unpacked(NamedTuple):
    """Records, and the offset that follows them in the partition."""

    records: list[KafkaRecord]
    next_offset: int


def unpack(buffered: Any) -> Unpacked:  # noqa: ANN401 - aiokafka publishes no types
    """Unpack what one fetch brought of one partition.

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
    while remaining.has_next():
        batch = remaining.next_batch()
        if buffered._check_crcs and not batch.validate_crc():  # noqa: SLF001 - as above
            raise CorruptRecordException(f"wrong checksum after offset {position}")
        if not batch.is_control_batch:
            found: list[KafkaRecord] = list(batch)
            if found and found[0].offset < position:
                # A producer's batch comes whole, though only its later records were asked for.
                found = [record for record in found if record.offset >= position]
            records += found
        position = batch.next_offset
    return Unpacked(records, position)
