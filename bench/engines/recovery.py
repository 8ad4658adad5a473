"""How long an engine takes to go on with many open accounts in its state.

It is let take in so many sales of which nothing matures, stopped, and started again with one new
sale waiting in every partition. The time from its start until it has taken in these, less that of
an engine with next to nothing to recover, is its recovery: start-up and join fall out.
"""

import shutil
import time
from pathlib import Path
from typing import Final

from bench.engines.cluster import Cluster
from bench.engines.engines import Engine
from bench.engines.findings import OURS, Restart
from bench.engines.throughput import Stage, job_for
from bench.engines.world import PARTITIONS, World, one_for_each_partition, open_accounts

_DURABLE_SECONDS: Final = 4.0


def measure(cluster: Cluster, engine: Engine, prefix: str, accounts: int, folder: Path) -> Restart:
    """Return what a restart with so many open accounts takes."""
    sources = cluster.install(prefix)
    job = job_for(cluster, Stage(World((), frozenset()), prefix, sources), engine.name, folder)
    if engine.name != OURS:
        cluster.create_alerts(job.alerts)
    cluster.produce(sources, one_for_each_partition(accounts))
    cluster.produce(sources, open_accounts(accounts))
    expected = accounts + PARTITIONS
    with engine.start(job, prefix) as process:
        process.wait_for(
            lambda sample: sample.events >= max(PARTITIONS, expected - engine.held_back)
        )
        time.sleep(_DURABLE_SECONDS)
        process.wait_until_quiet()
    # Where state is in changelog topics as well, another machine has to recover from these.
    shutil.rmtree(Path(job.folder) / "state", ignore_errors=True)
    cluster.produce(sources, one_for_each_partition(2 * accounts + 1_000))
    with engine.start(job, prefix) as process:
        last = process.wait_for(lambda sample: sample.events >= PARTITIONS, standstill=600.0)
        return Restart(last.at - process.begun, process.peak_memory())
