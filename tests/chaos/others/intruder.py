"""Another program, which writes into every topic of the installation by mistake."""

import asyncio
import random
import time
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, topic_name

_KEY: Final = b"an intruder"
_PATIENCE_MILLISECONDS: Final = 90_000

_VALUES: Final = (
    b"",
    b"no record of ours",
    b"\x00\x00\x00\x00\x07framed",
    b"\x81\xa1a\xc0",  # MessagePack, of another form
    b"\xc4\x04\xff\xff\xff\xff",
    b'{"alert_id":1}',
)


class Intruder:
    """Writes to every topic but those of events, whose hostile records are part of the world."""

    def __init__(self, bootstrap: str, prefix: str, seed: int) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._chance: Final = random.Random(seed)  # noqa: S311 - chance, not a secret

    def intrude(self) -> None:
        """Write one record, of any kind, into every partition of every topic."""
        asyncio.run(self._intrude())

    async def _intrude(self) -> None:
        producer = await self._producer()
        try:
            for plan in CATALOGUE:
                if plan.topic not in EVENT_TOPICS:
                    await self._into(producer, plan.topic)
        finally:
            await producer.stop()

    async def _producer(self) -> AIOKafkaProducer:
        """Return one that is connected; the broker may be away, and long on a busy machine."""
        ends = time.monotonic() + _PATIENCE_MILLISECONDS / 1_000
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap, request_timeout_ms=_PATIENCE_MILLISECONDS
            )
            try:
                await producer.start()
            except KafkaError:
                await producer.stop()
                if time.monotonic() > ends:
                    raise
                await asyncio.sleep(0.5)
            else:
                return producer

    async def _into(self, producer: AIOKafkaProducer, topic: Topic) -> None:
        partitions = await producer.partitions_for(topic_name(self._prefix, topic))
        for partition in partitions:
            value = self._chance.choice(_VALUES)
            name = topic_name(self._prefix, topic)
            await producer.send_and_wait(name, value, key=_KEY, partition=partition)


def is_foreign(key: bytes | None) -> bool:
    """Return whether a record is the intruder's, or the dead letter about one."""
    return key == _KEY
