"""The order of the measurements: in turn, so that what else the machine does meets all alike."""

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bench.engines import latency, recovery, throughput
from bench.engines.cluster import Cluster
from bench.engines.engines import Engine
from bench.engines.findings import HUNDRED_THOUSAND, AtRate, Findings, middle
from bench.engines.latency import BEFORE, Load
from bench.engines.ledger.campaign import measured
from bench.engines.ledger.findings import LedgerFindings
from bench.engines.ledger.hosts import HOSTS
from bench.engines.processes import EngineFailed
from bench.engines.world import World, make_world, outcomes_world

MEASURES: Final = ("throughput", "ceiling", "recovery", "latency", "ledger")

IN_PROCESS: Final = "in process"
_CEILINGS: Final = ("bare_aiokafka", "bare_confluent")
_TITLES: Final = {"bare_aiokafka": "aiokafka", "bare_confluent": "confluent-kafka"}


class Extent(Struct, frozen=True, kw_only=True):
    """How much is measured: `few_events` for slow engines, `seconds` of load for latencies.

    `large` is the larger number of accounts to recover; 0 leaves it out. The ledger's job alone is
    measured with `ledger_events`, from `ledger_warm` of them on.
    """

    events: int
    few_events: int
    rounds: int
    seconds: float
    large: int
    ledger_events: int
    ledger_warm: int


class Campaign:
    """All measurements of one run; `found` holds what they gave, by engine."""

    def __init__(
        self,
        cluster: Cluster,
        engines: Sequence[Engine],
        extent: Extent,
        rounds: int,
        folder: Path,
    ) -> None:
        self._cluster: Final = cluster
        self._engines: Final = engines
        self._extent: Final = extent
        self._rounds: Final = rounds
        self._folder: Final = folder
        self._begun: Final = time.monotonic()
        self._worlds: Final[dict[int, World]] = {}
        self.found: Final[dict[str, Findings]] = {engine.name: Findings() for engine in engines}
        self.ledger = dict[str, LedgerFindings]()
        self.loads: Final[list[float]] = []

    def run(self, measures: Sequence[str]) -> None:
        """Measure what is named; latencies need to know how fast each engine is."""
        if "throughput" in measures:
            for number in range(self._rounds):
                self._throughput(number)
        elif "latency" in measures:
            self._throughput(0)
        if "ceiling" in measures:
            self._ceilings()
        if "recovery" in measures:
            self._recoveries()
        if "latency" in measures:
            self._latencies()
        if "ledger" in measures:
            self.ledger = measured(
                self._cluster,
                outcomes_world(self._extent.ledger_events),
                HOSTS,
                warm=self._extent.ledger_warm,
                rounds=self._rounds,
                folder=self._folder,
                loads=self.loads,
                say=self._say,
            )

    def _throughput(self, number: int) -> None:
        """Measure one round, every time in another order."""
        for slow in (False, True):
            engines = [engine for engine in self._engines if engine.slow is slow]
            if not engines:
                continue
            world = self._world(self._extent.few_events if slow else self._extent.events)
            stage = throughput.stage(self._cluster, world, f"round-{number}-{int(slow)}-")
            alone = throughput.run_in_process(self._cluster, stage, self._folder)
            self._say(f"in process: {alone.rate:,.0f}/s, {alone.cpu:.1f} µs")
            if not slow:
                self.found.setdefault(IN_PROCESS, Findings()).runs.append(alone)
            turn = number % len(engines)
            for engine in (*engines[turn:], *engines[:turn]):
                self._try(engine, partial(self._run, stage, engine, alone.cpu))

    def _run(self, stage: throughput.Stage, engine: Engine, alone: float) -> None:
        run = throughput.run_engine(self._cluster, stage, engine, self._folder)
        self.found[engine.name].runs.append(msgspec.structs.replace(run, alone=alone))
        self._say(f"{engine.name}: {run.rate:,.0f}/s, {run.cpu:.1f} µs")

    def _ceilings(self) -> None:
        world = self._world(self._extent.events)
        stage = throughput.stage(self._cluster, world, "ceiling-")
        for _ in range(self._rounds):
            for module in _CEILINGS:
                for decode in (True, False):
                    job = throughput.job_for(self._cluster, stage, module, self._folder)
                    job = msgspec.structs.replace(job, decode=decode)
                    run = throughput.run_to_the_end(module, job)
                    name = f"{_TITLES[module]} alone, {'decoding' if decode else 'bytes only'}"
                    self.found.setdefault(name, Findings()).runs.append(run)
                    self._say(f"{name}: {run.rate:,.0f}/s, {run.cpu:.1f} µs")

    def _recoveries(self) -> None:
        for accounts in sorted({0, HUNDRED_THOUSAND, self._extent.large}):
            for engine in self._engines:
                if not engine.slow or accounts <= HUNDRED_THOUSAND:
                    self._try(engine, partial(self._restart, engine, accounts))

    def _restart(self, engine: Engine, accounts: int) -> None:
        prefix = f"recovery-{accounts}-{engine.name}-"
        restart = recovery.measure(self._cluster, engine, prefix, accounts, self._folder)
        self.found[engine.name].restarts[accounts] = restart
        self._say(f"{engine.name}: {accounts:,} accounts, {restart.seconds:.1f} s")

    def _latencies(self) -> None:
        rates = {
            engine.name: middle([run.rate for run in self.found[engine.name].runs]) / 2
            for engine in self._engines
            if self.found[engine.name].runs
        }
        for engine in self._engines:
            if engine.name in rates:
                for kind, rate in (("half", rates[engine.name]), ("common", min(rates.values()))):
                    self._try(engine, partial(self._latency, engine, kind, rate))

    def _latency(self, engine: Engine, kind: str, rate: float) -> None:
        world = self._world(self._extent.events)
        load = Load(rate, min(self._extent.seconds, (len(world.records) - BEFORE) / rate))
        prefix = f"latency-{kind}-{engine.name}-"
        waits = latency.measure(self._cluster, world, engine, prefix, load, self._folder)
        found = self.found[engine.name]
        if kind == "half":
            found.half = AtRate(rate, waits)
        else:
            found.common = AtRate(rate, waits)
        self._say(
            f"{engine.name}: {rate:,.0f}/s, p50 {1e3 * waits.median:,.0f} ms, "
            f"p99 {1e3 * waits.ninety_ninth:,.0f} ms, {waits.number:,} alerts"
        )

    def _world(self, events: int) -> World:
        if events not in self._worlds:
            self._worlds[events] = make_world(events, self._folder)
            self._say(f"{events:,} events made")
        return self._worlds[events]

    def _try(self, engine: Engine, measure: Callable[[], None]) -> None:
        try:
            measure()
        except EngineFailed as error:
            self.found[engine.name].faults.append(str(error))
            self._say(
                "\n".join((f"{engine.name} failed: {error}", *getattr(error, "__notes__", ())))
            )

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - self._begun:6.0f} s  {text}\n")
