"""Who sends the records of a run: producers of every codec, some in transactions that overlap.

What a source may do the worker must bear: batches in any codec, markers of transactions in the
midst of the log, and records of transactions that were aborted, which nobody may read.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.wire.topics import EVENT_TOPICS, Topic
from tests.chaos.world import Sent

CODECS: Final = (None, "gzip", "snappy", "lz4", "zstd")

PATIENCE_SECONDS: Final = 90.0
"""How long a record may wait for the broker."""

TRANSACTIONS_AT_ONCE: Final = 3
TRANSACTIONAL_SHARE: Final = 0.3
"""Share of the slices that are sent in transactions."""

TRANSACTION_SECONDS: Final = 60.0
"""After which the broker aborts what nobody has ended, and a producer here gives up: longer than a
broker that was killed is away, for what is sent again comes late."""

RUN: Final = 20
"""Records that one transaction takes before it is another one's turn."""

LARGEST_REQUEST: Final = 1_040_000

LYING_SHARE: Final = 0.2
"""Share of the runs after which the transaction that is aborted later takes some, too."""

FORGED: Final = b"of an aborted transaction: whoever reads it tells of it"
"""A dead letter, if it is applied."""


class Sources:
    """All producers of a run. `names` are those of the topics; `seed` chooses who sends what."""

    def __init__(self, bootstrap: str, names: Mapping[Topic, str], seed: int) -> None:
        self._bootstrap: Final = bootstrap
        self._names: Final = names
        self._chance: Final = random.Random(seed)  # noqa: S311 - chance, not a secret
        self._plain: list[AIOKafkaProducer] = []
        self._transactional: list[AIOKafkaProducer] = []
        self._numbers: Final = count()
        self.committed = 0
        self.aborted = 0

    async def start(self) -> None:
        """Connect a producer for each codec."""
        for codec in CODECS:
            producer = self._producer(
                compression_type=codec, request_timeout_ms=int(PATIENCE_SECONDS * 1_000)
            )
            await producer.start()
            self._plain.append(producer)

    async def stop(self) -> None:
        """Disconnect them all."""
        for producer in (*self._plain, *self._transactional):
            await producer.stop()

    async def send(self, records: Sequence[Sent]) -> None:
        """Send records; all of them are stored, and committed, when this returns."""
        if self._chance.random() < TRANSACTIONAL_SHARE and await self._in_transactions(records):
            return
        await self._send(self._chance.choice(self._plain), records)

    async def _in_transactions(self, records: Sequence[Sent]) -> bool:
        """Deal records to transactions that overlap; false if it is not sure that all committed.

        The broker may be killed in the midst of one. What is sent again then is a duplicate.
        """
        try:
            async with asyncio.timeout(TRANSACTION_SECONDS):
                while len(self._transactional) <= TRANSACTIONS_AT_ONCE:
                    self._transactional.append(await self._transactional_producer())
                await self._overlap(records)
        except (KafkaError, TimeoutError):
            given_up, self._transactional = self._transactional, []
            for producer in given_up:
                with suppress(KafkaError, TimeoutError):
                    await asyncio.wait_for(producer.stop(), TRANSACTION_SECONDS)
            return False
        return True

    async def _overlap(self, records: Sequence[Sent]) -> None:
        *honest, liar = self._transactional
        for producer in self._transactional:
            await producer.begin_transaction()
        forged = [Sent(topic, b"forged", FORGED) for topic in EVENT_TOPICS]
        # One run after the other is stored: events in another order than they are sent would be
        # later than is allowed.
        for start in range(0, len(records), RUN):
            await self._send(self._chance.choice(honest), records[start : start + RUN])
            if self._chance.random() < LYING_SHARE:
                await self._send(liar, forged)
        self._chance.shuffle(honest)
        for number, producer in enumerate(honest):
            if number == 1:
                await liar.abort_transaction()
            await producer.commit_transaction()
        self.committed += len(honest)
        self.aborted += 1

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Sent]) -> None:
        waiting = [
            await producer.send(self._names[record.topic], record.value, key=record.key)
            for record in records
        ]
        await asyncio.gather(*waiting)

    async def _transactional_producer(self) -> AIOKafkaProducer:
        producer = self._producer(
            transactional_id=f"{self._names[Topic.SALES]}-{next(self._numbers)}",
            transaction_timeout_ms=int(TRANSACTION_SECONDS * 1_000),
            compression_type=self._chance.choice(CODECS),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    def _producer(self, **options: object) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            linger_ms=5,
            max_request_size=LARGEST_REQUEST,
            **options,
        )
