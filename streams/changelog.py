"""Reads back the state that a partition of a changelog topic holds."""

import time
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

PATIENCE: Final = 30.0
"""Seconds without an answer after which reading is given up."""

_FETCH_MILLISECONDS: Final = 200
_LONGEST_FETCH_MILLISECONDS: Final = 20


async def read_changelog(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """Give the last value of every key that was not removed.

    The end is the high watermark told with the records fetched, which every broker gets right.

    Raises
    ------
    aiokafka.errors.KafkaError
        If the broker does not answer, or stops answering.
    """
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=_LONGEST_FETCH_MILLISECONDS,
    )
    entries: dict[bytes, bytes] = {}
    try:
        await consumer.start()
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        heard = time.monotonic()
        while time.monotonic() - heard < PATIENCE:
            fetched = await consumer.getmany(place, timeout_ms=_FETCH_MILLISECONDS)
            for record in fetched.get(place, ()):
                heard = time.monotonic()
                if record.value is None:
                    entries.pop(record.key, None)
                else:
                    entries[record.key] = record.value
            end = consumer.highwater(place)
            if end is not None and await consumer.position(place) >= end:
                return entries
    finally:
        await consumer.stop()
    raise KafkaTimeoutError(f"{topic} partition {partition} could not be read to its end")
