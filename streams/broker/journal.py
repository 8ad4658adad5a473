"""The journal of the stages in Kafka."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.broker.changelog import read_changelog
from streams.broker.security import OPEN, BrokerSecurity
from streams.stages.actors.actor import Output
from streams.stages.state.journal import Entries, Reading
from streams.wire.seal import SEAL, place_of, seal_of
from streams.wire.topics import Topic, topic_name

LARGEST_BATCH: Final = 900_000
"""Bytes in one record batch: what a broker accepts by default, with room for its headers."""

LARGEST_REQUEST: Final = 16_000_000
"""Bytes in one message: what the topics of reports and reviews take."""

_BY_THE_BROKER: Final = 1
"""The type of a timestamp that says when a record arrived."""


class KafkaJournal:
    """One producer for everything a worker writes.

    The client keeps at most one request per partition in flight, so the order within a partition
    is the order of the calls, retries included.
    """

    def __init__(self, bootstrap: str, prefix: str, security: BrokerSecurity = OPEN) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._security: Final = security
        self._producer: AIOKafkaProducer | None = None
        self._counts: Final[dict[str, int]] = {}

    async def start(self) -> None:
        """Connect to the broker.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_REQUEST,
            **self._security.for_aiokafka(),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def stop(self) -> None:
        """Disconnect; every record was acknowledged, or its failure raised, before."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        """Send records as batches; waits while too many are on their way.

        Each result raises ``aiokafka.errors.KafkaError`` if the broker did not take its records.

        Raises
        ------
        aiokafka.errors.KafkaError
            If one of them is larger than any topic takes, or the broker does not answer.
        """
        producer = self._connected()
        batches: dict[tuple[str, int], BatchBuilder] = {}
        pending: list[Awaitable[object]] = []
        for output in outputs:
            if len(output.value) > LARGEST_REQUEST:
                raise MessageSizeTooLargeError(
                    f"{len(output.value):,} bytes for {output.topic}, "
                    f"where {LARGEST_REQUEST:,} are the most"
                )
            name = topic_name(self._prefix, output.topic)
            target = (name, await self._partition(name, output))
            batch = batches.get(target) or batches.setdefault(target, producer.create_batch())
            if not _append(batch, output):
                pending.append(await producer.send_batch(batch, name, partition=target[1]))
                batch = batches[target] = producer.create_batch()
                _append(batch, output)
        for (name, partition), batch in batches.items():
            pending.append(await producer.send_batch(batch, name, partition=partition))
        return pending

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        """Write entries as whole record batches, far cheaper than one by one, each under a seal.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker did not take all of them; it may have taken some.
        """
        producer, name = self._connected(), topic_name(self._prefix, topic)
        place = place_of(name, partition)
        pending = []
        batch = producer.create_batch()
        for key, value in entries.items():
            headers = [(SEAL, seal_of(place, key, value))]
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                pending.append((batch, await producer.send_batch(batch, name, partition=partition)))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=headers)
        pending.append((batch, await producer.send_batch(batch, name, partition=partition)))
        written = await asyncio.gather(*(result for _, result in pending))
        end: int = written[-1].offset + pending[-1][0].record_count()
        return end

    async def read(self, topic: Topic, partition: int, since: int = 0) -> Reading:
        """Read a changelog from an offset to its end.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        name = topic_name(self._prefix, topic)
        return await read_changelog(self._bootstrap, name, partition, since, self._security)

    async def stamp(self, topic: Topic, partition: int, key: bytes, value: bytes) -> float | None:
        """Write one record under a seal; return when the broker says it arrived.

        In seconds since the epoch; None if it does not say, and the topic keeps the times of
        producers. Without the seal, no worker would take the record for one of ours.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker did not take it.
        """
        name = topic_name(self._prefix, topic)
        headers = [(SEAL, seal_of(place_of(name, partition), key, value))]
        taken = await self._connected().send_and_wait(
            name, value, key, partition=partition, headers=headers
        )
        return taken.timestamp / 1_000 if taken.timestamp_type == _BY_THE_BROKER else None

    async def probe(self) -> None:
        """Ask the broker for something that it can always answer.

        Raises
        ------
        aiokafka.errors.KafkaError
            If no broker of the cluster answers.
        """
        await self._connected().client.fetch_all_metadata()

    async def _partition(self, name: str, output: Output) -> int:
        """Return the partition that an output names, or that of its key with any Kafka client."""
        if output.partition is not None:
            return output.partition
        count = self._counts.get(name)
        if count is None:
            count = self._counts[name] = len(await self._connected().partitions_for(name))
        return _partition_of(output.key or b"", count)

    def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the journal has not been started")
        return self._producer


def _append(batch: BatchBuilder, output: Output) -> bool:
    """Add an output; false if there is no room, which there always is in an empty batch."""
    added = batch.append(
        key=output.key, value=output.value, timestamp=None, headers=list(output.headers)
    )
    return added is not None


@lru_cache(maxsize=4_096)
def _partition_of(key: bytes, count: int) -> int:
    partition: int = DefaultPartitioner()(key, range(count), ())
    return partition
