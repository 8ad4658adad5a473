"""Measure what fetching and delivering costs on real Kafka.

``python -m tests.streams.broker.transport.measure [RECORDS [MICROSECONDS_OF_WORK]]`` prints CPU per
record of the whole process, client thread included, from the first batch to the last, without the
records of the first. With work, every record also keeps the stage busy for so long.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kafka import KafkaProducer

from streams.broker.transport.batch import FetchedBatch
from tests.brokers.real_kafka import RealKafka
from tests.streams.broker.transport.small_app import SmallApp, new_topic, until

PARTITIONS: Final = 4
VALUE: Final = b"x" * 290
COMMIT_EVERY: Final = 1.0
RUNS: Final = 3


@dataclass
class Tally:
    """What a run saw."""

    work_seconds: float
    records: int = 0
    batches: int = 0
    began: tuple[int, float, float] = (0, 0.0, 0.0)
    ended: tuple[float, float] = (0.0, 0.0)
    sizes: list[int] = field(default_factory=list)

    async def take(self, batch: FetchedBatch) -> None:
        """Count a batch."""
        self.records += len(batch.records)
        self.sizes.append(len(batch.records))
        if not self.began[0]:
            self.began = (self.records, time.perf_counter(), time.process_time())
        until_then = time.perf_counter() + self.work_seconds * len(batch.records)
        while self.work_seconds and time.perf_counter() < until_then:
            pass
        batch.finish()
        self.ended = (time.perf_counter(), time.process_time())


def fill(bootstrap: str, topic: str, records: int) -> None:
    """Produce."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=50, batch_size=131_072)
    for number in range(records):
        producer.send(topic, value=VALUE, key=b"%d" % number, partition=number % PARTITIONS)
    producer.flush()
    producer.close()


async def run(bootstrap: str, topic: str, group: str, records: int, work: float) -> None:
    """Read the topic once and print what it took."""
    tally = Tally(work)
    with tempfile.TemporaryDirectory() as folder:
        small = SmallApp(
            bootstrap,
            group,
            topic,
            Path(folder),
            tally.take,
            broker_session_timeout=10,
            broker_heartbeat_interval=2.5,
        )
        async with small:
            committed_at = time.monotonic()
            while tally.records < records:
                await asyncio.sleep(0.02)
                if time.monotonic() - committed_at > COMMIT_EVERY:
                    await small.consumer.commit_finished()
                    committed_at = time.monotonic()
            await small.consumer.commit_finished()
            await until(lambda: not small.consumer.unfinished_batches())
    first, began, cpu_began = tally.began
    ended, cpu_ended = tally.ended
    counted = records - first
    sys.stdout.write(
        f"{counted / (ended - began):10,.0f} records/s  "
        f"{(cpu_ended - cpu_began) / counted * 1e6:6.2f} us CPU/record  "
        f"{len(tally.sizes)} batches, largest {max(tally.sizes)}\n"
    )


def main() -> None:
    """Start a broker, fill a topic and read it some times."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    work = float(sys.argv[2]) * 1e-6 if len(sys.argv) > 2 else 0.0
    with RealKafka() as kafka:
        topic = new_topic(kafka.bootstrap, PARTITIONS)
        fill(kafka.bootstrap, topic, records)
        for number in range(RUNS):
            asyncio.run(run(kafka.bootstrap, topic, f"{topic}-{number}", records, work))


if __name__ == "__main__":
    main()
