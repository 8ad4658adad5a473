"""Questions to the broker that the client does not ask by itself; they run in the client's loop."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.protocol.fetch import FetchRequest

from streams.broker.transport.lenient import aborted_in
from streams.broker.transport.offsets import PartitionId
from streams.errors import LogTooShort


async def fetch_again(
    client: AIOKafkaConsumer,
    topic_partition: TopicPartition,
    position: int,
    milliseconds: int,
    length: int,
) -> tuple[bytes, Sequence[tuple[int, int]]]:
    """Return the bytes of a fetch once more, which the client does not keep, and what is aborted.

    Parameters
    ----------
    milliseconds, length
        How long the broker may wait, and how many bytes it may send.
    """
    request = FetchRequest(
        milliseconds,
        1,
        length,
        READ_COMMITTED,
        [(topic_partition.topic, [(topic_partition.partition, position, length)])],
        rack_id="",
    )
    fetcher = client._fetcher  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    node = fetcher._select_read_replica(topic_partition)  # noqa: SLF001 - as above
    answer = await client._client.send(node, request)  # noqa: SLF001 - as above
    ((_, ((*fields, content),)),) = answer.topics
    return bytes(content or b""), aborted_in(fields, answer.API_VERSION)


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
    coordinator = client._coordinator  # noqa: SLF001 - as above
    starts = await client.beginning_offsets(partitions)
    commits = await coordinator.fetch_committed_offsets(list(partitions))
    return {
        (one.topic, one.partition): (starts[one], commits[one].offset if one in commits else None)
        for one in partitions
    }
