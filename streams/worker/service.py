"""The worker: the stages over Kafka in one process, from its start to its end in order."""

import asyncio
import logging
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Seconds, day_of, start_of_day
from detectors.settings import Settings
from streams.broker.client_errors import KafkaError
from streams.broker.journal import KafkaJournal
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.errors import BrokerError, InstallationMismatch, LogMismatch
from streams.memory import freeze_garbage_collector, return_free_memory
from streams.metrics.registry import Metrics
from streams.serving.page import pages_of
from streams.serving.server import HttpServer
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.losses import AcceptedLosses
from streams.stages.runner import StageRunner
from streams.wire.topics import Partitions
from streams.worker.faust_host import FaustHost
from streams.worker.health import Health
from streams.worker.installation.beat import ANSWER_SECONDS
from streams.worker.installation.broker_clock import BrokerClock
from streams.worker.installation.watch import InstallationWatch
from streams.worker.installation.watched import watched_installation
from streams.worker.log import is_expected, named
from streams.worker.notes import LOST
from streams.worker.shutdown import Shutdown, ignore_signals
from streams.worker.stage_runners import StageRunners, stage_names

STOP_SECONDS: Final = 25.0
"""How long the worker tries to end in order."""

STOP_SECONDS_AFTER_FAILURE: Final = 5.0
"""The same after a failure, when there is nothing left to be written."""

TIDY_SECONDS: Final = 30.0
"""How often new state is put out of reach of the garbage collector, and free memory returned."""

_FOR_GOOD: Final = (IncompatibleSnapshot, InstallationMismatch, LogMismatch)
"""Failures that no new start mends: the exit code is 2."""

_log: Final = logging.getLogger("aboveboard.worker")


class Worker:
    """One process of an installation.

    Parameters
    ----------
    settings
        What decides the alerts.
    host
        The broker and how to behave towards it.
    security
        TLS and user for the broker.
    partitions
        The numbers of partitions of the installation.
    until
        Event time (seconds) at which to end, or None to go on.
    accepted
        Records to go on without, where the broker has deleted them.
    """

    def __init__(
        self,
        settings: Settings,
        host: HostSettings,
        security: BrokerSecurity,
        partitions: Partitions,
        until: Seconds | None,
        accepted: AcceptedLosses,
    ) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._security: Final = security
        self._partitions: Final = partitions
        self._until: Final = until
        self._metrics: Final = Metrics()
        self._health: Final = Health(stage_names(settings), host.stall_after)
        self._metrics.ask_whether_ready(lambda: self._health.readiness().ok)
        self._journal: Final = KafkaJournal(host.broker, host.topic_prefix, security)
        # Two beats may fail before time stands still.
        self._clock: Final = BrokerClock(
            seconds_of(settings.time.allowed_lateness),
            valid_for=3 * host.look_every + ANSWER_SECONDS,
        )
        self._stages: Final = StageRunners(
            settings,
            host,
            partitions,
            until,
            accepted,
            self._journal,
            self._metrics,
            self._clock.now,
        )
        self._stop: Final = asyncio.Event()
        self._failure: BaseException | None = None
        self.shutdown: Final = Shutdown()

    async def run(self) -> int:
        """Work until a signal, the end of a bounded run, or a failure; return the exit code.

        Raises
        ------
        BrokerError
            If the broker does not answer at the start.
        IncompatibleSnapshot
            If the state of the installation was kept by another version or under other settings.
        LogMismatch
            If the state and what the topics hold do not fit together.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        pages = pages_of(self._metrics.exposition, self._health.liveness, self._health.readiness)
        server = HttpServer(pages, self._host.metrics_host, self._host.metrics_port)
        try:
            async with self._connected(), self._watched() as watch, self._hosted() as host:
                if await self._begin(host):
                    watch.begin(host.places, self._fail)
                    _log.info(
                        "reading %d partitions from %s; metrics at %s/metrics",
                        self._partitions.accounts,
                        self._host.broker,
                        server.address,
                    )
                    await self._wait()
        finally:
            server.close()
            ignore_signals()
        for note in self._health.notes(LOST):
            _log.warning("%s", note)
        if isinstance(self._failure, _FOR_GOOD):
            raise self._failure
        if self._failure is None:
            return 0
        _log.error(
            "stopped, and what was in work will be read again: %s",
            named(self._failure),
            exc_info=None if is_expected(self._failure) else self._failure,
        )
        return 1

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        try:
            await self._journal.start()
        except KafkaError as error:
            raise BrokerError(f"the broker at {self._host.broker}: {error}") from error
        try:
            yield
        finally:
            await self.shutdown.within(self._journal.stop(), self._patience)

    def _watched(self) -> AbstractAsyncContextManager[InstallationWatch]:
        return watched_installation(
            self._host,
            self._security,
            self._settings,
            self._journal,
            self._clock,
            self._health.findings,
            self._metrics,
        )

    @asynccontextmanager
    async def _hosted(self) -> AsyncIterator[FaustHost]:
        with tempfile.TemporaryDirectory(prefix="aboveboard-") as folder:
            host = FaustHost(
                self._host,
                self._security,
                self._stages.all(),
                self._journal.probe,
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
                await self.shutdown.within(end(), self._patience)
                if self._failure is not None:
                    self._failure = host.reason_behind(self._failure)

    @property
    def _patience(self) -> float:
        """How long the end may take."""
        return STOP_SECONDS if self._failure is None else STOP_SECONDS_AFTER_FAILURE

    async def _begin(self, host: FaustHost) -> bool:
        """Join the group; false if the worker was stopped, or failed, before it could."""
        starting = asyncio.ensure_future(host.start())
        stopped = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([starting, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not starting.done():
            starting.cancel()
            return False
        error = starting.exception()
        if error is not None:
            self._fail(error)
        return error is None

    async def _wait(self) -> None:
        tidy_at = time.monotonic() + TIDY_SECONDS
        while not self._stop.is_set():
            if time.monotonic() > tidy_at:
                tidy_at = time.monotonic() + TIDY_SECONDS
                freeze_garbage_collector()
                return_free_memory()
            if self._until is not None and _judged(self._stages.agents, self._until):
                return
            try:
                await asyncio.wait_for(self._stop.wait(), 0.2)
            except TimeoutError:
                continue

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
        self._stop.set()


def _judged(agents: StageRunner[AgentsActor], until: Seconds) -> bool:
    actors = agents.actors().values()
    complete = start_of_day(day_of(until))
    return agents.restored and bool(actors) and all(a.judged_until >= complete for a in actors)
