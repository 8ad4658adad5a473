"""Bytewax: a keyed step for the ledgers, one for the judges, state in its recovery store.

A ledger is kept whole under the key of its partition: with an epoch of two seconds nearly every
account-sized or bucket-sized key would be written in nearly every epoch as well, each with its own
row and call.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from bench.engines.hosts.job import Job, Progress
from bench.engines.hosts.stages import AlertRecord, HostedJudges, HostedLedger
from detectors.settings import Settings

_EPOCH: Final = timedelta(seconds=2)
_BATCH: Final = 1_000

_Event: TypeAlias = KafkaSourceMessage[bytes, bytes]


class LedgerLogic(StatefulBatchLogic[_Event, bytes, tuple[int, bytes]]):  # type: ignore[misc] # not installed with us
    """The ledger of one partition; the first batch tells which."""

    def __init__(self, job: Job, progress: Progress, state: tuple[int, bytes] | None) -> None:
        self._job: Final = job
        self._progress: Final = progress
        self._partition = -1
        self._ledger: HostedLedger | None = None
        if state is not None:
            self._partition, snapshot = state
            self._opened(self._partition).restore(snapshot)

    def on_batch(self, values: list[_Event]) -> tuple[Iterable[bytes], bool]:
        """Join the events of a batch, and tell what became known."""
        ledger = self._ledger or self._opened(values[0].partition or 0)
        apply = ledger.apply
        for event in values:
            apply(event.topic or "", event.value)
        bundle, _ = ledger.drain()
        self._progress.add(len(values))
        return () if bundle is None else (bundle,), StatefulBatchLogic.RETAIN

    def snapshot(self) -> tuple[int, bytes]:
        """Return the state at the end of an epoch."""
        return self._partition, self._opened(self._partition).snapshot()

    def _opened(self, partition: int) -> HostedLedger:
        if self._ledger is None:
            self._partition = partition
            self._ledger = HostedLedger(Settings(), self._job.sources, partition)
        return self._ledger


class JudgesLogic(StatefulBatchLogic[bytes, AlertRecord, bytes]):  # type: ignore[misc] # as above
    """Agents and peers, under one key."""

    def __init__(self, ledgers: int, snapshot: bytes | None) -> None:
        self._judges: Final = HostedJudges(Settings(), ledgers)
        if snapshot is not None:
            self._judges.restore(snapshot)

    def on_batch(self, values: list[bytes]) -> tuple[Iterable[AlertRecord], bool]:
        """Judge what the ledgers told."""
        alerts = [alert for bundle in values for alert in self._judges.receive(bundle)]
        return alerts, StatefulBatchLogic.RETAIN

    def snapshot(self) -> bytes:
        """Return the state at the end of an epoch."""
        return self._judges.snapshot()


def dataflow(job: Job, progress: Progress) -> Dataflow:
    """Return the whole of it."""
    flow = Dataflow("aboveboard")
    topics = list(job.sources.values())
    events = op.input("events", flow, KafkaSource([job.broker], topics, batch_size=_BATCH))
    keyed = op.flat_map_batch("partition", events, _by_partition)
    told = op.stateful_batch("ledger", keyed, lambda state: LedgerLogic(job, progress, state))
    bundles = op.flat_map_batch("bundles", told, _for_all)
    judged = op.stateful_batch("judges", bundles, lambda state: JudgesLogic(job.partitions, state))
    alerts = op.flat_map_batch("judged", judged, _judged)
    op.output("out", alerts, KafkaSink([job.broker], job.alerts, add_config={"acks": "all"}))
    return flow


def _by_partition(events: list[_Event]) -> list[tuple[str, _Event]]:
    return [(str(event.partition), event) for event in events]


def _for_all(bundles: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [("all", bundle) for _, bundle in bundles]


def _judged(alerts: list[tuple[str, AlertRecord]]) -> list[KafkaSinkMessage[bytes, bytes]]:
    return [KafkaSinkMessage(*alert) for _, alert in alerts]


def main() -> None:
    """Run until a signal."""
    job = Job.of_this_process()
    store = Path(job.folder) / "recovery"
    if not store.exists():
        store.mkdir()
        init_db_dir(store, 1)
    flow = dataflow(job, Progress(job.progress))
    cli_main(flow, epoch_interval=_EPOCH, recovery_config=RecoveryConfig(store))


if __name__ == "__main__":
    main()
