"""`aboveboard worker`: the three stages over Kafka, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka.errors import KafkaError

from detectors.errors import AboveboardError, IncompatibleSnapshot
from detectors.event_time import day_of, start_of_day
from detectors.settings import Settings
from streams.actors.agents_actor import AgentsActor
from streams.actors.ledger_actor import LedgerActor
from streams.actors.peers_actor import PeersActor
from streams.broker_access import BrokerOfNoUse, require_topics
from streams.faust_host import FaustHost
from streams.host_settings import HostSettings, read_host_settings
from streams.metrics import Metrics, MetricsServer
from streams.outbox import Outbox
from streams.settings_file import settings_from
from streams.spare_log import SpareForeignMessages
from streams.stage_runner import AnyActor, StagePlan, StageRunner
from streams.topic_catalogue import CATALOGUE, EVENT_TOPICS, Topic, topic_name

STOP_SECONDS: Final = 25.0
"""How long the worker tries to end in order."""

STOP_SECONDS_AFTER_FAILURE: Final = 5.0

_log: Final = logging.getLogger("aboveboard.worker")


class TopicsUnfit(AboveboardError):
    """The partitions of the topics do not match; the message says how to mend it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("--broker", metavar="HOST:PORT", help="default: ABOVEBOARD_BROKER")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings, as TOML")
    parser.add_argument(
        "--until",
        type=_moment,
        metavar="TIME",
        help="once nothing is left to read, take the stream as complete up to TIME (RFC 3339), "
        "judge it and end",
    )
    parser.add_argument("--metrics-port", type=int, metavar="PORT", help="0 takes a free one")


def run(arguments: argparse.Namespace) -> int:
    """Run a worker; 0 when it was told to stop, 1 when it could not go on.

    Raises
    ------
    AboveboardError
        If it cannot begin: the broker, the topics, the settings or the state are of no use.
    """
    _set_up_log()
    host = read_host_settings()
    if arguments.broker is not None:
        host = msgspec.structs.replace(host, broker=arguments.broker)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = settings_from(arguments.config)
    until = None if arguments.until is None else arguments.until.timestamp()
    worker = Worker(settings, host, find_partitions(host), until)
    return asyncio.run(worker.run())


class Worker:
    """One process of an installation.

    Parameters
    ----------
    settings
        What decides the alerts.
    host
        The broker and how to behave towards it.
    partitions
        The number of partitions of the installation.
    until
        Event time (seconds) at which to end, or None to go on.
    """

    def __init__(
        self, settings: Settings, host: HostSettings, partitions: int, until: float | None
    ) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._partitions: Final = partitions
        self._until: Final = until
        self._metrics: Final = Metrics()
        self._outbox: Final = Outbox(host.broker, host.topic_prefix)
        self._agents: Final = self._runner(
            "agents",
            (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS),
            Topic.AGENTS_STATE,
            partial(AgentsActor, settings, ledger_partitions=partitions, metrics=self._metrics),
        )
        self._stop: Final = asyncio.Event()
        self._failure: BaseException | None = None

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
        server = MetricsServer(self._metrics, self._host.metrics_host, self._host.metrics_port)
        try:
            async with self._connected(), self._working():
                _log.info(
                    "reading %d partitions from %s; metrics at %s",
                    self._partitions,
                    self._host.broker,
                    server.address,
                )
                await self._wait()
        finally:
            server.close()
        if isinstance(self._failure, IncompatibleSnapshot):
            raise self._failure
        if self._failure is None:
            return 0
        expected = isinstance(self._failure, (AboveboardError, KafkaError))
        _log.error(
            "stopped, and what was in work will be read again: %s",
            self._failure,
            exc_info=None if expected else self._failure,
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
            await self._in_time(self._outbox.stop())

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="aboveboard-") as folder:
            host = FaustHost(
                self._host,
                [self._ledger_runner(), self._agents, self._peers_runner()],
                self._outbox.probe,
                Path(folder),
                self._fail,
            )
            await host.start()
            try:
                yield
            finally:
                await self._in_time(host.stop())

    async def _in_time(self, ending: Coroutine[Any, Any, None]) -> None:
        """Wait for an orderly end, but not for ever: what is not acknowledged is read again."""
        seconds = STOP_SECONDS if self._failure is None else STOP_SECONDS_AFTER_FAILURE
        try:
            await asyncio.wait_for(ending, seconds)
        except (KafkaError, TimeoutError) as error:
            _log.warning("could not end in order: %r", error)

    async def _wait(self) -> None:
        while not self._stop.is_set():
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
            agents_partitions=self._partitions,
            idle_after=self._host.idle_after,
            until=self._until,
            metrics=self._metrics,
        )
        return self._runner("ledger", tuple(EVENT_TOPICS), Topic.LEDGER_STATE, make_actor)

    def _peers_runner(self) -> StageRunner[PeersActor]:
        def make_actor(_: int) -> PeersActor:
            return PeersActor(self._settings, self._partitions, self._metrics)

        return self._runner("peers", (Topic.PEER_TOTALS,), Topic.PEERS_STATE, make_actor)

    def _runner(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
    ) -> StageRunner[AnyActor]:
        plan = StagePlan(name, inputs, changelog, make_actor)
        return StageRunner(plan, self._outbox, self._metrics, flush_every=self._host.flush_every)


def _set_up_log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(SpareForeignMessages("aboveboard"))
    logging.basicConfig(
        handlers=[handler], level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s"
    )
    logging.getLogger("aboveboard").setLevel(logging.INFO)


def find_partitions(host: HostSettings) -> int:
    """Give the number of partitions of the installation.

    Raises
    ------
    BrokerOfNoUse
        If the broker does not answer, or a topic is missing.
    TopicsUnfit
        If a topic has another number of partitions than it must have.
    """
    names = {plan.topic: topic_name(host.topic_prefix, plan.topic) for plan in CATALOGUE}
    found = require_topics(host.broker, *names.values())
    wanted = found[names[Topic.SALES]]
    for plan in CATALOGUE:
        name = names[plan.topic]
        if found[name] != (wanted if plan.partitioned else 1):
            raise TopicsUnfit(
                f"topic {name} has {found[name]} partitions and {names[Topic.SALES]} has {wanted}: "
                "records about one account must meet in one partition. Delete the topic and create "
                f"it again with `aboveboard topics --broker {host.broker} --partitions {wanted}`"
            )
    return wanted


def _judged(agents: StageRunner[AgentsActor], until: float) -> bool:
    actors = agents.actors().values()
    complete = start_of_day(day_of(until))
    return agents.restored and bool(actors) and all(a.judged_until >= complete for a in actors)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} lacks an offset; write Z for UTC")
    return moment
