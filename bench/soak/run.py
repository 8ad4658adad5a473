"""One soak: a broker, one worker, a load that never lets it rest, and a look every few seconds."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from bench.soak.load import BEGINS, FULL_AFTER, SETTINGS
from bench.soak.sampling import Sample, held_by
from bench.soak.verdict import FULL
from detectors.basis.event_time import DAY
from streams.config.host import PREFIX
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, partitions_for, topic_name
from tests.brokers.real_kafka import RealKafka
from tests.chaos.endings import NEVER
from tests.chaos.life import HONEST, Life

PARTITIONS: Final = 4
TOPIC_PREFIX: Final = "soak-"
BACKLOG: Final = 40_000
"""Records that the worker has not applied yet, at most: a second or two of work."""

CONTROL_SECONDS: Final = 0.25
SAMPLE_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 60.0
"""From the state being full to the first sample that counts: one writing of it."""

FILL_SECONDS: Final = 900.0
END_SECONDS: Final = 60.0

_INNER: Final = (Topic.OUTCOMES, Topic.PEER_TOTALS, Topic.PEER_EXPECTATIONS)
_KEPT_FOR: Final = {"retention.ms": "120000", "segment.ms": "60000", "segment.bytes": "67108864"}
_COMPACTED_SOON: Final = {
    "segment.ms": "60000",
    "segment.bytes": "33554432",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": "1000",
}


class SoakFailed(Exception):
    """The soak could not be carried through; the message says why, and what the worker wrote."""


class Outcome:
    """All samples since the state was full, and how the worker ended."""

    def __init__(self, samples: Sequence[Sample], filled_after: float, life: Life) -> None:
        self.samples: Final = samples
        self.filled_after: Final = filled_after
        self._life: Final = life

    def complaints(self) -> list[str]:
        """Return what was wrong about the end of the worker."""
        found = []
        if self._life.code != 0:
            found.append(f"told to stop, the worker ended with {self._life.code}")
        log = self._life.log()
        found += [
            f"the worker wrote {line[:200]!r}"
            for line in log.splitlines()
            if any(mark in line for mark in NEVER)
        ]
        return found


class Soak:
    """One worker with so many open accounts, observed for so many minutes."""

    def __init__(
        self, accounts: int, minutes: float, store: str, folder: Path, tell: Callable[[str], object]
    ) -> None:
        self._accounts: Final = accounts
        self._minutes: Final = minutes
        self._store: Final = store
        self._folder: Final = folder
        self._tell: Final = tell

    def run(self) -> Outcome:
        """Run it.

        Raises
        ------
        SoakFailed
            If the worker ends, or its state does not fill.
        """
        with RealKafka() as kafka:
            _create_topics(kafka.bootstrap)
            life = self._worker(kafka.bootstrap)
            try:
                samples, filled_after = asyncio.run(self._observe(kafka.bootstrap, life))
                life.send(signal.SIGTERM)
                life.wait(END_SECONDS)
            finally:
                life.send(signal.SIGKILL)
                life.wait(END_SECONDS)
        return Outcome(samples, filled_after, life)

    def _worker(self, bootstrap: str) -> Life:
        config = self._folder / "settings.toml"
        config.write_text(SETTINGS, encoding="utf-8")
        state = self._folder / "state"
        state.mkdir()
        ours = {
            "broker": bootstrap,
            "topic_prefix": TOPIC_PREFIX,
            "store": self._store,
            "state_folder": str(state),
        }
        environment = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
        environment |= {PREFIX + name.upper(): value for name, value in ours.items()}
        environment["PYTHONWARNINGS"] = "default"  # ResourceWarning: what nobody closed
        return Life(0, [*HONEST, "--config", str(config)], environment, self._folder / "worker.log")

    async def _observe(self, bootstrap: str, life: Life) -> tuple[list[Sample], float]:
        samples: list[Sample] = []
        filled = counted_from = float("inf")
        began = time.monotonic()
        async with _places(bootstrap) as places, self._producing(bootstrap) as producer:
            look_at = began
            while (now := time.monotonic()) < counted_from + self._minutes * 60.0:
                await asyncio.sleep(CONTROL_SECONDS)
                if life.code is not None:
                    raise SoakFailed(f"the worker ended with {life.code}:\n{life.log()[-3000:]}")
                if filled > now and now - began > FILL_SECONDS:
                    raise SoakFailed(f"not full after {FILL_SECONDS:g} s:\n{life.log()[-3000:]}")
                metrics = await asyncio.to_thread(life.metrics)
                if not metrics:
                    continue
                applied = metrics.get("aboveboard_events_total", 0.0)
                producer.allow(int(applied) + BACKLOG)
                if now < look_at:
                    continue
                look_at = now + SAMPLE_SECONDS
                sample = Sample(
                    now - began,
                    held_by(life.pid),
                    metrics.get("aboveboard_remembered_accounts", 0.0),
                    applied,
                    _unjudged(metrics),
                    producer.sent - applied,
                    await places.behind(EVENT_TOPICS),
                    await places.behind(_INNER),
                )
                self._tell(_line(sample))
                if filled > now and self._is_full(sample.accounts, metrics):
                    filled, counted_from = now, now + SETTLE_SECONDS
                if now >= counted_from:
                    samples.append(sample)
        return samples, filled - began

    def _is_full(self, accounts: float, metrics: Mapping[str, float]) -> bool:
        is_late = _watermark(metrics) >= (BEGINS + FULL_AFTER).timestamp()
        return is_late and accounts >= FULL * self._accounts

    @asynccontextmanager
    async def _producing(self, bootstrap: str) -> "AsyncIterator[_Producer]":
        words = (bootstrap, TOPIC_PREFIX, str(self._accounts), str(PARTITIONS))
        with subprocess.Popen(  # noqa: ASYNC220 - it starts once, before there is anything to wait for
            [sys.executable, "-m", "bench.soak.producing", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            producer = _Producer(process)
            try:
                yield producer
            finally:
                producer.close()


class _Producer:
    """The process that sends: told how far it may go, it says how far it is."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.sent = 0
        self._process: Final = process
        self._thread: Final = Thread(target=self._read, daemon=True)
        self._thread.start()

    def allow(self, records: int) -> None:
        if self._process.stdin is None or self._process.poll() is not None:
            raise SoakFailed("the producer ended")
        self._process.stdin.write(f"{records}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._thread.join(END_SECONDS)
        self._process.wait(END_SECONDS)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.sent = int(line)


class _Places:
    """Ends and committed offsets of all partitions that the worker reads."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer: Final = consumer

    async def behind(self, topics: "Sequence[Topic] | dict[Topic, str]") -> int:
        """Count the records that are stored and not committed."""
        places = [
            TopicPartition(topic_name(TOPIC_PREFIX, plan.topic), number)
            for plan in CATALOGUE
            if plan.topic in topics
            for number in range(plan.count(partitions_for(PARTITIONS)))
        ]
        ends = await self._consumer.end_offsets(places)
        committed = [await self._consumer.committed(place) or 0 for place in places]
        return int(sum(ends.values())) - sum(committed)


@asynccontextmanager
async def _places(bootstrap: str) -> AsyncIterator[_Places]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=f"{TOPIC_PREFIX}aboveboard",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        yield _Places(consumer)
    finally:
        await consumer.stop()


def _create_topics(bootstrap: str) -> None:
    """Create the topics so that what was read goes away: twenty minutes must fit on the disk."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        client.create_topics(
            {
                topic_name(TOPIC_PREFIX, plan.topic): {
                    "num_partitions": plan.count(partitions_for(PARTITIONS)),
                    "replication_factor": 1,
                    "configs": plan.settings
                    | (
                        _COMPACTED_SOON
                        if plan.settings["cleanup.policy"] == "compact"
                        else _KEPT_FOR
                    ),
                }
                for plan in CATALOGUE
            },
            wait_for_metadata=True,
        )
    finally:
        client.close()


def _watermark(metrics: Mapping[str, float]) -> float:
    """Return the mean over the ledger partitions, in seconds of event time."""
    return metrics.get("aboveboard_watermark_timestamp_seconds", 0.0) / PARTITIONS


def _unjudged(metrics: Mapping[str, float]) -> float:
    judged = metrics.get("aboveboard_judged_timestamp_seconds", 0.0)
    return (_watermark(metrics) - judged) / DAY if judged else 0.0


def _line(sample: Sample) -> str:
    held = sample.held
    return (
        f"{sample.at:7.0f} s  {sample.accounts:>10,.0f} accounts  {sample.applied:>12,.0f} applied"
        f"  {sample.waiting:>7,.0f} waiting  {sample.uncommitted:>8,} uncommitted"
        f"  {sample.inner:>5,} inner  {sample.unjudged:>5.1f} days unjudged"
        f"  {held.resident:>6,.0f} MB  {held.files} files  {held.sockets} sockets"
        f"  {held.threads} threads"
    )
