"""Three producers whose transactions overlap at random, and what of it is committed."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from random import Random
from typing import Final, NamedTuple, Self
from uuid import uuid4

from aiokafka import AIOKafkaProducer

PRODUCERS: Final = 3


class Sent(NamedTuple):
    """A record as it stands in its partition, and the transaction it belongs to, 0 for none."""

    offset: int
    value: bytes
    transaction: int


class Transactions:
    """Writes to many partitions at once: each sees an interleaving of its own.

    ``sent`` is what each partition holds, by growing offset.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int, seed: int) -> None:
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic
        self._partitions: Final = partitions
        self._chance: Final = Random(seed)  # noqa: S311 - to choose what happens
        self._stack: Final = AsyncExitStack()
        self._producers: Final[list[AIOKafkaProducer]] = []
        self._open: Final[dict[int, int]] = {}
        self._aborted: Final[set[int]] = set()
        self._count = 0
        self.sent: Final[dict[int, list[Sent]]] = defaultdict(list)

    async def __aenter__(self) -> Self:
        names = [str(uuid4()) for _ in range(PRODUCERS)]
        for name in (*names, None):
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap, transactional_id=name, linger_ms=0
            )
            self._producers.append(await self._stack.enter_async_context(producer))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def write(self, steps: int) -> None:
        """Do some random steps, and leave open what is open."""
        for _ in range(steps):
            number = self._chance.randrange(PRODUCERS + 1)
            if number in self._open and self._chance.random() < 0.4:
                await self.end(number, commits=self._chance.random() < 0.6)
            else:
                await self._send(number)

    async def end(self, number: int, *, commits: bool) -> None:
        """End the transaction of a producer."""
        transaction, producer = self._open.pop(number), self._producers[number]
        if commits:
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()
            self._aborted.add(transaction)

    async def commit_all(self) -> None:
        """Commit whatever is open."""
        for number in list(self._open):
            await self.end(number, commits=True)

    def readable_end(self, partition: int) -> int | None:
        """Return the first offset of an open transaction, None if none is open."""
        first: dict[int, int] = {}
        for record in self.sent[partition]:
            first.setdefault(record.transaction, record.offset)
        return min((first[t] for t in self._open.values() if t in first), default=None)

    def committed(self, partition: int) -> list[bytes]:
        """Return the values that may be read."""
        end = self.readable_end(partition)
        return [
            record.value
            for record in self.sent[partition]
            if record.transaction not in self._aborted and (end is None or record.offset < end)
        ]

    async def _send(self, number: int) -> None:
        """Send one or two records to a third of the partitions; begin a transaction if none is."""
        producer, transaction = self._producers[number], 0
        if number < PRODUCERS:
            if number not in self._open:
                self._count += 1
                self._open[number] = self._count
                await producer.begin_transaction()
            transaction = self._open[number]
        chosen = self._chance.sample(range(self._partitions), self._partitions // 3)
        pending = []
        for partition in chosen:
            for _ in range(self._chance.randint(1, 2)):
                value = b"%d" % self._chance.getrandbits(60)
                answer = await producer.send(self._topic, value, partition=partition)
                pending.append((partition, value, answer))
        await asyncio.gather(*(answer for _, _, answer in pending))
        for partition, value, answer in pending:
            self.sent[partition].append(Sent(answer.result().offset, value, transaction))
