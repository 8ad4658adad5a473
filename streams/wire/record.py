"""A record of a Kafka topic, as every client hands it out."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class KafkaRecord(Protocol):
    """The attributes that the records of all clients have in common.

    Whoever holds one knows its topic. A client's own class is never asked for: building aiokafka's
    `ConsumerRecord` would double the cost of a fetched record.
    """

    @property
    def offset(self) -> int:
        """Its position in the partition; gaps between records are usual."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch, whose meaning is `timestamp_type`."""

    @property
    def timestamp_type(self) -> int | None:
        """0: the producer's clock. 1: when the broker appended it."""

    @property
    def key(self) -> bytes | None:
        """Any bytes, or none."""

    @property
    def value(self) -> bytes | None:
        """Any bytes, or none: a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Pairs; bytes of a name that are not UTF-8 stand as surrogates."""


class LocatedRecord(KafkaRecord, Protocol):
    """A record that names its partition too."""

    @property
    def partition(self) -> int:
        """Number of its partition."""


class Written(NamedTuple):
    """A record to be stored in a partition of a topic."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
