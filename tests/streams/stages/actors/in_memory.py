"""An installation in memory: topics, state and committed offsets outlive the workers that crash."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, Final, NamedTuple
from zlib import crc32

from detectors.basis.event_time import seconds_at
from streams.errors import MembershipLost
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Output
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.actors.keys_actor import KeysActor
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.peers_actor import PeersActor
from streams.stages.losses import AcceptedLosses, Loss
from streams.stages.partition import RecordBatch
from streams.stages.pieces import LARGEST_PIECE
from streams.stages.plan import Membership, StagePlan
from streams.stages.runner import StageRunner
from streams.stages.state.journal import Entries, Journal, Reading
from streams.stages.state.sieve import Sieve
from streams.wire.seal import SEAL, Headers, place_of, seal_of
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, partitions_for
from tests.streams.stages.actors.small_stream import SETTINGS, UNTIL, partitioned

Partition = tuple[Topic, int]

IDLE_AFTER: Final = 5.0
FLUSH_EVERY: Final = 2.0
REBALANCE_SHARE: Final = 0.05
STALE: Final = 5

_LATER: Final = 1_900_000_000_000
"""When records arrive: after what they tell of, or nobody would believe them."""


class Record(NamedTuple):
    """A record as the broker holds it; ``timestamp`` is when it arrived."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = _LATER
    timestamp_type: int = 1
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Crash(Exception):
    """The process is gone, between one record and the next."""


