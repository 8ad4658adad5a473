"""Produces records, and returns only when the broker has them."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka import AIOKafkaProducer

from streams.actors.actor import Output, StateWrite
from streams.topic_catalogue import Topic, topic_name

LARGEST_BATCH: Final = 900_000
"""Bytes in one record batch: what a broker accepts by default, with room for its headers."""


class Outbox:
    """One producer for everything a worker writes.

    The client keeps at most one request per partition in flight, so the order within a partition
    is the order of the calls, retries included.
    """

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect to the broker.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_BATCH + 65_536,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect; everything given was acknowledged or raised before."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, outputs: Iterable[Output]) -> None:
        """Produce and wait for the acknowledgement of every record.

        Raises
        ------
        aiokafka.errors.KafkaError
            If any of them could not be written; others may have been.
        """
        producer = self._connected()
        pending = [
            await producer.send(
                topic_name(self._prefix, output.topic),
                value=output.value,
                key=output.key,
                partition=output.partition,
                headers=list(output.headers),
            )
            for output in outputs
        ]
        await asyncio.gather(*pending)

    async def write_state(self, topic: Topic, partition: int, state: StateWrite) -> None:
        """Write updates, then the head, then removals, each step acknowledged before the next.

        Raises
        ------
        aiokafka.errors.KafkaError
            If a step could not be written; the steps after it were not tried.
        """
        name = topic_name(self._prefix, topic)
        await self._write(name, partition, state.updates)
        await self._write(name, partition, dict([state.head]))
        await self._write(name, partition, dict.fromkeys(state.removals))

    async def _write(
        self, name: str, partition: int, entries: Mapping[bytes, bytes | None]
    ) -> None:
        """Write entries as whole record batches: far cheaper than one by one."""
        producer = self._connected()
        pending = []
        batch = producer.create_batch()
        for key, value in entries.items():
            if batch.append(key=key, value=value, timestamp=None) is None:
                pending.append(await producer.send_batch(batch, name, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        if batch.record_count():
            pending.append(await producer.send_batch(batch, name, partition=partition))
        await asyncio.gather(*pending)

    def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the outbox has not been started")
        return self._producer
