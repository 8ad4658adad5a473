"""The topics of an installation in memory, as a broker keeps them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from streams.wire.dead_letter import DeadLetter
from streams.wire.record import Written
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import CATALOGUE, Topic

NOW: Final = 1_750_000_000_000

PREFIX: Final = "p-"


class Stored(NamedTuple):
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    timestamp_type: int | None = 1


class MemoryLogs:
    def __init__(self) -> None:
        self.topics: Final[dict[Topic, list[Stored]]] = {topic: [] for topic in Topic}
        self.starts: Final[dict[tuple[Topic, int], int]] = {}
        self.now = NOW

    def settings(self) -> Mapping[Topic, Mapping[str, str]]:
        return {plan.topic: plan.settings for plan in CATALOGUE}

    def records(self, topic: Topic) -> Iterator[Stored]:
        for record in list(self.topics[topic]):
            if record.offset >= self.starts.get((topic, record.partition), 0):
                yield record

    def write(self, topic: Topic, records: Iterable[Written]) -> None:
        for partition, key, value, headers in records:
            self.put(topic, key, value, headers, partition)

    def put(
        self,
        topic: Topic,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int = 0,
    ) -> None:
        offset = sum(one.partition == partition for one in self.topics[topic])
        self.now += 1
        record = Stored(partition, offset, self.now, key, value, list(headers))
        self.topics[topic].append(record)

    def put_letter(self, letter: DeadLetter, key: bytes | None, partition: int = 0) -> None:
        value, headers = seal_letter(PREFIX, letter, key)
        self.put(Topic.DEAD_LETTERS, key, value, headers, partition)

    def delete_before(self, topic: Topic, offsets: Mapping[int, int]) -> None:
        for partition, offset in offsets.items():
            self.starts[topic, partition] = offset