class Broker:
    """What a broker holds. Writing one record is one step; the process dies at the chosen ones.

    `sent` are the events of each partition, if not those of `small_stream`, which no producer has
    put where they belong: only of events of your own is it looked at where they stand. `agents`
    is the number of partitions of the agents stage, if it is another one. `decisions` are those of
    people. `piece` is the longest of reports and reviews, in bytes.
    """

    def __init__(
        self,
        partitions: int,
        steps_between_crashes: Iterable[int],
        sent: Mapping[Partition, Sequence[bytes | None]] | None = None,
        agents: int | None = None,
        decisions: Iterable[bytes] = (),
        piece: int = LARGEST_PIECE,
    ) -> None:
        self.piece: Final = piece
        self.partitions: Final = partitions
        self.agents: Final = partitions if agents is None else agents
        self.checked: Final = 1 if sent is None else partitions
        self.logs: dict[Partition, list[Record]] = {
            (plan.topic, number): []
            for plan in CATALOGUE
            for number in range(plan.count(partitions_for(partitions, self.agents)))
        }
        self.changelogs: dict[Partition, list[Record]] = {}
        self.lost: list[Loss] = []
        self.generation = 0
        self.committed: dict[Partition, int] = dict.fromkeys(self.logs, 0)
        self.headers: dict[tuple[Topic, int, int], dict[str, bytes]] = {}
        self.fail_after(steps_between_crashes)
        for (topic, number), values in (sent or partitioned(partitions)).items():
            for value in values:
                self.append((topic, number), b"key", value)
        for decision in decisions:
            self.append((Topic.DECISIONS, 0), b"key", decision, timestamp=_LATER)

    def fail_after(self, steps_between_crashes: Iterable[int]) -> None:
        """Choose anew when the process dies."""
        self._crashes = iter(steps_between_crashes)
        self._steps_left = next(self._crashes, None)

    def after_losses(self, place: Partition, offset: int) -> int:
        """Return the offset at which reading goes on."""
        for loss in self.lost:
            if place == (loss.topic, loss.partition) and loss.first <= offset <= loss.last:
                return loss.last + 1
        return offset

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
        record = self.append((topic, number), key, output.value, output.headers)
        self.headers[topic, number, record.offset] = dict(output.headers)

    def write(self, place: Partition, key: bytes, value: bytes | None) -> None:
        self.step()
        seal = (SEAL, seal_of(place_of(*place), key, value))
        self.stray(place, key, value, [seal])

    def stray(
        self, place: Partition, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Write a record into a changelog, by default one of another program."""
        log = self.changelogs.setdefault(place, [])
        log.append(Record(len(log), key, value, headers=tuple(headers)))

    def append(
        self,
        place: Partition,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        timestamp: int = _LATER,
    ) -> Record:
        record = Record(len(self.logs[place]), key, value, timestamp, headers=tuple(headers))
        self.logs[place].append(record)
        return record


class MemoryJournal:
    """The journal of the stages, in the order that the journal keeps."""

    def __init__(self, broker: Broker) -> None:
        self._broker: Final = broker

    async def send(self, outputs: Iterable[Output]) -> Sequence[Awaitable[object]]:
        for output in outputs:
            self._broker.produce(output)
        return []

    async def write(self, topic: Topic, partition: int, entries: Entries) -> int:
        place = (topic, partition)
        for key, value in entries.items():
            self._broker.write(place, key, value)
        return len(self._broker.changelogs.get(place, ()))

    async def read(self, topic: Topic, partition: int, since: int = 0) -> Reading:
        log = self._broker.changelogs.get((topic, partition), [])
        if since > len(log):
            return Reading({}, 0, complete=False)
        sieve = Sieve(place_of(topic, partition))
        for record in log[since:]:
            sieve.add(record)
        return sieve.reading(len(log))


class Worker:
    """The stages of a worker in charge of everything, driven by chance.

    `most` records of a partition are given to a stage at once.
    """

    def __init__(
        self,
        broker: Broker,
        journal: Journal,
        metrics: Metrics,
        chance: Random,
        most: int,
    ) -> None:
        self._broker: Final = broker
        self._chance: Final = chance
        self._most: Final = most
        self._now = 0.0
        self._acknowledged: dict[Partition, int] = {}
        self._fetched: dict[Partition, int] = dict(broker.committed)
        count = broker.partitions
        across = bool(SETTINGS.patterns.across_accounts())
        keys_partitions = broker.agents if across else 0
        agents = partial(
            AgentsActor,
            SETTINGS,
            ledger_partitions=count,
            keys_partitions=keys_partitions,
            metrics=metrics,
            largest_piece=broker.piece,
        )
        keys = partial(
            KeysActor,
            SETTINGS,
            ledger_partitions=count,
            agents_partitions=broker.agents,
            metrics=metrics,
        )
        ledger = partial(
            LedgerActor,
            SETTINGS,
            agents_partitions=broker.agents,
            partitions=broker.checked,
            keys_partitions=keys_partitions,
            idle_after=IDLE_AFTER,
            until=seconds_at(UNTIL),
            metrics=metrics,
        )
        expectations = (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS)
        plans: list[StagePlan[Any]] = [
            StagePlan(
                "ledger",
                tuple(EVENT_TOPICS),
                Topic.LEDGER_STATE,
                ledger,
                accepted=AcceptedLosses(broker.lost),
            ),
            StagePlan("agents", expectations, Topic.AGENTS_STATE, agents),
            *([StagePlan("keys", (Topic.MENTIONS,), Topic.KEYS_STATE, keys)] if across else []),
            StagePlan(
                "peers",
                (Topic.PEER_TOTALS, Topic.DECISIONS),
                Topic.PEERS_STATE,
                partial(
                    PeersActor,
                    SETTINGS,
                    agents_partitions=broker.agents,
                    metrics=metrics,
                    largest_piece=broker.piece,
                ),
            ),
        ]
        self._runners: Final = [
            StageRunner(
                plan,
                journal,
                metrics,
                flush_every=FLUSH_EVERY,
                clock=lambda: self._now,
                wall=lambda: self._now,
            )
            for plan in plans
        ]
        self._generation = 0
        self._membership: Final = Membership(self._confirm, self._commit)
        self._assign()

    async def _confirm(self) -> None:
        if self._generation != self._broker.generation:
            raise MembershipLost("another worker has the partitions")

    async def _commit(self) -> None:
        await self._confirm()
        self._broker.committed.update(self._acknowledged)

    def _assign(self) -> None:
        self._broker.generation += 1
        self._generation = self._broker.generation
        agents = self._broker.agents
        counts = {"ledger": self._broker.partitions, "keys": agents, "agents": agents, "peers": 1}
        for runner in self._runners:
            runner.assign(range(counts[runner.plan.name]), self._generation)

    async def _rebalance(self) -> None:
        """Lose all partitions and get them again, while old records are still on their way."""
        before = self._generation
        for runner in self._runners:
            await runner.release(self._membership)
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
    def _read(self) -> list[Partition]:
        inputs = {topic for runner in self._runners for topic in runner.plan.inputs}
        return [place for place in self._broker.logs if place[0] in inputs]

    async def _deliver_some(self, runner: StageRunner[Any], generation: int, most: int) -> None:
        places = [place for place in self._read if place[0] in runner.plan.inputs]
        for place in self._chance.sample(places, len(places)):
            log = self._broker.logs[place]
            start = self._broker.after_losses(place, self._fetched[place])
            records = log[start : start + self._chance.randint(0, most)]
            there = [self._broker.after_losses(place, r.offset) == r.offset for r in records]
            records = records[: (*there, False).index(False)]
            if records:
                following = records[-1].offset + 1
                finish = self._acknowledgement(place, following)
                await runner.deliver(
                    RecordBatch(*place, generation, start, following, records, finish)
                )
                self._fetched[place] = following

    def _acknowledgement(self, place: Partition, following: int) -> Callable[[], object]:
        return lambda: self._acknowledged.update({place: following})

    async def _turn(self, runner: StageRunner[Any]) -> None:
        self._now += self._chance.random()

        def idle(partition: int) -> Mapping[Topic, float]:
            return {topic: self._silence(runner, topic, partition) for topic in runner.plan.inputs}

        await runner.turn(idle, self._membership)

    def _silence(self, runner: StageRunner[Any], topic: Topic, partition: int) -> float:
        applied = runner.reached(topic, partition) or 0
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
