"""Questions to the broker that the client does not ask by itself; they run in the client's loop."""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchError
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.protocol.fetch import FetchRequest

from streams.broker.transport.offsets import PartitionId
from streams.errors import LogTooShort
from streams.stages.log_bounds import LogBounds, too_short


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
        raise LogTooShort(too_short(topic_partition.topic, topic_partition.partition, asked))
    return start


async def log_bounds(
    client: AIOKafkaConsumer, reached: Mapping[TopicPartition, int | None]
) -> dict[PartitionId, LogBounds]:
    """Return the bounds of some partitions that have been read up to these offsets."""
    coordinator = client._coordinator  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    starts = await client.beginning_offsets(reached)
    ends = await client.end_offsets(reached)
    commits = await coordinator.fetch_committed_offsets(list(reached))
    return {
        (one.topic, one.partition): LogBounds(
            starts[one],
            commits[one].offset if one in commits else None,
            # The end that is given on request is not right everywhere, see the embedded broker, and
            # may be that of an open transaction; whether it can be read from there is.
            ends_early=offset is not None
            and max(starts[one], ends[one]) < offset
            and await _is_out_of_range(client, one, offset),
        )
        for one, offset in reached.items()
    }


async def _is_out_of_range(
    client: AIOKafkaConsumer, topic_partition: TopicPartition, offset: int
) -> bool:
    answer = await _fetch(client, topic_partition, offset, 1, 1)
    ((_, ((_, code, *_),)),) = answer.topics
    return bool(code == OffsetOutOfRangeError.errno)


async def _fetch(
    client: AIOKafkaConsumer,
    topic_partition: TopicPartition,
    offset: int,
    milliseconds: int,
    length: int,
) -> Any:  # noqa: ANN401 - aiokafka publishes no types
    asked = (topic_partition.partition, offset, length)
    request = FetchRequest(
        milliseconds, 1, length, READ_COMMITTED, [(topic_partition.topic, [asked])], rack_id=""
    )
    fetcher = client._fetcher  # noqa: SLF001 - see tests/streams/broker/transport/private_names.py
    node = fetcher._select_read_replica(topic_partition)  # noqa: SLF001 - as above
    return await client._client.send(node, request)  # noqa: SLF001 - as above
