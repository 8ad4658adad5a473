"""How long an alert takes, from the record that makes it due to a subscriber, under a steady load.

The watch of alerts, the load and the engine are processes of their own on one machine with one
clock. Only findings about accounts are timed: it is known which record makes each of them due.
"""

import subprocess
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bench.engines.cluster import Cluster
from bench.engines.engines import Engine
from bench.engines.findings import OURS
from bench.engines.hosts.load import LoadJob
from bench.engines.hosts.watch_alerts import WatchJob
from bench.engines.latency_schedule import Latencies, Schedule, latencies
from bench.engines.processes import EngineFailed
from bench.engines.throughput import Stage, job_for
from bench.engines.world import PARTITIONS, World, place_of
from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import seconds_at
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS

BEFORE: Final = 36_000
"""Events that are there already: five weeks, so that deadlines pass from the first second on."""

_SETTLED_SECONDS: Final = 3.0
_LAST_SECONDS: Final = 5.0
_LEAD_OUT_SECONDS: Final = 1.0
"""The end of a load, of which no alert is timed: an engine that acts on events only needs it."""

_PATIENCE: Final = 30.0


class Load(Struct, frozen=True):
    """How many events a second, for how many seconds."""

    rate: float
    seconds: float


def measure(
    cluster: Cluster, world: World, engine: Engine, prefix: str, load: Load, folder: Path
) -> Latencies:
    """Let an engine catch up with the first events, and time it over those that follow.

    Raises
    ------
    EngineFailed
        If alerts do not come.
    """
    upcoming = world.records[BEFORE : BEFORE + int(load.rate * load.seconds)]
    sources = cluster.install(prefix)
    cluster.produce(sources, world.records[:BEFORE])
    stage = Stage(world, prefix, sources)
    job = job_for(cluster, stage, engine.name, folder)
    if engine.name != OURS:
        cluster.create_alerts(job.alerts)
    place = Path(job.folder)
    load_job = LoadJob(
        broker=cluster.bootstrap,
        rate=load.rate,
        records=str(place / "load.msgpack"),
        times=str(place / "times"),
    )
    packed = [(sources[r.topic], r.partition, r.key, r.value) for r in upcoming]
    Path(load_job.records).write_bytes(msgspec.msgpack.encode(packed))
    with engine.start(job, prefix) as process:
        process.wait_for(lambda sample: sample.events >= BEFORE - engine.held_back)
        time.sleep(_SETTLED_SECONDS)
        with _watched(cluster, job.alerts, place) as received_at:
            _send(load_job, load.seconds + _PATIENCE)
            process.require_running()
            time.sleep(_LAST_SECONDS)
    produced = array("d")
    produced.frombytes(Path(load_job.times).read_bytes())
    received: dict[str, float] = {}
    for at, value in msgspec.msgpack.decode(
        received_at.read_bytes(), type=list[tuple[float, bytes]]
    ):
        alert_id = msgspec.json.decode(value, type=Alert).alert_id
        received.setdefault(alert_id, at)
    timed = len(upcoming) - int(load.rate * _LEAD_OUT_SECONDS)
    return _compared(world, timed, produced, received)


def _compared(
    world: World, timed: int, produced: Sequence[float], received: dict[str, float]
) -> Latencies:
    sent = world.records[: BEFORE + timed]
    lateness = seconds_of(Settings().time.allowed_lateness)
    schedule = Schedule(((r.topic, r.partition, r.at) for r in sent), lateness)
    triggers: dict[str, int] = {}
    for value in world.alerts:
        alert = msgspec.json.decode(value, type=Alert)
        if alert.subject.type != "account" or alert.status != "open":
            continue
        partition = place_of(alert.subject.id.encode())
        place = schedule.trigger(partition, seconds_at(alert.opened_at), len(EVENT_TOPICS))
        if place is not None and place >= BEFORE:
            triggers[alert.alert_id] = place - BEFORE
    try:
        return latencies(triggers, produced, received)
    except ValueError as error:
        raise EngineFailed(str(error)) from error


@contextmanager
def _watched(cluster: Cluster, topic: str, folder: Path) -> Iterator[Path]:
    """Watch the alerts while the block runs; the file given holds them afterwards."""
    ready, received = folder / "ready", folder / "received.msgpack"
    job = WatchJob(
        broker=cluster.bootstrap,
        alerts=topic,
        partitions=PARTITIONS,
        ready=str(ready),
        received=str(received),
    )
    process = _started("watch_alerts", job)
    try:
        while not ready.exists():
            time.sleep(0.05)
        yield received
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _send(job: LoadJob, patience: float) -> None:
    process = _started("load", job)
    try:
        code = process.wait(patience)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise EngineFailed("the load could not be sent in time") from error
    if code:
        raise EngineFailed("the load could not be sent")


def _started(module: str, job: LoadJob | WatchJob) -> subprocess.Popen[bytes]:
    command = (sys.executable, "-m", f"bench.engines.hosts.{module}")
    return subprocess.Popen((*command, msgspec.json.encode(job).decode()))
