"""An installation in memory: topics, state and committed offsets outlive the workers that crash."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from random import Random
from typing import Any, Final
from zlib import crc32

from streams.actors.actor import Output, Record, StateWrite
from streams.actors.agents_actor import AgentsActor
from streams.actors.ledger_actor import LedgerActor
from streams.actors.peers_actor import PeersActor
from streams.metrics import Metrics
from streams.stage_runner import Journal, StagePlan, StageRunner
from streams.topic_catalogue import CATALOGUE, EVENT_TOPICS, Topic
from tests.streams.actors.small_stream import SETTINGS, UNTIL, partitioned

Place = tuple[Topic, int]

IDLE_AFTER: Final = 5.0
FLUSH_EVERY: Final = 2.0
COMMIT_SHARE: Final = 0.3
REBALANCE_SHARE: Final = 0.05
STALE: Final = 5


class Crash(Exception):
    """The process is gone, between one record and the next."""


class Broker:
    """What a broker holds. Writing one record is one step; the process dies at the chosen ones."""

    def __init__(self, partitions: int, steps_between_crashes: Iterable[int]) -> None:
        self.partitions: Final = partitions
        self.logs: dict[Place, list[Record]] = {
            (plan.topic, number): []
            for plan in CATALOGUE
            for number in range(partitions if plan.partitioned else 1)
        }
        self.states: dict[Place, dict[bytes, bytes]] = {}
        self.committed: dict[Place, int] = dict.fromkeys(self.logs, 0)
        self.headers: dict[tuple[Topic, int, int], dict[str, bytes]] = {}
        self._crashes: Final = iter(steps_between_crashes)
        self._steps_left = next(self._crashes, None)
        for (topic, number), values in partitioned(partitions).items():
            for value in values:
                self._append((topic, number), b"key", value)

    def step(self) -> None:
        if self._steps_left == 0:
            self._steps_left = next(self._crashes, None)
            raise Crash
        if self._steps_left is not None:
            self._steps_left -= 1

    def produce(self, output: Output) -> None:
        self.step()
        topic, key = output.topic, output.key or b""
        places = sum(place[0] is topic for place in self.logs)
        number = crc32(key) % places if output.partition is None else output.partition
        record = self._append((topic, number), key, output.value)
        self.headers[topic, number, record.offset] = dict(output.headers)

    def write(self, place: Place, key: bytes, value: bytes | None) -> None:
        self.step()
        if value is None:
            self.states.get(place, {}).pop(key, None)
        else:
            self.states.setdefault(place, {})[key] = value

    def _append(self, place: Place, key: bytes, value: bytes | None) -> Record:
        record = Record(*place, len(self.logs[place]), key, value)
        self.logs[place].append(record)
        return record


class MemoryJournal:
    """The journal of the stages, in the order that the outbox keeps."""

    def __init__(self, broker: Broker) -> None:
        self._broker: Final = broker

    async def send(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            self._broker.produce(output)

    async def write_state(self, topic: Topic, partition: int, state: StateWrite) -> None:
        place = (topic, partition)
        for key, value in (*state.prepared.items(), state.head, *state.settled.items()):
            self._broker.write(place, key, value)

    async def read_state(self, topic: Topic, partition: int) -> Mapping[bytes, bytes]:
        return dict(self._broker.states.get((topic, partition), {}))


class Worker:
    """The three stages of a worker in charge of everything, driven by chance.

    `most` records are given to a stage at once. Offsets are committed now and then, as Faust does.
    """

    def __init__(
        self, broker: Broker, journal: Journal, metrics: Metrics, chance: Random, most: int
    ) -> None:
        self._broker: Final = broker
        self._chance: Final = chance
        self._most: Final = most
        self._now = 0.0
        self._acknowledged: dict[Place, int] = {}
        self._fetched: dict[Place, int] = dict(broker.committed)
        count = broker.partitions
        agents = partial(AgentsActor, SETTINGS, ledger_partitions=count, metrics=metrics)
        ledger = partial(
            LedgerActor,
            SETTINGS,
            agents_partitions=count,
            idle_after=IDLE_AFTER,
            until=UNTIL.timestamp(),
            metrics=metrics,
        )
        expectations = (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS)
        plans: list[StagePlan[Any]] = [
            StagePlan("ledger", tuple(EVENT_TOPICS), Topic.LEDGER_STATE, ledger),
            StagePlan("agents", expectations, Topic.AGENTS_STATE, agents),
            StagePlan(
                "peers",
                (Topic.PEER_TOTALS,),
                Topic.PEERS_STATE,
                lambda _: PeersActor(SETTINGS, count, metrics),
            ),
        ]
        self._runners: Final = [
            StageRunner(plan, journal, metrics, flush_every=FLUSH_EVERY, clock=lambda: self._now)
            for plan in plans
        ]
        self._generation = 0
        self._assign()

    def _assign(self) -> None:
        self._generation += 1
        for runner in self._runners:
            count = 1 if runner.plan.name == "peers" else self._broker.partitions
            runner.assign(range(count), self._generation)

    async def _rebalance(self) -> None:
        """Lose all partitions and get them again, while old records are still on their way."""
        before = self._generation
        for runner in self._runners:
            await runner.release()
            await self._deliver_some(runner, before, STALE)
        self._assign()
        for runner in self._runners:
            await self._deliver_some(runner, before, STALE)
        self._fetched = dict(self._broker.committed)

    async def work_until_quiet(self) -> None:
        """Work until nothing is left to read, everything is judged and the state is written."""
        quiet = 0
        while quiet < 4:
            for _ in range(3):
                runner = self._chance.choice(self._runners)
                await self._deliver_some(runner, self._generation, self._most)
                await self._turn(runner)
            if self._chance.random() < COMMIT_SHARE:
                self._broker.committed.update(self._acknowledged)
            if self._chance.random() < REBALANCE_SHARE:
                await self._rebalance()
            busy = any(self._fetched[place] < len(self._broker.logs[place]) for place in self._read)
            if busy:
                quiet = 0
            else:
                before = {place: len(log) for place, log in self._broker.logs.items()}
                for runner in self._runners:
                    await self._turn(runner)
                after = {place: len(log) for place, log in self._broker.logs.items()}
                quiet = quiet + 1 if before == after else 0

    @property
    def _read(self) -> list[Place]:
        inputs = {topic for runner in self._runners for topic in runner.plan.inputs}
        return [place for place in self._broker.logs if place[0] in inputs]

    async def _deliver_some(self, runner: StageRunner[Any], generation: int, most: int) -> None:
        places = [place for place in self._read if place[0] in runner.plan.inputs]
        for place in self._chance.sample(places, len(places)):
            log = self._broker.logs[place]
            start = self._fetched[place]
            for record in log[start : start + self._chance.randint(0, most)]:
                acknowledge = self._acknowledgement(place, record.offset + 1)
                await runner.deliver(record, generation, acknowledge)
                self._fetched[place] = record.offset + 1

    def _acknowledgement(self, place: Place, following: int) -> Callable[[], object]:
        return lambda: self._acknowledged.update({place: following})

    async def _turn(self, runner: StageRunner[Any]) -> None:
        self._now += self._chance.random()

        def idle(partition: int) -> Mapping[Topic, float]:
            return {topic: self._silence(runner, topic, partition) for topic in runner.plan.inputs}

        await runner.turn(idle)

    def _silence(self, runner: StageRunner[Any], topic: Topic, partition: int) -> float:
        applied = runner.actors()[partition].reached(topic) or 0
        return 2 * IDLE_AFTER if applied == len(self._broker.logs[topic, partition]) else 0.0


def run_installation(
    broker: Broker,
    seed: int,
    most: int,
    make_journal: Callable[[Broker], Journal] = MemoryJournal,
    metrics: Metrics | None = None,
) -> int:
    """Run workers one after the other until one of them is done; give how many crashed.

    All of them count in the same `metrics`.
    """
    measured = Metrics() if metrics is None else metrics
    chance = Random(seed)  # noqa: S311 - to choose what happens, not to keep a secret
    crashes = 0
    while True:
        try:
            worker = Worker(broker, make_journal(broker), measured, chance, most)
            asyncio.run(worker.work_until_quiet())
        except Crash:
            crashes += 1
        else:
            return crashes
