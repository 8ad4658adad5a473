"""Questions to the broker that the client does not ask by itself; they run in the client's loop."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchError
from aiokafka.errors import OffsetOutOfRangeError

from streams.broker.transport.offsets import PartitionId
from streams.errors import LogTooShort


def is_out_of_range(error: FetchError) -> bool:
    """Return whether the broker no longer has, or does not yet have, the offset asked for."""
    return isinstance(error._error, OffsetOutOfRangeError)  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py


async def start_of_log(
    client: AIOKafkaConsumer, topic_partition: TopicPartition, asked: int
) -> int:
    """Return where the log begins, since the broker has not got the offset that was asked for.

    Raises
    ------
    LogTooShort
        If that is so because the log ends before it.
    """
    starts = await client.beginning_offsets([topic_partition])
    start: int = starts[topic_partition]
    if start < asked:
        raise LogTooShort(
            f"{topic_partition.topic} partition {topic_partition.partition} was read up to offset "
            f"{asked}, and its log ends before that: it was cut off, or the topic was deleted and "
            "created again. State and log do not belong together: bring the log back, or read the "
            "event topics into a new ABOVEBOARD_TOPIC_PREFIX"
        )
    return start


async def log_bounds(
    client: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> dict[PartitionId, tuple[int, int | None]]:
    """Return where each log begins, and what the group has committed of it, None if nothing."""
    coordinator = client._coordinator  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    starts = await client.beginning_offsets(partitions)
    commits = await coordinator.fetch_committed_offsets(list(partitions))
    return {
        (one.topic, one.partition): (starts[one], commits[one].offset if one in commits else None)
        for one in partitions
    }
