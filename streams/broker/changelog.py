"""Reads back the state that a partition of a changelog topic holds."""

import time
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError, OffsetOutOfRangeError

from streams.broker.security import OPEN, BrokerSecurity
from streams.stages.state.journal import Reading
from streams.stages.state.sieve import Sieve
from streams.wire.seal import place_of

PATIENCE: Final = 30.0
"""Seconds without an answer after which reading is given up."""

_FETCH_MILLISECONDS: Final = 200
_LONGEST_FETCH_MILLISECONDS: Final = 20
_LARGEST_FETCH: Final = 16_000_000


async def read_changelog(
    bootstrap: str,
    topic: str,
    partition: int,
    since: int = 0,
    security: BrokerSecurity = OPEN,
) -> Reading:
    """Return the last value of every key that we wrote from the offset `since` on.

    The end is the high watermark that comes with the records fetched: what brokers answer when
    they are asked for the end is not right everywhere.

    Raises
    ------
    aiokafka.errors.KafkaError
        If the broker does not answer, or stops answering.
    """
    topic_partition = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none" if since else "earliest",
        fetch_max_wait_ms=_LONGEST_FETCH_MILLISECONDS,
        max_partition_fetch_bytes=_LARGEST_FETCH,
        **security.for_aiokafka(),
    )
    sieve = Sieve(place_of(topic, partition))
    try:
        await consumer.start()
        consumer.assign([topic_partition])
        if since:
            consumer.seek(topic_partition, since)
        else:
            await consumer.seek_to_beginning(topic_partition)
        answered_at = time.monotonic()
        most: int | None = None
        while time.monotonic() - answered_at < PATIENCE:
            try:
                fetched = await consumer.getmany(
                    topic_partition, timeout_ms=_FETCH_MILLISECONDS, max_records=most
                )
            except UnicodeDecodeError:
                # A header has a name that is no UTF-8: the client cannot unpack that batch. It is
                # another program's, and so is all of it, since a batch has one producer. Records
                # are then taken one by one, to know where it begins, and its offsets passed over.
                position = await consumer.position(topic_partition)
                if most is not None:
                    sieve.skip(position)
                    position += 1
                most = 1
                consumer.seek(topic_partition, position)
                answered_at = time.monotonic()
                continue
            for record in fetched.get(topic_partition, ()):
                answered_at = time.monotonic()
                sieve.add(record)
            end = consumer.highwater(topic_partition)
            if end is not None and await consumer.position(topic_partition) >= end:
                return sieve.reading(end, complete=end >= since)
    except OffsetOutOfRangeError:
        return Reading({}, 0, complete=False)
    finally:
        await consumer.stop()
    raise KafkaTimeoutError(f"{topic} partition {partition} could not be read to its end")
