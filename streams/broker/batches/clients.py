"""Puts `CheckedRecords` into both Kafka clients: the one place where their own code is replaced.

aiokafka looks up the names of two classes in its module `fetcher` whenever an answer arrives, so
they are replaced there, for the whole process. kafka-python asks its consumer's fetcher, so there
it is one consumer that changes; its records are then unpacked by aiokafka's C extension too, and
both clients read, refuse and step over the same.
"""

import logging
from collections.abc import Iterator
from typing import Any, Final

import aiokafka.consumer.fetcher as aiokafka_fetcher
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord, Fetcher

from streams.broker.batches.checked import CheckedRecords, CorruptBatch

_NO_EPOCH: Final = -1

_log: Final = logging.getLogger("aboveboard.broker")


class PositionedRecords(PartitionRecords):  # type: ignore[misc] # aiokafka publishes no types
    """aiokafka's records of one partition, which tell the batches where they begin."""

    def __init__(
        self,
        tp: TopicPartition,
        records: Any,  # noqa: ANN401 - as above
        aborted_transactions: Any,  # noqa: ANN401 - as above
        fetch_offset: int,
        *further: Any,  # noqa: ANN401 - as above
    ) -> None:
        if isinstance(records, CheckedRecords):
            records.begin_at(fetch_offset)
        super().__init__(tp, records, aborted_transactions, fetch_offset, *further)

    def _unpack_records(self) -> Iterator[Any]:
        """Yield the records; say in the log what was passed over. The worker unpacks otherwise."""
        yield from super()._unpack_records()
        corrupt = getattr(self._records, "corrupt", None)
        if corrupt is not None:
            _log.warning("%s", sentence(self._tp.topic, self._tp.partition, corrupt))


def sentence(topic: str, partition: int, corrupt: CorruptBatch) -> str:
    """Return what is said of a batch that cannot be unpacked."""
    return (
        f"{topic}[{partition}]@{corrupt.first}-{corrupt.last} cannot be unpacked and is left out: "
        f"{corrupt.why}"
    )


def guard_aiokafka() -> None:
    """Let every consumer of aiokafka in this process read batches with care."""
    aiokafka_fetcher.MemoryRecords = CheckedRecords
    aiokafka_fetcher.PartitionRecords = PositionedRecords


def guard_kafka_python(consumer: KafkaConsumer) -> None:
    """Let one consumer of kafka-python read batches with care."""
    fetcher = consumer._fetcher  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    parse = fetcher._parse_fetched_data  # noqa: SLF001 - as above
    answer: Any = None

    class Careful(Fetcher.PartitionRecords):  # type: ignore[misc] # kafka-python publishes no types
        """The records of one answer, as aiokafka unpacks them."""

        def _unpack_records(self, tp: Any, *_: Any) -> Iterator[ConsumerRecord]:  # noqa: ANN401 - as above
            content, end = answer
            return self._unpack(
                TopicPartition(tp.topic, tp.partition), CheckedRecords(content), end
            )

        def _unpack(
            self, place: TopicPartition, batches: CheckedRecords, end: int
        ) -> Iterator[ConsumerRecord]:
            batches.end = end
            aborted = [(one.producer_id, one.first_offset) for one in self.aborted_transactions]
            found = PositionedRecords(
                place,
                batches,
                aborted,
                self.fetch_offset,
                None,
                None,
                True,  # noqa: FBT003 - the client's signature: compare checksums
                int(self.isolation_level),  # both clients number the levels as Kafka does
            )
            for record in found:
                self.next_fetch_offset = found.next_fetch_offset
                yield _as_kafka_python(record)
            self.next_fetch_offset = found.next_fetch_offset
            self.drain()

    def parse_with_care(completed: Any) -> Any:  # noqa: ANN401 - as above
        nonlocal answer
        data = completed.partition_data
        answer = bytes(data.records or b""), data.high_watermark
        # The client would raise over a first batch whose length is corrupt before it asks us.
        data.records = b""
        return parse(completed)

    fetcher.PartitionRecords = Careful
    fetcher._parse_fetched_data = parse_with_care  # noqa: SLF001 - as above


def _as_kafka_python(record: Any) -> ConsumerRecord:  # noqa: ANN401 - aiokafka's record
    return ConsumerRecord(
        record.topic,
        record.partition,
        _NO_EPOCH,
        record.offset,
        record.timestamp,
        record.timestamp_type,
        record.key,
        record.value,
        list(record.headers),
        record.checksum,
        record.serialized_key_size,
        record.serialized_value_size,
        -1,
    )
