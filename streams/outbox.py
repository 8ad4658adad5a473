"""The journal of the stages in Kafka: a call returns only when the broker has everything."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka import AIOKafkaProducer

from streams.actors.actor import Output, StateWrite
from streams.changelog import read_changelog
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
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            max_batch_size=LARGEST_BATCH,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

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
        """Write the three steps in their order, each acknowledged before the next.

        Raises
        ------
        aiokafka.errors.KafkaError
            If a step could not be written; the steps after it were not tried.
        """
        name = topic_name(self._prefix, topic)
        await self._write(name, partition, state.prepared)
        await self._write(name, partition, dict([state.head]))
        await self._write(name, partition, state.settled)

    async def read_state(self, topic: Topic, partition: int) -> dict[bytes, bytes]:
        """Give the last value of every key that was not removed.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        return await read_changelog(self._bootstrap, topic_name(self._prefix, topic), partition)

    async def probe(self) -> None:
        """Ask the broker for something that it can always answer.

        Raises
        ------
        aiokafka.errors.KafkaError
            If no broker of the cluster answers.
        """
        await self._connected().client.fetch_all_metadata()

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
