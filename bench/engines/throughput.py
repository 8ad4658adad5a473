"""Events a second, and what an event costs, over a log that is there already."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bench.engines.cluster import Cluster, Told
from bench.engines.engines import Engine, start_host
from bench.engines.findings import OURS, Run
from bench.engines.hosts.in_process import ALERTS, RECORDS
from bench.engines.hosts.job import Job
from bench.engines.processes import EngineFailed, EngineProcess, Sample
from bench.engines.world import PARTITIONS, World

WARM: Final = 14_000
"""Events taken in before the clock starts: sixteen days, so every kind of work has begun once."""

_LOOK_FOR_ALERTS: Final = 0.5


class Stage(Struct, frozen=True):
    """A world in the topics of an installation, ready to be read."""

    world: World
    prefix: str
    sources: dict[str, str]


def stage(cluster: Cluster, world: World, prefix: str) -> Stage:
    """Put a world into topics of its own."""
    sources = cluster.install(prefix)
    cluster.produce(sources, world.records)
    return Stage(world, prefix, sources)


def job_for(cluster: Cluster, stage: Stage, engine: str, folder: Path) -> Job:
    """Return the job of an engine; our alerts go where it sends them, others have their own."""
    alerts = f"{stage.prefix}alerts"
    if engine != OURS:
        alerts = f"{stage.prefix}alerts-{engine}"
    place = folder / f"{stage.prefix}{engine}"
    place.mkdir(parents=True, exist_ok=True)
    return Job(
        broker=cluster.bootstrap,
        sources=stage.sources,
        alerts=alerts,
        run=f"{stage.prefix}{engine}",
        folder=str(place),
        progress=str(place / "progress"),
        partitions=PARTITIONS,
        events=len(stage.world.records),
    )


def run_engine(cluster: Cluster, stage: Stage, engine: Engine, folder: Path) -> Run:
    """Let an engine read everything and tell all alerts.

    The clock runs from the first look at which it has taken in `WARM` events to the moment
    at which the broker has stored the last alert. The last alerts follow from the last events.

    Raises
    ------
    EngineFailed
        If its alerts are not those of `aboveboard detect`.
    """
    job = job_for(cluster, stage, engine.name, folder)
    if engine.name != OURS:
        cluster.create_alerts(job.alerts)
    with engine.start(job, stage.prefix) as process:
        first = process.wait_for(lambda sample: sample.events >= WARM)
        samples = _until_told(cluster, job.alerts, len(stage.world.alerts), process)
        memory = process.peak_memory()
    told = cluster.alerts(job.alerts)
    check(told, stage.world)
    end = max(alert.at for alert in told)
    events = job.events - first.events
    cpu = interpolated(samples, end) - first.cpu
    return Run(events / (end - first.at), 1e6 * cpu / events, memory)


def run_to_the_end(module: str, job: Job) -> Run:
    """Let a module that ends by itself read everything; the clock runs by its own count."""
    with start_host(module, job) as process:
        first = process.wait_for(lambda sample: sample.events >= WARM)
        last = process.wait_for(lambda sample: sample.events >= job.events)
        memory = process.peak_memory()
        if not process.ended(60.0):
            raise EngineFailed("it did not end in order")
    events = job.events - first.events
    return Run(events / (last.at - first.at), 1e6 * (last.cpu - first.cpu) / events, memory)


def run_in_process(cluster: Cluster, stage: Stage, folder: Path) -> Run:
    """Run the detectors alone over the same records."""
    job = job_for(cluster, stage, "in-process", folder)
    packed = [
        (record.partition, stage.sources[record.topic], record.value)
        for record in stage.world.records
    ]
    (Path(job.folder) / RECORDS).write_bytes(msgspec.msgpack.encode(packed))
    run = run_to_the_end("in_process", job)
    found = msgspec.msgpack.decode((Path(job.folder) / ALERTS).read_bytes(), type=list[bytes])
    check([Told(0.0, value) for value in found], stage.world)
    return run


def check(told: Sequence[Told], world: World) -> None:
    """Raise EngineFailed unless exactly the alerts of a world were told."""
    values = {alert.value for alert in told}
    missing, wrong = len(world.alerts - values), len(values - world.alerts)
    if missing or wrong:
        raise EngineFailed(
            f"of {len(world.alerts):,} alerts {missing:,} are missing, and {wrong:,} are wrong"
        )


def interpolated(samples: Sequence[Sample], at: float) -> float:
    """Return the processor time at a moment between two samples."""
    before, after = samples[0], samples[-1]
    for earlier, later in pairwise(samples):
        if earlier.at <= at <= later.at:
            before, after = earlier, later
            break
    if after.at == before.at:
        return after.cpu
    share = (at - before.at) / (after.at - before.at)
    return before.cpu + min(max(share, 0.0), 1.0) * (after.cpu - before.cpu)


def _until_told(cluster: Cluster, topic: str, alerts: int, process: EngineProcess) -> list[Sample]:
    """Watch its processor time until the topic holds so many alerts; do not ask for its count."""
    return process.watch(lambda: cluster.count(topic), alerts, _LOOK_FOR_ALERTS)
