"""The worker's ledger stage without the two that judge: host, journal and state as in the worker.

Put together as `streams.worker.service` does, but for the watch over the installation, which looks
at topics and groups four times a minute.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from bench.engines.hosts.job import Progress
from bench.engines.hosts.ledger_job import LedgerJob
from bench.engines.world import PARTITIONS
from detectors.settings import Settings
from streams.broker.journal import KafkaJournal
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.memory import rare_collections
from streams.metrics.registry import Metrics
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.unusable import Unusable
from streams.stages.plan import StagePlan
from streams.stages.runner import StageRunner
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic, partitions_for
from streams.worker.faust_host import FaustHost
from streams.worker.health import Health
from streams.worker.log import set_up_log
from streams.worker.warm_up import warm_up

_NEVER: Final = 36_000.0
"""Seconds: time passes by the events alone, as for every other engine."""


class CountedLedger(LedgerActor):
    """A ledger that says how many records it has joined."""

    progress: Progress

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Join records, and count them."""
        unusable = super().apply(topic, records)
        self.progress.add(len(records))
        return unusable


async def run(job: LedgerJob) -> None:
    """Run until a signal, or a failure."""
    stop = asyncio.Event()
    failures: list[BaseException] = []

    def fail(error: BaseException) -> None:
        failures.append(error)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    host = HostSettings(
        broker=job.broker, topic_prefix=job.prefix, idle_after=_NEVER, session_timeout=6.0
    )
    security, metrics = BrokerSecurity.of(host), Metrics()
    health = Health(("ledger",), host.stall_after)
    journal = KafkaJournal(host.broker, host.topic_prefix, security)
    CountedLedger.progress = Progress(job.progress)
    make_actor = partial(
        CountedLedger,
        Settings(),
        agents_partitions=partitions_for(PARTITIONS).agents,
        partitions=PARTITIONS,
        idle_after=_NEVER,
        until=None,
        metrics=metrics,
    )
    topics = tuple(EVENT_TOPICS)
    plan = StagePlan("ledger", topics, Topic.LEDGER_STATE, make_actor, host.topic_prefix)
    runner = StageRunner(plan, journal, metrics, flush_every=host.flush_every, wall=time.time)
    await journal.start()
    faust = FaustHost(
        host, security, [runner], journal.probe, health, metrics, Path(job.folder), fail
    )
    await faust.start()
    await stop.wait()
    await faust.stop()
    await journal.stop()
    if failures:
        raise failures[0]


def main() -> None:
    """Run the job of the command line."""
    set_up_log()
    job = msgspec.json.decode(sys.argv[1], type=LedgerJob)
    warm_up(Settings())
    with rare_collections():
        asyncio.run(run(job))


if __name__ == "__main__":
    main()
