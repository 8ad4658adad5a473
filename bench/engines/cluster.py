"""The topics of the comparison on a broker, and what is written to and read from them."""

import time
from collections.abc import Iterable
from typing import Final, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from kafka.admin import NewTopic

from bench.engines.world import PARTITIONS, EventRecord
from streams.broker.access import admin_client
from streams.broker.admin import create_topics
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, topic_name

_SECONDS: Final = 60.0
_QUEUE: Final = {"queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 1_000_000}


class Told(NamedTuple):
    """An alert in its topic; `at` is when the broker stored it, in seconds."""

    at: float
    value: bytes


class Cluster:
    """One broker, at `bootstrap`."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap: Final = bootstrap
        self._counter: Final = self._consumer()

    def close(self) -> None:
        """Let go of the broker."""
        self._counter.close()

    def install(self, prefix: str) -> dict[str, str]:
        """Create the topics of an installation; give those of events by the catalogue's names."""
        create_topics(self.bootstrap, prefix, PARTITIONS)
        return {topic: topic_name(prefix, topic) for topic in EVENT_TOPICS}

    def create_alerts(self, name: str) -> None:
        """Create a topic for alerts like the one of an installation."""
        (plan,) = (plan for plan in CATALOGUE if plan.topic is Topic.ALERTS)
        with admin_client(self.bootstrap) as client:
            client.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=dict(plan.settings))])

    def produce(self, sources: dict[str, str], records: Iterable[EventRecord]) -> None:
        """Write records to the topics of events, in this order; return when all are stored."""
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                # Without it, batches that are sent again pass each other: a new topic does that.
                "enable.idempotence": True,
                "linger.ms": 20,
                "log_level": 2,
                **_QUEUE,
            }
        )
        faults: list[object] = []

        def note(error: object, _: object) -> None:
            if error is not None:
                faults.append(error)

        for number, record in enumerate(records):
            producer.produce(
                sources[record.topic], record.value, record.key, record.partition, note
            )
            if number % 1_000 == 0:
                producer.poll(0)
        if producer.flush(_SECONDS) or faults:
            raise RuntimeError(f"the broker did not store all records: {faults[:1]}")

    def count(self, topic: str) -> int:
        """Count the records of a topic that nothing is deleted from."""
        ends = (
            self._counter.get_watermark_offsets(TopicPartition(topic, number), _SECONDS)
            for number in range(PARTITIONS)
        )
        return sum(end for _, end in ends)

    def alerts(self, topic: str) -> list[Told]:
        """Read a topic of alerts from its beginning to its end."""
        left = self.count(topic)
        consumer = self._consumer()
        places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)]
        consumer.assign(places)
        told: list[Told] = []
        deadline = time.monotonic() + _SECONDS
        try:
            while len(told) < left:
                messages = consumer.consume(1_000, 0.1)
                if not messages and time.monotonic() > deadline:
                    raise RuntimeError(f"{topic} cannot be read")
                for message in messages:
                    error = message.error()
                    if error is not None:
                        raise KafkaException(error)
                    told.append(Told(message.timestamp()[1] / 1_000, message.value()))
        finally:
            consumer.close()
        return told

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "bench-engines",
                "enable.auto.commit": False,
                "log_level": 2,
            }
        )
