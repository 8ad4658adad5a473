"""Runs the actors of one stage in the one order that loses and doubles nothing.

Records are applied, outputs sent and acknowledged, then state written, then the records
acknowledged to the host. A process that dies between two of these steps is given the records again;
what the state holds already is skipped, and what is sent again has the same content and id.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, TypeVar

from streams.actors.actor import Actor, Output, Record
from streams.changelog import read_changelog
from streams.metrics import Metrics
from streams.outbox import Outbox
from streams.topic_catalogue import Topic, topic_name

LARGEST_TURN: Final = 1_000
"""Records after which the stage works without waiting for more."""

AnyActor = TypeVar("AnyActor", bound=Actor)


class StagePlan(Generic[AnyActor]):
    """What a stage reads, where its state is kept, and how the actor of a partition is made."""

    def __init__(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
    ) -> None:
        self.name: Final = name
        self.inputs: Final = inputs
        self.changelog: Final = changelog
        self.make_actor: Final = make_actor


class StageRunner(Generic[AnyActor]):
    """All partitions of one stage that this worker is in charge of.

    Parameters
    ----------
    plan
        The stage.
    outbox
        Where outputs and state are written.
    bootstrap, prefix
        The broker, and the prefix of topic names.
    flush_every
        Seconds between two writes of state.
    """

    def __init__(
        self,
        plan: StagePlan[AnyActor],
        outbox: Outbox,
        metrics: Metrics,
        *,
        bootstrap: str,
        prefix: str,
        flush_every: float,
    ) -> None:
        self.plan: Final = plan
        self._outbox: Final = outbox
        self._metrics: Final = metrics
        self._bootstrap: Final = bootstrap
        self._changelog: Final = topic_name(prefix, plan.changelog)
        self._flush_every: Final = flush_every
        self._turn_lock: Final = asyncio.Lock()
        self._work: Final = asyncio.Event()
        self._room: Final = asyncio.Event()
        self._assigned: frozenset[int] = frozenset()
        self._actors: dict[int, AnyActor] = {}
        self._inbox: list[tuple[Record, Callable[[], object]]] = []
        self._unacknowledged: list[Callable[[], object]] = []
        self._flushed_at = time.monotonic()

    def actors(self) -> Mapping[int, AnyActor]:
        """Give the actors by partition."""
        return self._actors

    @property
    def restored(self) -> bool:
        """Whether every assigned partition has its state."""
        return self._actors.keys() == self._assigned

    async def deliver(self, record: Record, acknowledge: Callable[[], object]) -> None:
        """Take a record, when there is room for it.

        `acknowledge` is called once nothing about the record can be lost.
        """
        while len(self._inbox) >= LARGEST_TURN:
            self._room.clear()
            await self._room.wait()
        self._inbox.append((record, acknowledge))
        self._work.set()

    async def wait_for_work(self, seconds: float) -> None:
        """Return when a record is waiting, at the latest after `seconds`."""
        try:
            await asyncio.wait_for(self._work.wait(), seconds)
        except TimeoutError:
            return

    def assign(self, partitions: Iterable[int]) -> None:
        """Take charge of exactly these partitions from the next turn on."""
        self._assigned = frozenset(partitions)
        self._metrics.partitions(self.plan.name, len(self._assigned))
        self._work.set()

    async def release(self) -> None:
        """Write what is unwritten and give up all partitions."""
        async with self._turn_lock:
            try:
                await self._flush()
            finally:
                self._assigned = frozenset()
                self._actors.clear()
                self._inbox.clear()
                self._room.set()
                self._unacknowledged.clear()

    async def turn(self, idle: Callable[[int], Mapping[Topic, float]]) -> None:
        """Work on what is waiting. `idle` tells seconds of silence per topic of a partition.

        Raises
        ------
        aiokafka.errors.KafkaError, IncompatibleSnapshot
            The records of this turn are not acknowledged; the worker must stop.
        """
        async with self._turn_lock:
            await self._follow_assignment()
            self._work.clear()
            batch, self._inbox = self._inbox, []
            self._room.set()
            began = time.monotonic()
            for record, acknowledge in batch:
                actor = self._actors.get(record.partition)
                if actor is not None:
                    actor.apply(record)
                    self._unacknowledged.append(acknowledge)
            outputs: list[Output] = []
            for partition, actor in self._actors.items():
                actor.tick(idle(partition))
                outputs += actor.outputs()
            await self._outbox.send(outputs)
            if batch:
                self._metrics.processed(self.plan.name, time.monotonic() - began)
            if time.monotonic() - self._flushed_at >= self._flush_every:
                await self._flush()

    async def _follow_assignment(self) -> None:
        for partition in self._assigned - self._actors.keys():
            actor = self.plan.make_actor(partition)
            actor.restore(await read_changelog(self._bootstrap, self._changelog, partition))
            self._actors[partition] = actor
        for partition in self._actors.keys() - self._assigned:
            del self._actors[partition]

    async def _flush(self) -> None:
        began = self._flushed_at = time.monotonic()
        if not self._unacknowledged:
            return
        for partition, actor in self._actors.items():
            await self._outbox.write_state(self.plan.changelog, partition, actor.state())
        for acknowledge in self._unacknowledged:
            acknowledge()
        self._unacknowledged.clear()
        self._metrics.flushed(self.plan.name, time.monotonic() - began)
