"""Reads back the state that a partition of a changelog topic holds."""

from aiokafka import AIOKafkaConsumer, TopicPartition


async def read_changelog(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """Give the last value of every key that was not removed.

    The end is the high watermark told with the records fetched, which every broker gets right.

    Raises
    ------
    aiokafka.errors.KafkaError
        If the broker does not answer or the topic does not exist.
    """
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    entries: dict[bytes, bytes] = {}
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        while True:
            fetched = await consumer.getmany(place, timeout_ms=200)
            for record in fetched.get(place, ()):
                if record.value is None:
                    entries.pop(record.key, None)
                else:
                    entries[record.key] = record.value
            end = consumer.highwater(place)
            if end is not None and await consumer.position(place) >= end:
                return entries
    finally:
        await consumer.stop()
