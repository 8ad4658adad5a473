"""Topics on a broker, and a small program that refuses records of them as the worker does."""

import sys
from collections.abc import Callable, Iterable
from typing import Final
from uuid import uuid4

import msgspec
from kafka import KafkaProducer

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.events.event import AnyEvent
from detectors.limit_settings import Limits
from streams.broker.admin import create_topics
from streams.broker.reader import read_topic
from streams.wire.dead_letter import from_topic
from streams.wire.record import LocatedRecord
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import EVENT_TOPICS, Topic, topic_name

PARTITIONS: Final = 3
COMMAND: Final = [
    sys.executable,
    "-c",
    "import sys; from streams.cli.main import main; sys.exit(main())",
]


class Refuser:
    """Reads the event topics where it stopped, and writes letters for what it cannot decode."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap: Final = bootstrap
        self.prefix: Final = f"letters-{uuid4()}-"
        self._read: Final[dict[tuple[Topic, int], int]] = {}
        create_topics(bootstrap, self.prefix, PARTITIONS)

    def place(self) -> list[str]:
        return ["--broker", self.bootstrap, "--topic-prefix", self.prefix]

    def records(self, topic: Topic) -> list[LocatedRecord]:
        return list(read_topic(self.bootstrap, topic_name(self.prefix, topic)))

    def send(self, topic: Topic, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Send records, keys first; a key alone decides the partition."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for key, value in records:
            producer.send(topic_name(self.prefix, topic), value, key=key)
        producer.flush()
        producer.close()

    def work(
        self,
        limits: Limits | None = None,
        apply: Callable[[AnyEvent], object] = lambda event: event,
        *,
        twice: bool = False,
    ) -> int:
        """Apply what is new, refuse the rest; `twice` as one that died before it committed."""
        decoders = {
            topic: EventDecoder(limits or Limits(), kind) for topic, kind in EVENT_TOPICS.items()
        }
        refused = 0
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for topic in EVENT_TOPICS:
            for record in self.records(topic):
                if record.offset < self._read.get((topic, record.partition), 0):
                    continue
                self._read[topic, record.partition] = record.offset + 1
                try:
                    event = decoders[topic].decode(record.value or b"")
                except InvalidEvent as error:
                    refused += 1
                    letter = from_topic(error, topic, record.partition, record.offset, record.value)
                    value, headers = seal_letter(self.prefix, letter, record.key)
                    name = topic_name(self.prefix, Topic.DEAD_LETTERS)
                    for _ in range(2 if twice else 1):
                        producer.send(name, value, key=record.key, headers=headers)
                else:
                    apply(event)
        producer.flush()
        producer.close()
        return refused


def listed(output: bytes) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in output.splitlines()]
