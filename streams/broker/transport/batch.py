"""A batch of records of one partition, as a stage receives it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from streams.broker.batches.checked import CorruptBatch
from streams.broker.transport.offsets import PartitionId
from streams.wire.record import KafkaRecord

LARGEST_BATCH: Final = 2_000
"""Records in one batch at most: a turn of 15 µs a record stays at 30 ms, far below 250 ms."""


@dataclass(slots=True, eq=False)
class FetchedBatch:
    """Consecutive records of one partition, fetched under one assignment.

    From ``since`` to before ``until`` the client has seen all there is: an offset in between that
    no record has was a marker of a transaction, was aborted, or was removed by compaction.

    Attributes
    ----------
    topic, partition
        Where they were.
    generation
        Numbers the assignment under which they were fetched.
    since, until
        The offset that was asked for, and the offset after all that was seen.
    records
        At most `LARGEST_BATCH`, by growing offset; none if a fetch held nothing but markers, or
        what `corrupt` names.
    finish
        To be called once nothing about the batch can be lost; the offset is then part of the next
        `BatchConsumer.commit_finished`. Calling it again, or after the partition was given up, does
        nothing. It does not hold the records: keep it alone, and their memory is free.
    corrupt
        Offsets that cannot be unpacked; there are no records then.
    """

    topic: str
    partition: int
    generation: int
    since: int
    until: int
    records: Sequence[KafkaRecord]
    finish: Callable[[], None]
    corrupt: CorruptBatch | None = None


class Stretch(NamedTuple):
    """What was seen of a partition from the offset ``since`` to before ``until``."""

    since: int
    until: int
    records: Sequence[KafkaRecord]


class FetchedRecords(NamedTuple):
    """What was fetched at one moment, and the generation of the group at that moment.

    What is ``corrupt`` of a partition stands behind its records.
    """

    generation: int
    stretches: dict[PartitionId, Stretch]
    corrupt: Mapping[PartitionId, CorruptBatch] = MappingProxyType({})


class RecordFilter(Protocol):
    """The consumer whose thread this is, as far as the thread asks it."""

    def is_wanted(self, topic_partition: PartitionId) -> bool:
        """Return whether records of this partition are wanted now."""


def slices(
    fetched: Mapping[PartitionId, Stretch], largest: int = LARGEST_BATCH
) -> Iterator[tuple[PartitionId, Stretch]]:
    """Yield what was fetched as batches of at most `largest` records, the partitions in turn.

    In turn, so that a partition with much to read does not keep the others waiting. Each batch of a
    partition begins where the one before ended.
    """
    cut = (_cut(topic_partition, *stretch, largest) for topic_partition, stretch in fetched.items())
    for turn in zip_longest(*cut):
        yield from (part for part in turn if part is not None)


def _cut(
    topic_partition: PartitionId,
    since: int,
    until: int,
    records: Sequence[KafkaRecord],
    largest: int,
) -> Iterator[tuple[PartitionId, Stretch]]:
    start = 0
    while len(records) - start > largest:
        part = records[start : start + largest]
        start += largest
        end = part[-1].offset + 1
        yield topic_partition, Stretch(since, end, part)
        since = end
    yield topic_partition, Stretch(since, until, records[start:] if start else records)
