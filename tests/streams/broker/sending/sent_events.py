"""Events to be sent, and what is stored of them in the topics."""

import time
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from streams.wire.topics import EVENT_TOPICS, Topic, topic_name

PARTITIONS = 3
TYPES = ("sale", "account_activity", "cancellation")


class Stored(NamedTuple):
    topic: Topic
    partition: int
    arrived: int
    key: bytes | None
    value: bytes
    headers: dict[str, str]


def event(number: int, kind: str, account: str = "a") -> bytes:
    # Spaces and an unknown field: what is stored are the bytes of the source.
    return (
        f'{{ "type": "{kind}", "event_id": "e{number}", "account_id": "{account}", '
        f'"occurred_at": "2025-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"'
        f', "spare": [{number}], "sale_id": "s", "customer_id": "c", "agent_id": null, '
        '"product": "card", "amount": 1, "reason": "other", "initiated_by": "customer", '
        '"kind": "login" }'
    ).encode()


def events(count: int) -> list[bytes]:
    return [event(number, TYPES[number % len(TYPES)], f"a{number % 17}") for number in range(count)]


def stored(bootstrap: str, prefix: str, count: int) -> list[Stored]:
    """Read so many records of the topics that replay writes, and see that there are no more."""
    topics = {topic_name(prefix, topic): topic for topic in (*EVENT_TOPICS, Topic.DEAD_LETTERS)}
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=2**22
    )
    found: list[Stored] = []
    try:
        consumer.assign([TopicPartition(name, n) for name in topics for n in range(PARTITIONS)])
        deadline = time.monotonic() + 20
        while len(found) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=200).values():
                found.extend(
                    Stored(
                        topics[record.topic],
                        record.partition,
                        record.timestamp,
                        record.key,
                        record.value,
                        {name: value.decode() for name, value in record.headers},
                    )
                    for record in records
                )
        assert not consumer.poll(timeout_ms=200)
    finally:
        consumer.close()
    assert len(found) == count
    return found
