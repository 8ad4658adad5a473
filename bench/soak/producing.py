"""A process that sends the load, never further than its standard input allows.

``python -m bench.soak.producing BROKER PREFIX ACCOUNTS PARTITIONS`` reads one number a line: how
many records may have been sent. After every chunk it writes how many were.
"""

import asyncio
import sys
import threading
from collections import defaultdict
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from bench.soak.load import Load
from streams.wire.topics import Topic, topic_name

CHUNK: Final = 1_000
"""Accounts whose moment comes in one go: a third of an hour, less than the allowed lateness."""

LARGEST_BATCH: Final = 900_000


class Allowance:
    """How many records may have been sent; the end of input ends everything."""

    def __init__(self) -> None:
        self.records = 0
        self.over = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.records = int(line)
        self.over = True


async def produce(bootstrap: str, prefix: str, accounts: int, partitions: int) -> None:
    """Send until standard input ends."""
    names = {topic: topic_name(prefix, topic) for topic in Topic}
    load, allowance = Load(accounts, partitions), Allowance()
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", max_batch_size=LARGEST_BATCH
    )
    await producer.start()
    sent = number = 0
    try:
        while not allowance.over:
            if sent >= allowance.records:
                await asyncio.sleep(0.005)
                continue
            batches: defaultdict[tuple[Topic, int], Any] = defaultdict(producer.create_batch)
            for moment in range(number, number + CHUNK):
                for topic, partition, key, value in load.step(moment):
                    batches[topic, partition].append(key=key, value=value, timestamp=None)
            number += CHUNK
            waiting = [
                await producer.send_batch(batch, names[topic], partition=partition)
                for (topic, partition), batch in batches.items()
            ]
            await asyncio.gather(*waiting)
            sent += sum(batch.record_count() for batch in batches.values())
            sys.stdout.write(f"{sent}\n")
            sys.stdout.flush()
    finally:
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(produce(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
