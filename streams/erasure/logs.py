"""What an erasure asks of the broker."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from streams.wire.record import LocatedRecord, Written
from streams.wire.topics import Topic


class Logs(Protocol):
    """The topics of one installation. Every method raises BrokerError if the broker fails it."""

    def settings(self) -> Mapping[Topic, Mapping[str, str]]:
        """Return the settings of the topics that are there, as far as the broker tells them."""

    def records(self, topic: Topic) -> Iterator[LocatedRecord]:
        """Yield every record of a topic, those of aborted transactions too."""

    def write(self, topic: Topic, records: Iterable[Written]) -> None:
        """Store records; return once all of them are."""

    def delete_before(self, topic: Topic, offsets: Mapping[int, int]) -> None:
        """Delete, in each partition, the records before an offset."""
