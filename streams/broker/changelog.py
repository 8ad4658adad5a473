"""Reads back the state that a partition of a changelog topic holds."""

from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaTimeoutError, OffsetOutOfRangeError

from streams.broker.batches.clients import guard_aiokafka
from streams.broker.security import OPEN, BrokerSecurity
from streams.stages.state.journal import Reading
from streams.stages.state.sieve import Sieve
from streams.wire.seal import place_of

PATIENCE: Final = 30.0
"""Seconds of questions without an answer after which reading is given up."""

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

    What is not committed is read too. Our own state is never written in a transaction; one that
    another program has left open would hide all state written after it, and a worker would go on
    with an old one.

    The end is the high watermark that comes with the records fetched: what brokers answer when
    they are asked for the end is not right everywhere. A batch that cannot be unpacked is passed
    over, and the log says so: if the state needs what it held, the state is found incomplete.

    Raises
    ------
    aiokafka.errors.CorruptRecordException
        If a batch has offsets beyond the end: what stands behind it cannot be found.
    aiokafka.errors.KafkaError
        If the broker does not answer, or stops answering.
    """
    guard_aiokafka()
    topic_partition = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none" if since else "earliest",
        isolation_level="read_uncommitted",
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
        # Counted by the questions that brought nothing, and not by the clock: while the loop was at
        # work on the state of other partitions, or the process was frozen, nobody has asked.
        silent = 0.0
        while silent < PATIENCE:
            fetched = await consumer.getmany(topic_partition, timeout_ms=_FETCH_MILLISECONDS)
            records = fetched.get(topic_partition, ())
            silent = 0.0 if records else silent + _FETCH_MILLISECONDS / 1_000
            for record in records:
                sieve.add(record)
            end = consumer.highwater(topic_partition)
            reached = await consumer.position(topic_partition)
            if end is not None and since > end:  # not every broker says that this is out of range
                return Reading({}, 0, complete=False)
            if end is not None and reached > end:
                raise CorruptRecordException(
                    f"{topic} partition {partition} ends at {end}, and has a batch up to {reached}"
                )
            if reached == end:
                return sieve.reading(end, complete=end >= since)
    except OffsetOutOfRangeError:
        return Reading({}, 0, complete=False)
    finally:
        await consumer.stop()
    raise KafkaTimeoutError(f"{topic} partition {partition} could not be read to its end")
