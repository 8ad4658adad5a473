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

    Attributes
    ----------
    topic, partition
        Where they were.
    generation
        Numbers the assignment under which they were fetched.
    records
        At most `LARGEST_BATCH`, by growing offset; at least one, unless `corrupt` says why not.
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
    records: Sequence[KafkaRecord]
    finish: Callable[[], None]
    corrupt: CorruptBatch | None = None


class FetchedRecords(NamedTuple):
    """What was fetched at one moment, and the generation of the group at that moment.

    What is ``corrupt`` of a partition stands behind its records.
    """

    generation: int
    records: dict[PartitionId, list[KafkaRecord]]
    corrupt: Mapping[PartitionId, CorruptBatch] = MappingProxyType({})


class RecordFilter(Protocol):
    """The consumer whose thread this is, as far as the thread asks it."""

    def is_wanted(self, topic_partition: PartitionId) -> bool:
        """Return whether records of this partition are wanted now."""


def slices(
    fetched: Mapping[tuple[str, int], Sequence[KafkaRecord]], largest: int = LARGEST_BATCH
) -> Iterator[tuple[tuple[str, int], Sequence[KafkaRecord]]]:
    """Yield what was fetched as batches of at most `largest` records, the partitions in turn.

    In turn, so that a partition with much to read does not keep the others waiting.

    Examples
    --------
    >>> [(at, list(part)) for at, part in slices({("a", 0): "xyz", ("b", 0): "u"}, 2)]
    [(('a', 0), ['x', 'y']), (('b', 0), ['u']), (('a', 0), ['z'])]
    """
    cut = (
        [
            (topic_partition, records[start : start + largest])
            for start in range(0, len(records), largest)
        ]
        for topic_partition, records in fetched.items()
    )
    for turn in zip_longest(*cut):
        yield from (part for part in turn if part is not None)
