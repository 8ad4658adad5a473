"""Another program that writes into every topic of an installation."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
from kafka import KafkaProducer
from kafka.consumer.fetcher import ConsumerRecord

from detectors.basis.event_time import Day, Seconds
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle
from streams.stages.seals import INNER_TOPICS
from streams.wire.seal import SEAL, place_of, seal_of
from streams.wire.topics import Topic
from tests.integration.installation import Installation

STATE_TOPICS: Final = (
    Topic.LEDGER_STATE,
    Topic.KEYS_STATE,
    Topic.AGENTS_STATE,
    Topic.PEERS_STATE,
)

COPIED: Final = (*STATE_TOPICS, *INNER_TOPICS)
"""Topics of which records are copied; a copied event would be an event."""

ANYTHING: Final[tuple[bytes | None, ...]] = (
    None,
    b"",
    b"poison",
    b"\xff\xfe\x00",
    b"[" * 5_000,
    b"\x91" * 5_000,
    b"\x00\x00\x00\x00\x2a\x08agent-7\x02",  # Avro behind the frame of a registry
    b"\x0a\x07agent-7\x12\x03abc\x18\x96\x01",  # protobuf
    b"sale;2025-03-01;12,50",
    msgspec.msgpack.encode({"type": "state-9", "origin": "x"}),
    msgspec.msgpack.encode(OutcomeBundle(0, Seconds(4e9))),
    msgspec.msgpack.encode(DayReport(0, Day(20_200), {})),
    msgspec.msgpack.encode(DayReview(Day(20_110), {}, 1.0)),
)
"""What no topic of ours should hold; the last three are messages of ours without a seal."""


class Stray(NamedTuple):
    """Where a record of the other program is."""

    topic: Topic
    partition: int
    offset: int


def write_everywhere(installation: Installation) -> set[Stray]:
    """Write anything into all partitions of all topics, and copies of what is there into others."""
    producer = KafkaProducer(bootstrap_servers=installation.bootstrap, linger_ms=20)
    sent = []
    for topic in Topic:
        copied = installation.records(topic)[-40:] if topic in COPIED else []
        for partition in range(installation.count(topic)):
            for key, value, headers in _records(copied, topic, partition):
                future = producer.send(
                    installation.name(topic), value, key, headers=headers, partition=partition
                )
                sent.append((topic, future))
    producer.flush()
    producer.close()
    return {Stray(topic, future.value.partition, future.value.offset) for topic, future in sent}


Headers = list[tuple[str, bytes]]


def _records(
    copied: list[ConsumerRecord], topic: Topic, partition: int
) -> Iterator[tuple[bytes, bytes | None, Headers]]:
    for number, value in enumerate(ANYTHING):
        yield b"stray-%d" % number, value, []
    for record in copied:
        # Under a key of ours, with a seal that fits elsewhere, or with none.
        other = place_of(f"elsewhere-{topic}", partition)
        for headers in ([(SEAL, seal_of(other, record.key, record.value))], []):
            yield record.key, record.value, headers
        if topic in STATE_TOPICS:
            yield record.key, b"written over", []
        if record.partition != partition:
            yield record.key, record.value, record.headers
