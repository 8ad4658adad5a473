"""`aboveboard worker`: the three stages over Kafka, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from detectors.errors import AboveboardError
from detectors.event_time import day_of, start_of_day
from detectors.settings import Settings
from streams.actors.agents_actor import AgentsActor
from streams.actors.ledger_actor import LedgerActor
from streams.actors.peers_actor import PeersActor
from streams.faust_host import FaustHost
from streams.host_settings import HostSettings, read_host_settings
from streams.metrics import Metrics, MetricsServer
from streams.outbox import Outbox
from streams.settings_file import settings_from
from streams.stage_runner import StagePlan, StageRunner
from streams.topic_catalogue import CATALOGUE, EVENT_TOPICS, Topic, topic_name

_log: Final = logging.getLogger("aboveboard.worker")


class TopicsUnfit(AboveboardError):
    """The topics are missing or their partitions do not match; the message says how to mend it."""


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
    """Run a worker; 0 when it was told to stop, 1 when it could not go on, 2 on bad settings."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s"
    )
    _log.setLevel(logging.INFO)
    host = read_host_settings()
    if arguments.broker is not None:
        host = msgspec.structs.replace(host, broker=arguments.broker)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = settings_from(arguments.config)
    until = None if arguments.until is None else arguments.until.timestamp()
    try:
        return asyncio.run(Worker(settings, host, until).run())
    except KafkaError as error:
        raise TopicsUnfit(f"broker {host.broker}: {error}") from error


class Worker:
    """One process of an installation.

    Parameters
    ----------
    settings
        What decides the alerts.
    host
        The broker and how to behave towards it.
    until
        Event time (seconds) at which to end, or None to go on.
    """

    def __init__(self, settings: Settings, host: HostSettings, until: float | None) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._until: Final = until
        self._metrics: Final = Metrics(CollectorRegistry())
        self._outbox: Final = Outbox(host.broker, host.topic_prefix)
        self._stop: Final = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self) -> int:
        """Work until a signal, the end of a bounded run, or a failure.

        Raises
        ------
        TopicsUnfit
            If the topics are missing or do not fit each other.
        aiokafka.errors.KafkaError
            If the broker does not answer at the start.
        """
        partitions = await find_partitions(self._host)
        server = MetricsServer(self._metrics, self._host.metrics_host, self._host.metrics_port)
        await self._outbox.start()
        agents = self._runner(
            StagePlan(
                "agents",
                (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS),
                Topic.AGENTS_STATE,
                self._agents_actor(partitions),
            )
        )
        runners: list[StageRunner[Any]] = [
            self._runner(
                StagePlan(
                    "ledger",
                    tuple(EVENT_TOPICS),
                    Topic.LEDGER_STATE,
                    self._ledger_actor(partitions),
                )
            ),
            agents,
            self._runner(
                StagePlan(
                    "peers",
                    (Topic.PEER_TOTALS,),
                    Topic.PEERS_STATE,
                    lambda _: PeersActor(self._settings, partitions, self._metrics),
                )
            ),
        ]
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        with tempfile.TemporaryDirectory(prefix="aboveboard-") as folder:
            host = FaustHost(self._host, runners, Path(folder), self._fail)
            await host.start()
            _log.info(
                "reading %d partitions from %s; metrics at %s",
                partitions,
                self._host.broker,
                server.address,
            )
            await self._wait(agents)
            await host.stop()
        await self._outbox.stop()
        server.close()
        if self._failure is not None:
            _log.error(
                "stopped over an error; what was in work is not acknowledged and will be read again",
                exc_info=self._failure,
            )
            return 1
        return 0

    async def _wait(self, agents: StageRunner[AgentsActor]) -> None:
        while not self._stop.is_set():
            if self._until is not None and _judged(agents, self._until):
                return
            try:
                await asyncio.wait_for(self._stop.wait(), 0.2)
            except TimeoutError:
                continue

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._stop.set()

    def _runner(self, plan: StagePlan[Any]) -> StageRunner[Any]:
        return StageRunner(
            plan,
            self._outbox,
            self._metrics,
            bootstrap=self._host.broker,
            prefix=self._host.topic_prefix,
            flush_every=self._host.flush_every,
        )

    def _ledger_actor(self, partitions: int) -> Callable[[int], LedgerActor]:
        return partial(
            LedgerActor,
            self._settings,
            agents_partitions=partitions,
            idle_after=self._host.idle_after,
            until=self._until,
            metrics=self._metrics,
        )

    def _agents_actor(self, partitions: int) -> Callable[[int], AgentsActor]:
        return partial(
            AgentsActor, self._settings, ledger_partitions=partitions, metrics=self._metrics
        )


async def find_partitions(host: HostSettings) -> int:
    """Give the number of partitions of the installation.

    Raises
    ------
    TopicsUnfit
        If a topic is missing, or has another number of partitions than the first.
    """
    remedy = f"create them with `aboveboard topics --broker {host.broker}`"
    admin = AIOKafkaAdminClient(bootstrap_servers=host.broker)
    await admin.start()
    try:
        described = await admin.describe_topics(
            [topic_name(host.topic_prefix, plan.topic) for plan in CATALOGUE]
        )
    finally:
        await admin.close()
    found = {topic["topic"]: len(topic["partitions"]) for topic in described}
    missing = [name for name, number in found.items() if number == 0]
    if missing:
        raise TopicsUnfit(f"the broker has no topics {', '.join(missing)}: {remedy}")
    wanted = found[topic_name(host.topic_prefix, Topic.SALES)]
    for plan in CATALOGUE:
        name = topic_name(host.topic_prefix, plan.topic)
        if found[name] != (wanted if plan.partitioned else 1):
            raise TopicsUnfit(
                f"topic {name} has {found[name]} partitions and "
                f"{topic_name(host.topic_prefix, Topic.SALES)} has {wanted}: records about one "
                f"account must meet in one partition; recreate them, or {remedy}"
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
