"""One run of chaos: a broker, workers, a load, faults; then the comparison."""

import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import Final
from uuid import uuid4

from streams.broker.admin import create_topics
from streams.config.host import PREFIX
from streams.wire.topics import Topic, topic_name
from tests.brokers.real_kafka import RealKafka
from tests.chaos.aimed import AIMED
from tests.chaos.broker_io import committed, read_topics, send
from tests.chaos.desk.desk import Commands, Desk
from tests.chaos.endings import FINISHED, WITHOUT_COPY, Ended, reason_of, unexpected
from tests.chaos.expectation import expect
from tests.chaos.faults import Faults, Happened
from tests.chaos.folders import StateFolder
from tests.chaos.life import HONEST, Life
from tests.chaos.others.accidents import Accidents
from tests.chaos.others.intruder import Intruder
from tests.chaos.others.sources import Sources
from tests.chaos.others.wrong_clock import DAYS, can_be_wrong
from tests.chaos.recovery import recovery
from tests.chaos.report import Report
from tests.chaos.schedule import KILLS, Form, Kind, Schedule, draw
from tests.chaos.silence import rest
from tests.chaos.supervisor import KILLED, Supervisor
from tests.chaos.verdict import COMPARED, READ_BY_WORKERS, differences, uncommitted
from tests.chaos.world import UNTIL, World, make_world
from tests.integration.busy_month import write_settings

PARTITIONS: Final = 8
STORES: Final = ("memory", "rocksdb", "rocksdb")
"""Of each worker."""

_HONEST: Final = Commands()

SESSION_SECONDS: Final = 3.0
START_SECONDS: Final = 60.0
"""How long the first workers may take until they are ready."""

IDLE_AFTER: Final = "120"
"""Longer than the broker is away: while a source has stopped, the others must not go past it."""

END_SECONDS: Final = 120.0
"""How long the last worker may take to judge the rest."""


