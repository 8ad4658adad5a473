"""What stands in a topic of outcomes of one partition."""

from typing import Final, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from bench.engines.ledger.outcomes import Reader, Told

_BATCH: Final = 1_000
_SECONDS: Final = 60.0
_PATIENCE: Final = 0.1


class Written(NamedTuple):
    """What a topic holds: every outcome as often as it was told, and when the last was stored."""

    told: list[Told]
    last_at: float


def end_of(broker: str, topic: str) -> int:
    """Return the end of a topic of one partition, with markers of transactions."""
    consumer = _consumer(broker)
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), _SECONDS)
    finally:
        consumer.close()
    return int(end)


def written(broker: str, topic: str, read: Reader) -> Written:
    """Read a topic of one partition, as far as it is visible now."""
    consumer = _consumer(broker)
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    told: list[Told] = []
    last_at = 0.0
    try:
        while True:
            for message in consumer.consume(_BATCH, _PATIENCE):
                error = message.error()
                if error is not None:
                    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                        return Written(told, last_at)
                    raise KafkaException(error)
                found = read(message.value())
                if found:
                    told += found
                    last_at = message.timestamp()[1] / 1_000
    finally:
        consumer.close()


def _consumer(broker: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": "bench-outcomes",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "log_level": 2,
        }
    )
