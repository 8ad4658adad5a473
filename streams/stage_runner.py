"""Runs the actors of one stage in the one order that loses and doubles nothing.

Records are applied, outputs sent and acknowledged, then state written, then the records
acknowledged to the host. A process that dies between two of these steps is given the records again;
what the state holds already is skipped, and what is sent again has the same content and id. A turn
that fails or is cut short is never carried on: nothing is written after it, and the worker ends.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from detectors.errors import AboveboardError
from streams.actors.actor import Actor, Output, Record, StateWrite
from streams.actors.positions import MissingRecords
from streams.metrics import Metrics
from streams.topic_catalogue import Topic

LARGEST_TURN: Final = 1_000
"""Records after which the stage works without waiting for more."""

_log: Final = logging.getLogger("aboveboard.stages")

AnyActor = TypeVar("AnyActor", bound=Actor)


class UnusableRecord(AboveboardError):
    """A stage cannot go on past a record; the message names its topic, partition and offset."""


class Journal(Protocol):
    """Where a stage writes, and reads its state back. Each call returns when the broker has all."""

    async def send(self, outputs: Iterable[Output]) -> None:
        """Produce records."""

    async def write_state(self, topic: Topic, partition: int, state: StateWrite) -> None:
        """Write the three steps in their order."""

    async def read_state(self, topic: Topic, partition: int) -> Mapping[bytes, bytes]:
        """Give the last value of every key that was not removed."""


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


class _Delivery(NamedTuple):
    """A record, the assignment under which it was fetched, and how to acknowledge it."""

    record: Record
    generation: int
    acknowledge: Callable[[], object]


class StageRunner(Generic[AnyActor]):
    """All partitions of one stage that this worker is in charge of.

    Parameters
    ----------
    plan
        The stage.
    journal
        Where outputs and state are written.
    flush_every
        Seconds between two writes of state.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        plan: StagePlan[AnyActor],
        journal: Journal,
        metrics: Metrics,
        *,
        flush_every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan: Final = plan
        self._journal: Final = journal
        self._metrics: Final = metrics
        self._flush_every: Final = flush_every
        self._clock: Final = clock
        self._turn_lock: Final = asyncio.Lock()
        self._work: Final = asyncio.Event()
        self._room: Final = asyncio.Event()
        self._generation = -1
        self._assigned: frozenset[int] = frozenset()
        self._actors: dict[int, AnyActor] = {}
        self._inbox: list[_Delivery] = []
        self._unwritten: set[int] = set()
        self._unacknowledged: list[Callable[[], object]] = []
        self._flushed_at = clock()
        self._sound = True

    def actors(self) -> Mapping[int, AnyActor]:
        """Give the actors by partition; those still to be restored are missing."""
        return self._actors

    @property
    def restored(self) -> bool:
        """Whether every assigned partition has its state."""
        return self._actors.keys() == self._assigned

    async def deliver(
        self, record: Record, generation: int, acknowledge: Callable[[], object]
    ) -> None:
        """Take a record, when there is room for it.

        `generation` numbers the assignment under which it was fetched: what was fetched under an
        earlier one than the present is dropped, since it will be fetched again. `acknowledge` is
        called once nothing about the record can be lost.
        """
        while len(self._inbox) >= LARGEST_TURN:
            self._room.clear()
            await self._room.wait()
        self._inbox.append(_Delivery(record, generation, acknowledge))
        self._work.set()

    async def wait_for_work(self, seconds: float) -> None:
        """Return when a record is waiting, at the latest after `seconds`."""
        try:
            await asyncio.wait_for(self._work.wait(), seconds)
        except TimeoutError:
            return

    def assign(self, partitions: Iterable[int], generation: int) -> None:
        """Take charge of exactly these partitions from the next turn on."""
        self._assigned = frozenset(partitions)
        self._generation = generation
        self._metrics.partitions(self.plan.name, len(self._assigned))
        self._work.set()

    async def release(self) -> None:
        """Write what is unwritten and give up all partitions.

        Raises
        ------
        aiokafka.errors.KafkaError
            If it could not be written; the partitions are given up all the same.
        """
        async with self._turn_lock:
            try:
                if self._sound:
                    await self._flush()
            finally:
                self._assigned = frozenset()
                self._actors.clear()
                self._inbox.clear()
                self._unwritten.clear()
                self._unacknowledged.clear()
                self._room.set()
                self._metrics.released()

    async def turn(self, idle: Callable[[int], Mapping[Topic, float]]) -> None:
        """Work on what is waiting. `idle` tells seconds of silence per topic of a partition.

        Raises
        ------
        aiokafka.errors.KafkaError, IncompatibleSnapshot, UnusableRecord
            The records of this turn are not acknowledged; the worker must stop.
        """
        async with self._turn_lock:
            await self._restore()
            self._work.clear()
            with self._whole():
                began = self._clock()
                taken = self._apply()
                outputs: list[Output] = []
                for partition, actor in self._actors.items():
                    owed = actor.tick(idle(partition))
                    told = actor.outputs()
                    if owed or told:
                        self._unwritten.add(partition)
                    outputs += told
                await self._journal.send(outputs)
            if taken:
                self._metrics.processed(self.plan.name, self._clock() - began)
            if self._clock() - self._flushed_at >= self._flush_every:
                await self._flush()

    def _apply(self) -> int:
        """Apply what is waiting; give the number of records."""
        batch, self._inbox = self._inbox, []
        self._room.set()
        taken = 0
        for delivery in batch:
            if delivery.generation > self._generation:
                self._inbox.append(delivery)
                continue
            actor = self._actors.get(delivery.record.partition)
            if actor is None or delivery.generation < self._generation:
                continue
            self._apply_one(actor, delivery.record)
            self._unwritten.add(delivery.record.partition)
            self._unacknowledged.append(delivery.acknowledge)
            taken += 1
        return taken

    def _apply_one(self, actor: AnyActor, record: Record) -> None:
        try:
            actor.apply(record)
        except Exception as error:
            place = f"{record.topic} partition {record.partition} offset {record.offset}"
            if isinstance(error, (msgspec.MsgspecError, MissingRecords)):
                raise UnusableRecord(
                    f"the {self.plan.name} stage cannot go on at {place}: {error}"
                ) from error
            error.add_note(f"at {place}")
            raise

    async def _restore(self) -> None:
        """Make the actors of partitions that are new here, from what the changelog holds."""
        new = sorted(self._assigned - self._actors.keys())
        if not new:
            return
        began = self._clock()
        states = await asyncio.gather(
            *(self._journal.read_state(self.plan.changelog, partition) for partition in new)
        )
        for partition, entries in zip(new, states, strict=True):
            actor = self.plan.make_actor(partition)
            actor.restore(entries)
            self._actors[partition] = actor
        _log.info(
            "%s: partitions %s restored: %d keys in %.1f s",
            self.plan.name,
            ", ".join(map(str, new)),
            sum(map(len, states)),
            self._clock() - began,
        )

    async def _flush(self) -> None:
        began = self._flushed_at = self._clock()
        if not self._unwritten:
            return
        with self._whole():
            for partition in sorted(self._unwritten):
                state = self._actors[partition].state()
                await self._journal.write_state(self.plan.changelog, partition, state)
        for acknowledge in self._unacknowledged:
            acknowledge()
        self._unwritten.clear()
        self._unacknowledged.clear()
        self._metrics.flushed(self.plan.name, self._clock() - began)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Mark a step that must not be followed by another one if it was not finished."""
        if not self._sound:
            raise RuntimeError(f"the {self.plan.name} stage failed before and cannot go on")
        self._sound = False
        yield
        self._sound = True