class Run:
    """A run of one form, with one seed; `folder` gets the logs of the workers.

    Parameters
    ----------
    form
        How much of everything.
    seed
        Decides events and faults.
    folder
        Where logs, events and expectations are written.
    command
        Command and first arguments of a worker.
    services
        The same of what runs beside them.
    """

    def __init__(
        self,
        form: Form,
        seed: int,
        folder: Path,
        command: Sequence[str] = AIMED,
        services: Commands = _HONEST,
    ) -> None:
        self._form: Final = form
        self._seed: Final = seed
        self._folder: Final = folder
        self._command: Final = command
        self._services: Final = services
        self._prefix: Final = f"chaos-{uuid4()}-"
        self._logs: Final = folder / "logs"
        self._logs.mkdir()
        self._config: Final = write_settings(folder)
        self._senders: Final[list[Sources]] = []

    def report(self) -> Report:
        """Run, compare and report."""
        began = time.monotonic()
        world = make_world(self._form.events, self._seed)
        schedule = draw(self._form, len(world.sent), self._seed)
        expected = expect(world, self._folder)
        with ExitStack() as stack:
            kafka = stack.enter_context(RealKafka())
            create_topics(kafka.bootstrap, self._prefix, PARTITIONS)
            folders = self._folders(stack)
            begun = time.monotonic()
            with self._desk(kafka) as desk:
                lives, happened = self._endure(kafka, folders, world, schedule, desk)
                endured = time.monotonic() - begun
                if self._form.rests_under_wrong_clock and can_be_wrong():
                    lives.append(self._rest(kafka))
                last, struck = self._finish_under_strike(kafka, desk)
                finished = time.monotonic() - begun - endured
                figures, unsettled = desk.settle(expected.revisions)
            others = desk.lives()
            topics = {*COMPARED, *READ_BY_WORKERS}
            read = read_topics(kafka.bootstrap, self._prefix, topics, PARTITIONS)
            reached = committed(kafka.bootstrap, self._prefix, PARTITIONS)
            accidents = self._accidents(kafka) if self._form.accidents else []
        endings = [*map(_ended, [*lives, *others]), _ended(last, FINISHED)]
        under_wrong_clock = sum(bool(life.days_ahead) and life.has_worked() for life in lives)
        kills = [cause.at for life in lives for cause in life.causes if cause.what == KILLED]
        return Report(
            seed=self._seed,
            workers=len(STORES),
            partitions=PARTITIONS,
            stores=STORES,
            disk=_kind_of_disk(folders),
            records=len(world.sent),
            ahead=len(world.ahead),
            hostile=world.hostile,
            revisions=len(expected.revisions),
            outcomes=len(expected.outcomes),
            dead_letters=len(expected.letters),
            kills=sum(h.kind is Kind.KILL for h in happened),
            committed=sum(sources.committed for sources in self._senders),
            aborted=sum(sources.aborted for sources in self._senders),
            accidents=self._form.accidents,
            before_commit=sum(life.died_before_commit for life in lives),
            kills_of_services=sum(h.kind in KILLS - {Kind.KILL} for h in happened) + struck,
            after_write=sum(life.died_before_commit for life in others),
            under_wrong_clock=under_wrong_clock,
            desk=figures,
            faults=sorted(happened, key=lambda h: h.at),
            endings=Counter(reason_of(ended) or "unexpected" for ended in endings),
            redelivered=int(sum(life.redelivered for life in [*lives, last])),
            copies_given_up=sum(ended.log.count(WITHOUT_COPY) for ended in endings),
            recovery=recovery(lives, kills),
            seconds_of_faults=round(endured, 1),
            seconds_to_finish=round(finished, 1),
            seconds=round(time.monotonic() - began, 1),
            failures=[
                *unexpected(endings),
                *differences(expected, world.sent, read.records),
                *uncommitted(read.ends, reached),
                *unsettled,
                *accidents,
                *self._untried(under_wrong_clock),
            ],
        )

    def _untried(self, under_wrong_clock: int) -> list[str]:
        """Return what was to be tried, and was not: a green run would say nothing of it."""
        if self._form.rests_under_wrong_clock and can_be_wrong() and not under_wrong_clock:
            return ["no worker came to work under a clock that was wrong"]
        return []

    def _folders(self, stack: ExitStack) -> dict[int, StateFolder]:
        folders = {}
        durable = [number for number, store in enumerate(STORES) if store != "memory"]
        for number in durable:
            own_disk = number == durable[-1]
            folder = StateFolder(self._folder / f"state-{number}", own_disk=own_disk)
            stack.callback(folder.close)
            folders[number] = folder
        return folders

    def _endure(
        self,
        kafka: RealKafka,
        folders: Mapping[int, StateFolder],
        world: World,
        schedule: Schedule,
        desk: Desk,
    ) -> tuple[list[Life], list[Happened]]:
        """Send everything while faults happen; give the workers there were, all of them ended."""
        environments = []
        for number, store in enumerate(STORES):
            where = {"state_folder": str(folders[number].path)} if number in folders else {}
            environments.append(
                self._environment(kafka, store=store, idle_after=IDLE_AFTER, **where)
            )
        command = [*self._command, "--config", str(self._config)]
        first, rest = schedule.bursts[:1], schedule.bursts[1:]
        backlog = world.sent[: first[0].end]
        asyncio.run(send(self._sources(kafka), backlog, first, time.monotonic()))
        with (
            Supervisor(command, environments, self._logs) as supervisor,
            ThreadPoolExecutor(1) as pool,
        ):
            intruder = Intruder(kafka.bootstrap, self._prefix, self._seed)
            faults = Faults(supervisor, kafka, dict(folders), intruder.intrude, desk.services)
            supervisor.up()
            desk.up()
            # On a busy machine they take long to start; faults before that would find nothing.
            _wait_until_ready([supervisor, *desk.services.values()])
            begun = time.monotonic()
            shifted = [type(b)(b.at, b.end - first[0].end) for b in rest]
            left = world.sent[first[0].end :]
            sources = self._sources(kafka)
            sending = pool.submit(asyncio.run, send(sources, left, shifted, begun))
            faults.play(schedule, begun)
            sending.result()
        return supervisor.lives(), faults.happened

    def _desk(self, kafka: RealKafka) -> Desk:
        place = (kafka.bootstrap, self._prefix, PARTITIONS)
        environment = partial(self._environment, kafka)
        return Desk(*place, self._seed, self._folder, self._config, environment, self._services)

    def _sources(self, kafka: RealKafka) -> Sources:
        names = {topic: topic_name(self._prefix, topic) for topic in Topic}
        sources = Sources(kafka.bootstrap, names, self._seed)
        self._senders.append(sources)
        return sources

    def _accidents(self, kafka: RealKafka) -> list[str]:
        """Do to the installation what ends it; return what was not as it must be."""
        numbers = count()

        def start(prefix: str, words: Sequence[str]) -> Life:
            command = [*HONEST, "--config", str(self._config), *words]
            environment = self._environment(kafka, store="memory", look_every="2")
            environment[f"{PREFIX}TOPIC_PREFIX"] = prefix
            log = self._logs / f"accident-{next(numbers)}.log"
            return Life(len(STORES), command, environment, log)

        return list(Accidents(kafka.bootstrap, self._prefix, PARTITIONS, start).failures())

    def _finish_under_strike(self, kafka: RealKafka, desk: Desk) -> tuple[Life, int]:
        """Return the last worker, and how many keepers and notifiers were killed meanwhile."""
        over = Event()
        with ThreadPoolExecutor(1) as pool:
            struck = pool.submit(desk.strike, over)
            try:
                last = self._finish(kafka)
            finally:
                over.set()
            return last, struck.result()

    def _rest(self, kafka: RealKafka) -> Life:
        command = [*self._command, "--config", str(self._config)]
        environment = self._environment(kafka, store="memory", idle_after="1", session_timeout="20")
        log = self._logs / "wrong-clock.log"
        return rest(Life(len(STORES) + 1, command, environment, log, days_ahead=DAYS))

    def _finish(self, kafka: RealKafka) -> Life:
        """Let one worker judge what is left, up to the end of the world."""
        command = [*self._command, "--config", str(self._config), "--until", UNTIL.isoformat()]
        environment = self._environment(kafka, store="memory", idle_after="1")
        life = Life(len(STORES), command, environment, self._logs / "last.log")
        ends = time.monotonic() + END_SECONDS
        while life.wait(0.5) is None and time.monotonic() < ends:
            life.poll()
        return life

    def _environment(self, kafka: RealKafka, **settings: str) -> dict[str, str]:
        known = {
            "broker": kafka.bootstrap,
            "topic_prefix": self._prefix,
            "session_timeout": f"{SESSION_SECONDS:g}",
            "flush_every": "0.5",
            "broker_patience": "20",
            **settings,
        }
        inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
        return inherited | {PREFIX + name.upper(): value for name, value in known.items()}


def run(
    form: Form,
    seed: int,
    command: Sequence[str] = AIMED,
    logs: Path | None = None,
    services: Commands = _HONEST,
) -> Report:
    """Run in a folder that is deleted in the end, unless one for the logs is named."""
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=False)
        return Run(form, seed, logs, command, services).report()
    with tempfile.TemporaryDirectory(prefix="aboveboard-chaos-") as folder:
        return Run(form, seed, Path(folder), command, services).report()


def _wait_until_ready(supervisors: Sequence[Supervisor]) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        lives = [slot.present for each in supervisors for slot in each.slots]
        if all(life is not None and life.ready_after is not None for life in lives):
            return
        time.sleep(0.1)


def _ended(life: Life, *causes: str) -> Ended:
    code = life.code
    life.send(signal.SIGKILL)
    name = f"{life.number} ({time.strftime('%H:%M:%S', time.localtime(life.started))})"
    done = [*causes, *(cause.what for cause in life.causes)]
    return Ended(name, code, life.log(), done, life.program)


def _kind_of_disk(folders: Mapping[int, StateFolder]) -> str:
    if any(folder.has_own_disk for folder in folders.values()):
        return "a small disk in memory, filled"
    return "no disk could be mounted: the folder was replaced by a file instead"
