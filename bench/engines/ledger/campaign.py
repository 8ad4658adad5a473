"""The order of the runs of the ledger's job: hosts in turn, every round in another order."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.engines.cluster import Cluster
from bench.engines.ledger import measure
from bench.engines.ledger.findings import CORES, LedgerFindings, LedgerFound
from bench.engines.ledger.hosts import LedgerHost
from bench.engines.ledger.outcomes import expected
from bench.engines.processes import EngineFailed
from bench.engines.world import PARTITIONS, World


def measured(
    cluster: Cluster,
    world: World,
    hosts: Sequence[LedgerHost],
    *,
    warm: int,
    rounds: int,
    folder: Path,
    loads: list[float],
    say: Callable[[str], None],
) -> LedgerFound:
    """Run every host on one core and on two, so often; tell how it goes, and under which loads."""
    wanted = expected(world.records, PARTITIONS)
    say(f"{len(wanted):,} outcomes expected of {len(world.records):,} events")
    found = {host.name: LedgerFindings(host.title, host.versions(), host.durable) for host in hosts}
    for number in range(rounds):
        turn = number % len(hosts)
        for cores in CORES:
            stage = measure.stage(cluster, world, wanted, f"ledger-{number}-{cores}-", warm)
            for host in (*hosts[turn:], *hosts[:turn]):
                place = folder / stage.prefix / host.name
                place.mkdir(parents=True)
                loads.append(os.getloadavg()[0])
                try:
                    run = measure.run(cluster, stage, host, cores, place)
                except EngineFailed as error:
                    found[host.name].faults.append(str(error))
                    notes = getattr(error, "__notes__", ())
                    say("\n".join((f"{host.name} failed on {cores}: {error}", *notes)))
                else:
                    found[host.name].runs.setdefault(cores, []).append(run)
                    say(f"{host.name} on {cores}: {run.rate:,.0f}/s, {run.cpu:.1f} µs")
                shutil.rmtree(place)
    return found
