"""One run of the ledger's job: events a second, and processor time an event."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from kafka.admin import NewTopic
from msgspec import Struct

from bench.engines.cluster import Cluster
from bench.engines.findings import OURS, Run
from bench.engines.hosts.ledger_job import LedgerJob
from bench.engines.ledger.hosts import LedgerHost
from bench.engines.ledger.outcome_topic import Written, end_of, written
from bench.engines.ledger.outcomes import Told, fault
from bench.engines.processes import EngineFailed, EngineProcess, Sample
from bench.engines.throughput import interpolated
from bench.engines.world import World
from streams.broker.access import admin_client
from streams.wire.topics import CATALOGUE, Topic, topic_name

_LOOK_EVERY: Final = 0.5
_SAMPLE_SECONDS: Final = 0.02
_QUIET_SECONDS: Final = 3.0
_STANDSTILL: Final = 90.0


class LedgerStage(Struct, frozen=True):
    """A world in topics, and the outcomes that must come of it; `warm` events are not measured."""

    world: World
    prefix: str
    sources: dict[str, str]
    wanted: frozenset[Told]
    warm: int


def stage(
    cluster: Cluster, world: World, wanted: frozenset[Told], prefix: str, warm: int
) -> LedgerStage:
    """Put a world into topics of its own."""
    sources = cluster.install(prefix)
    cluster.produce(sources, world.records)
    return LedgerStage(world, prefix, sources, wanted, warm)


def run(cluster: Cluster, stage: LedgerStage, host: LedgerHost, cores: int, folder: Path) -> Run:
    """Let a host read everything and tell all outcomes.

    The clock runs from the first look at which `warm` events were taken in to the moment at which
    the broker has stored the last outcome. The last outcomes follow from the last events.

    Raises
    ------
    EngineFailed
        If its outcomes are not those of our ledger, each told once.
    """
    name = f"{stage.prefix}{host.name}-{cores}"
    outcomes = f"{name}-outcomes"
    if host.name == OURS:
        outcomes = topic_name(stage.prefix, Topic.OUTCOMES)
    else:
        _create(cluster, outcomes)
    jobs = [
        LedgerJob(
            broker=cluster.bootstrap,
            prefix=stage.prefix,
            sources=stage.sources,
            outcomes=outcomes,
            run=name,
            folder=str(folder / f"{name}-{number}"),
            progress=str(folder / f"{name}-{number}-progress"),
            cores=cores,
        )
        for number in range(cores if host.name == OURS else 1)
    ]
    with ExitStack() as stack:
        with _on_cores(cores):
            processes = [stack.enter_context(host.start(job)) for job in jobs]
        first = _until_warm(processes, stage.warm)
        samples, found = _until_told(cluster, outcomes, host, stage, processes)
        memory = sum(process.peak_memory() for process in processes)
    wrong = fault(found.told, stage.wanted)
    if wrong is not None:
        raise EngineFailed(wrong)
    events = len(stage.world.records) - first.events
    cpu = interpolated(samples, found.last_at) - first.cpu
    return Run(events / (found.last_at - first.at), 1e6 * cpu / events, memory)


def _create(cluster: Cluster, topic: str) -> None:
    """Create a topic of outcomes like the one of an installation."""
    (plan,) = (plan for plan in CATALOGUE if plan.topic is Topic.OUTCOMES)
    with admin_client(cluster.bootstrap) as client:
        client.create_topics([NewTopic(topic, 1, 1, topic_configs=dict(plan.settings))])


@contextmanager
def _on_cores(number: int) -> Iterator[None]:
    """Let what is started here run on so many cores, the last ones; it sees no others."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[-number:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _until_warm(processes: Sequence[EngineProcess], warm: int) -> Sample:
    moved, best = time.time(), 0
    while True:
        sample = _sum(processes)
        if sample.events >= warm:
            return sample
        if sample.events > best:
            moved, best = sample.at, sample.events
        elif sample.at - moved > _STANDSTILL:
            raise EngineFailed(f"it stands still at {best:,} events")
        time.sleep(_SAMPLE_SECONDS)


def _until_told(
    cluster: Cluster,
    topic: str,
    host: LedgerHost,
    stage: LedgerStage,
    processes: Sequence[EngineProcess],
) -> tuple[list[Sample], Written]:
    """Watch processor times until everything is told and visible; read only when nothing comes."""
    samples: list[Sample] = []
    looked = moved = time.time()
    end = -1
    while True:
        samples.append(_sum(processes))
        now = samples[-1].at
        if now - looked >= _LOOK_EVERY:
            looked, before, end = now, end, end_of(cluster.bootstrap, topic)
            moved = now if end != before else moved
            if now - moved >= _QUIET_SECONDS:
                found = written(cluster.bootstrap, topic, host.read)
                if frozenset(found.told) >= stage.wanted or now - moved > _STANDSTILL:
                    return samples, found
        time.sleep(_SAMPLE_SECONDS)


def _sum(processes: Sequence[EngineProcess]) -> Sample:
    """Look at all of them; raise EngineFailed if one has ended."""
    for process in processes:
        process.require_running()
    samples = [process.sample() for process in processes]
    return Sample(
        max(sample.at for sample in samples),
        sum(sample.events for sample in samples),
        sum(sample.cpu for sample in samples),
    )
