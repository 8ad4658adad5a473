"""Stock Faust: two agents and two tables, with every setting that was found to make it faster.

The settings, and what each is worth, are those of docs/engines.md. Faust runs its Cython parts.
"""

import logging
import time
from pathlib import Path
from typing import Any, Final

import faust
from faust.types import AppT, StreamT, TableT, TopicT

from bench.engines.hosts.job import Job, Progress
from bench.engines.hosts.stages import (
    BATCH,
    PATIENCE,
    AlertRecord,
    HostedJudges,
    HostedLedger,
)
from detectors.settings import Settings

_PART: Final = 500_000
_SNAPSHOT_EVERY: Final = 10.0
_RAW: Final[dict[str, Any]] = {"key_type": bytes, "value_type": bytes}
_RAW_TOPIC: Final = {**_RAW, "key_serializer": "raw", "value_serializer": "raw"}


class LedgerAgent:
    """The ledgers of all partitions; a table holds their accounts, one entry each."""

    def __init__(
        self, job: Job, table: TableT[bytes, bytes], bundles: TopicT, alerts: TopicT
    ) -> None:
        self._job: Final = job
        self._table: Final = table
        self._bundles: Final = bundles
        self._alerts: Final = alerts
        self._progress: Final = Progress(job.progress)
        self._ledgers: Final[dict[int, HostedLedger]] = {}
        self._waiting: Final[dict[int, int]] = {}
        self._last: Final[dict[int, float]] = {}

    async def __call__(self, stream: StreamT[bytes]) -> None:
        """Join the events, and now and then tell what became known."""
        async for event in stream.events():
            partition = event.message.partition
            ledger = self._ledgers.get(partition) or self._opened(partition)
            leaped = ledger.apply(event.message.topic, event.value)
            self._waiting[partition] += 1
            now = time.monotonic()
            due = leaped or self._waiting[partition] >= BATCH
            if due or now - self._last[partition] >= PATIENCE:
                await self._drain(partition, ledger)
                self._progress.add(self._waiting[partition])
                self._waiting[partition], self._last[partition] = 0, now

    async def _drain(self, partition: int, ledger: HostedLedger) -> None:
        bundle, changed = ledger.drain()
        for account_id in changed:
            key, packed = f"{partition}/{account_id}".encode(), ledger.account(account_id)
            if packed is not None:
                self._table[key] = packed
            elif key in self._table:
                del self._table[key]
        self._table[f"place/{partition}".encode()] = ledger.place()
        if bundle is not None:
            await self._bundles.send(key=b"judges", value=bundle)

    def _opened(self, partition: int) -> HostedLedger:
        ledger = HostedLedger(Settings(), self._job.sources, partition)
        place = self._table.get(f"place/{partition}".encode())
        if place is not None:
            prefix = f"{partition}/".encode()
            ledger.restore_parts(
                place,
                (
                    (key.removeprefix(prefix).decode(), packed)
                    for key, packed in self._table.items()
                    if key.startswith(prefix)
                ),
            )
        self._ledgers[partition] = ledger
        self._waiting[partition], self._last[partition] = 0, 0.0
        return ledger


class JudgesAgent:
    """Agents and peers; a table holds a snapshot taken now and then, and the bundles since."""

    def __init__(self, job: Job, table: TableT[bytes, bytes], alerts: TopicT) -> None:
        self._job: Final = job
        self._table: Final = table
        self._alerts: Final = alerts
        self._since = 0
        self._last = time.monotonic()

    async def __call__(self, stream: StreamT[bytes]) -> None:
        """Judge every bundle."""
        judges: HostedJudges | None = None
        async for bundle in stream:
            judges = judges or self._opened()
            await _send_all(self._alerts, judges.receive(bundle))
            if time.monotonic() - self._last < _SNAPSHOT_EVERY:
                self._table[f"since/{self._since}".encode()] = bundle
                self._since += 1
            else:
                self._write(judges)
                self._last = time.monotonic()

    def _write(self, judges: HostedJudges) -> None:
        snapshot = judges.snapshot()
        parts = range(0, len(snapshot), _PART)
        for number, start in enumerate(parts):
            self._table[f"part/{number}".encode()] = snapshot[start : start + _PART]
        self._table[b"parts"] = str(len(parts)).encode()
        for number in range(self._since):
            del self._table[f"since/{number}".encode()]
        self._since = 0

    def _opened(self) -> HostedJudges:
        judges = HostedJudges(Settings(), self._job.partitions)
        parts = int(self._table.get(b"parts") or b"0")
        if parts:
            judges.restore(
                b"".join(self._table[f"part/{number}".encode()] for number in range(parts))
            )
        while (bundle := self._table.get(f"since/{self._since}".encode())) is not None:
            judges.receive(bundle)
            self._since += 1
        return judges


async def _send_all(topic: TopicT, records: list[AlertRecord]) -> None:
    for key, value in records:
        await topic.send(key=key, value=value)


def application(job: Job) -> AppT:
    """Return the whole of it."""
    app = faust.App(
        job.run,
        broker=f"kafka://{job.broker}",
        store="memory://",
        datadir=Path(job.folder),
        web_enabled=False,
        topic_replication_factor=1,
        topic_partitions=job.partitions,
        broker_commit_interval=2.0,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
        broker_max_poll_records=5_000,
        broker_check_crcs=False,
        consumer_max_fetch_size=4 * 1024 * 1024,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        producer_linger=0.05,
        producer_max_batch_size=256 * 1024,
        producer_max_request_size=2_000_000,
        stream_buffer_maxsize=16_384,
        stream_wait_empty=False,
        cython_optimizations=True,
    )
    alerts = app.topic(job.alerts, **_RAW_TOPIC)
    bundles = app.topic(f"{job.run}-outcomes", partitions=1, internal=True, **_RAW_TOPIC)
    events = app.topic(*job.sources.values(), **_RAW_TOPIC)
    accounts = app.Table(f"{job.run}-accounts", partitions=job.partitions, **_RAW)
    judged = app.Table(f"{job.run}-judges", partitions=1, **_RAW)
    app.agent(events, name="ledger")(LedgerAgent(job, accounts, bundles, alerts).__call__)
    app.agent(bundles, name="judges")(JudgesAgent(job, judged, alerts).__call__)

    @app.on_worker_init.connect(weak=False)
    def _quieten(*_: object, **__: object) -> None:
        """Switch off the records of debugging, which the worker leaves on: a tenth of its time."""
        for name in ("faust", "aiokafka", "mode"):
            logging.getLogger(name).setLevel(logging.WARNING)

    return app


def main() -> None:
    """Run until a signal."""
    app = application(Job.of_this_process())
    worker = faust.Worker(app, loglevel="warning", redirect_stdouts=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    import mode.loop

    mode.loop.use("uvloop")
    main()
