"""`aboveboard worker`: the three stages over Kafka, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from aiokafka.errors import KafkaError

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import day_of, start_of_day
from detectors.settings import Settings
from streams.broker.access import BrokerOfNoUse
from streams.broker.journal import Outbox
from streams.broker.security import BrokerSecurity
from streams.broker.topic_check import find_partitions
from streams.cli.arguments import moment
from streams.config.host import HostSettings, read_host_settings
from streams.files.settings import settings_from
from streams.metrics import Metrics
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.peers_actor import PeersActor
from streams.stages.partition import AnyActor
from streams.stages.plan import StagePlan
from streams.stages.runner import StageRunner
from streams.stages.state.local_copy import OpenCopy, without_copy
from streams.stages.state.rocks_copy import rocks_copies
from streams.wire.topics import EVENT_TOPICS, Partitions, Topic
from streams.worker.errors import is_expected
from streams.worker.faust_host import FaustHost
from streams.worker.garbage import rare_collections, spare_what_stays
from streams.worker.health import Health
from streams.worker.http_server import HttpEndpoints, worker_pages
from streams.worker.log import set_up_log
from streams.worker.memory import give_back_free_memory
from streams.worker.shutdown import Ending, heed_no_more_signals, to_the_end
from streams.worker.warm_up import warm_up

STOP_SECONDS: Final = 25.0
"""How long the worker tries to end in order."""

STOP_SECONDS_AFTER_FAILURE: Final = 5.0
"""The same after a failure, when there is nothing left to be written."""

SPARE_SECONDS: Final = 30.0
"""How often the state that has come is put out of reach of the collector of cyclic garbage, and
free memory given back."""

_log: Final = logging.getLogger("aboveboard.worker")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("--broker", metavar="HOST:PORT", help="default: ABOVEBOARD_BROKER")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--until",
        type=moment,
        metavar="TIME",
        help="backfill: read everything, judge up to TIME (2025-06-30T00:00:00Z), leave out later "
        "events, and end",
    )
    parser.add_argument("--metrics-port", type=int, metavar="PORT", help="0 takes a free one")


def run(arguments: argparse.Namespace) -> int:
    """Run a worker; 0 when it was told to stop, 1 when it could not go on.

    Raises
    ------
    AboveboardError
        If it cannot begin: the broker, the topics, the settings or the state are of no use.
    """
    set_up_log()
    host = read_host_settings()
    if arguments.broker is not None:
        host = msgspec.structs.replace(host, broker=arguments.broker)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = settings_from(arguments.config)
    until = None if arguments.until is None else arguments.until.timestamp()
    security = BrokerSecurity.of(host)
    worker = Worker(settings, host, security, find_partitions(host, security), until)
    warm_up(settings)
    with rare_collections():
        return asyncio.run(to_the_end(worker.run(), worker.ending))


class Worker:
    """One process of an installation.

    Parameters
    ----------
    settings
        What decides the alerts.
    host
        The broker and how to behave towards it.
    security
        How the broker is to be spoken to.
    partitions
        The numbers of partitions of the installation.
    until
        Event time (seconds) at which to end, or None to go on.
    """

    def __init__(
        self,
        settings: Settings,
        host: HostSettings,
        security: BrokerSecurity,
        partitions: Partitions,
        until: float | None,
    ) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._security: Final = security
        self._partitions: Final = partitions
        self._until: Final = until
        self._metrics: Final = Metrics()
        self._health: Final = Health(("ledger", "agents", "peers"), host.stall_after)
        self._metrics.ask_whether_ready(lambda: self._health.readiness().ok)
        self._open_copy: Final = _copies(host)
        self._outbox: Final = Outbox(host.broker, host.topic_prefix, security)
        self._agents: Final = self._runner(
            "agents",
            (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS),
            Topic.AGENTS_STATE,
            partial(
                AgentsActor,
                settings,
                ledger_partitions=partitions.accounts,
                metrics=self._metrics,
            ),
        )
        self._stop: Final = asyncio.Event()
        self._failure: BaseException | None = None
        self.ending: Final = Ending()

    async def run(self) -> int:
        """Work until a signal, the end of a bounded run, or a failure; give the exit code.

        Raises
        ------
        BrokerOfNoUse
            If the broker does not answer at the start.
        IncompatibleSnapshot
            If the state of the installation was kept by another version or under other settings.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        pages = worker_pages(self._metrics, self._health)
        server = HttpEndpoints(pages, self._host.metrics_host, self._host.metrics_port)
        try:
            async with self._connected(), self._hosted() as host:
                if await self._begin(host):
                    _log.info(
                        "reading %d partitions from %s; metrics at %s/metrics",
                        self._partitions.accounts,
                        self._host.broker,
                        server.address,
                    )
                    await self._wait()
        finally:
            server.close()
            heed_no_more_signals()
        if isinstance(self._failure, IncompatibleSnapshot):
            raise self._failure
        if self._failure is None:
            return 0
        _log.error(
            "stopped, and what was in work will be read again: %s",
            self._failure,
            exc_info=None if is_expected(self._failure) else self._failure,
        )
        return 1

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        try:
            await self._outbox.start()
        except KafkaError as error:
            raise BrokerOfNoUse(f"the broker at {self._host.broker}: {error}") from error
        try:
            yield
        finally:
            await self.ending.in_time(self._outbox.stop(), self._patience)

    @asynccontextmanager
    async def _hosted(self) -> AsyncIterator[FaustHost]:
        with tempfile.TemporaryDirectory(prefix="aboveboard-") as folder:
            host = FaustHost(
                self._host,
                self._security,
                [self._ledger_runner(), self._agents, self._peers_runner()],
                self._outbox.probe,
                self._health,
                self._metrics,
                Path(folder),
                self._fail,
            )
            try:
                yield host
            finally:
                failed = self._failure is not None
                self._health.stopping("failed and ends" if failed else "was told to stop")
                end = host.abandon if failed else host.stop
                await self.ending.in_time(end(), self._patience)

    @property
    def _patience(self) -> float:
        """How long the end may take."""
        return STOP_SECONDS if self._failure is None else STOP_SECONDS_AFTER_FAILURE

    async def _begin(self, host: FaustHost) -> bool:
        """Join the group; tell whether it came to that before the worker was to end."""
        starting = asyncio.ensure_future(host.start())
        told = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([starting, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not starting.done():
            starting.cancel()
            return False
        error = starting.exception()
        if error is not None:
            self._fail(error)
        return error is None

    async def _wait(self) -> None:
        spare_at = time.monotonic() + SPARE_SECONDS
        while not self._stop.is_set():
            if time.monotonic() > spare_at:
                spare_at = time.monotonic() + SPARE_SECONDS
                spare_what_stays()
                give_back_free_memory()
            if self._until is not None and _judged(self._agents, self._until):
                return
            try:
                await asyncio.wait_for(self._stop.wait(), 0.2)
            except TimeoutError:
                continue

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
        self._stop.set()

    def _ledger_runner(self) -> StageRunner[LedgerActor]:
        make_actor = partial(
            LedgerActor,
            self._settings,
            agents_partitions=self._partitions.agents,
            idle_after=self._host.idle_after,
            until=self._until,
            metrics=self._metrics,
        )
        return self._runner("ledger", tuple(EVENT_TOPICS), Topic.LEDGER_STATE, make_actor)

    def _peers_runner(self) -> StageRunner[PeersActor]:
        def make_actor(_: int) -> PeersActor:
            return PeersActor(self._settings, self._partitions.agents)

        return self._runner("peers", (Topic.PEER_TOTALS,), Topic.PEERS_STATE, make_actor)

    def _runner(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
    ) -> StageRunner[AnyActor]:
        plan = StagePlan(name, inputs, changelog, make_actor)
        return StageRunner(
            plan,
            self._outbox,
            self._metrics,
            flush_every=self._host.flush_every,
            open_copy=self._open_copy,
        )


def _copies(host: HostSettings) -> OpenCopy:
    if host.store == "memory" or host.state_folder is None:
        return without_copy
    return rocks_copies(host.state_folder, host.topic_prefix)


def _judged(agents: StageRunner[AgentsActor], until: float) -> bool:
    actors = agents.actors().values()
    complete = start_of_day(day_of(until))
    return agents.restored and bool(actors) and all(a.judged_until >= complete for a in actors)
