"""Runs the partitions of one stage in the one order that neither loses nor doubles a record.

Batches are applied and their outputs handed to the broker; then, now and then, all outputs
acknowledged, state written, the batches finished and their offsets committed. A process that dies
between two of these steps reads the records again; what the state holds already is skipped, and
what is sent again has the same content and id. After a turn that failed or was cut short nothing is
written any more, and the worker ends.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, Generic

from streams.metrics.registry import Metrics
from streams.stages.log_check import check_logs
from streams.stages.outbox import Outbox
from streams.stages.partition import AnyActor, RecordBatch, StagePartition
from streams.stages.plan import Membership, StagePlan
from streams.stages.state.journal import Journal
from streams.stages.state.local_copy import OpenCopy, without_copy
from streams.stages.state.state_log import StateLog
from streams.wire.topics import Topic

LARGEST_TURN: Final = 10_000
"""Records after which the stage works without waiting for more."""

WRITING_SHARE: Final = 0.05
"""Share of the time that may go into writing state; where it is heavy, it is written less often."""

LONGEST_UNWRITTEN: Final = 60.0
"""Seconds after which state is written, however heavy."""

_log: Final = logging.getLogger("aboveboard.stages")

Idle = Callable[[int], Mapping[Topic, float]]
"""Seconds for which each input topic of a partition has had nothing left to read."""


class StageRunner(Generic[AnyActor]):
    """All partitions of one stage that this worker owns.

    Parameters
    ----------
    plan
        The stage.
    journal
        Where outputs and state are written.
    metrics
        Where it counts what it does.
    flush_every
        Seconds between two writes of state, at least.
    open_copy
        Opens the local copy of a partition's state.
    clock, wall
        Seconds that only grow, and since the epoch.
    """

    def __init__(
        self,
        plan: StagePlan[AnyActor],
        journal: Journal,
        metrics: Metrics,
        *,
        flush_every: float,
        open_copy: OpenCopy = without_copy,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.plan: Final = plan
        self._journal: Final = journal
        self._metrics: Final = metrics
        self._flush_every: Final = flush_every
        self._open_copy: Final = open_copy
        self._clock: Final = clock
        self._wall: Final = wall
        self._turn_lock: Final = asyncio.Lock()
        self._work: Final = asyncio.Event()
        self._room: Final = asyncio.Event()
        self._generation = -1
        self._assigned: frozenset[int] = frozenset()
        self._partitions: dict[int, StagePartition[AnyActor]] = {}
        self._resting: dict[int, StagePartition[AnyActor]] = {}
        self._inbox: list[RecordBatch] = []
        self._waiting = 0
        self._outbox: Final = Outbox(journal)
        self._flush_at = clock() + flush_every
        self._sound = True

    def actors(self) -> Mapping[int, AnyActor]:
        """Return the actors by partition; those still to be restored are missing."""
        return {number: held.actor for number, held in self._partitions.items()}

    def reached(self, topic: Topic, partition: int) -> int | None:
        """Return the offset after the last record applied; None before the first one."""
        held = self._partitions.get(partition)
        return None if held is None else held.reached(topic)

    def has(self, partition: int) -> bool:
        """Return whether a partition is assigned and restored."""
        return partition in self._partitions

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions this worker owns."""
        return self._assigned

    @property
    def restored(self) -> bool:
        """Whether every assigned partition has its state."""
        return self._partitions.keys() == self._assigned

    async def deliver(self, batch: RecordBatch) -> None:
        """Queue a batch, when there is room for it.

        What was fetched under an earlier assignment than the present is dropped, since it will be
        fetched again.
        """
        while self._waiting >= LARGEST_TURN:
            self._room.clear()
            await self._room.wait()
        self._inbox.append(batch)
        self._waiting += len(batch.records)
        self._work.set()

    async def wait_for_work(self, seconds: float) -> None:
        """Return when a batch is waiting, at the latest after `seconds`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._work.wait(), seconds)

    def assign(self, partitions: Iterable[int], generation: int) -> None:
        """Own exactly these partitions from the next turn on."""
        self._assigned = frozenset(partitions)
        self._generation = generation
        for number in self._resting.keys() - self._assigned:
            self._resting.pop(number).close()
        self._metrics.partitions(self.plan.name, len(self._assigned))
        self._work.set()

    async def release(self, membership: Membership) -> None:
        """Write what is unwritten and release all partitions.

        Raises
        ------
        aiokafka.errors.KafkaError
            If it could not be written; the partitions are released all the same.
        """
        async with self._turn_lock:
            try:
                if self._sound:
                    await self._flush(membership)
                    # Kept as they are: most rebalances give a worker the same partitions again.
                    self._resting = self._partitions
            finally:
                if not self._sound:
                    for held in self._partitions.values():
                        held.close()
                self._assigned = frozenset()
                self._partitions = {}
                self._inbox.clear()
                self._waiting = 0
                self._room.set()
                self._metrics.released()

    def close(self) -> None:
        """Close the partitions that were kept in case they would be assigned again."""
        for held in self._resting.values():
            held.close()
        self._resting.clear()

    async def turn(self, idle: Idle, membership: Membership) -> None:
        """Apply what is waiting, send the outputs, and write state when it is due.

        Raises
        ------
        aiokafka.errors.KafkaError, IncompatibleSnapshot, LogMismatch, MembershipLost, StageFailed
            The batches of this turn are not finished; the worker must stop.
        """
        async with self._turn_lock:
            await self._restore(membership)
            self._work.clear()
            with self._whole():
                began = self._clock()
                taken = self._apply()
                now = self._wall()
                outputs = [
                    output
                    for number, held in self._partitions.items()
                    for output in held.tick(idle(number), now)
                ]
                if outputs:
                    # A worker that was frozen must find out before it sends: what it would say may
                    # be out of date, and nobody could take it back.
                    await membership.confirm()
                    await self._outbox.send(outputs)
            if taken:
                self._metrics.processed(self.plan.name, self._clock() - began)
            if self._clock() >= self._flush_at:
                await self._flush(membership)

    def _apply(self) -> int:
        """Apply what is waiting; return the number of records."""
        batches, self._inbox = self._inbox, []
        self._waiting = 0
        self._room.set()
        taken = redelivered = 0
        for batch in batches:
            # Batches may overtake the news of the assignment that they belong to: they wait for it.
            if batch.generation > self._generation:
                self._inbox.append(batch)
                self._waiting += len(batch.records)
                continue
            held = self._partitions.get(batch.partition)
            if held is None or batch.generation < self._generation:
                continue
            redelivered += held.apply(batch)
            taken += len(batch.records)
        if redelivered:
            self._metrics.redelivered(self.plan.name, redelivered)
        return taken

    async def _restore(self, membership: Membership) -> None:
        """Make the actors of partitions that are new here, from what the changelog holds."""
        new = sorted(self._assigned - self._partitions.keys())
        if not new:
            return
        began = self._clock()
        resting, self._resting = self._resting, {}
        opened = await asyncio.gather(*(self._open(number, resting.get(number)) for number in new))
        restored = {number: held for number, (held, _) in zip(new, opened, strict=True)}
        await check_logs(self.plan, restored, membership)
        self._partitions |= restored
        seconds = self._clock() - began
        self._metrics.restored(self.plan.name, seconds)
        _log.info(
            "%s: partitions %s restored: %s bytes in %.1f s",
            self.plan.name,
            ", ".join(map(str, new)),
            f"{sum(size for _, size in opened):,}",
            seconds,
        )

    async def _open(
        self, number: int, resting: StagePartition[AnyActor] | None
    ) -> tuple[StagePartition[AnyActor], int]:
        if resting is not None:
            if await resting.reopen(self._generation):
                return resting, 0
            resting.close()
        plan = self.plan
        copy = self._open_copy(plan.changelog, number)
        log = StateLog(self._journal, plan.changelog, number, copy)
        make_actor = partial(plan.make_actor, number)
        others = self._metrics, plan.prefix, plan.accepted
        held = StagePartition(plan.name, number, make_actor, log, *others)
        return held, await held.open(self._generation)

    async def _flush(self, membership: Membership) -> None:
        began = self._clock()
        self._flush_at = began + self._flush_every
        unwritten = [held for held in self._partitions.values() if held.changed]
        if not unwritten:
            return
        with self._whole():
            # Captured first: records that arrive during the waits are neither in this state nor in
            # this commit. Outputs before state: a state that holds a record whose outputs were lost
            # would never send them again. State before commit: an offset says that the state holds
            # everything before it. Removal last: until then a restart may need the state before.
            for held in unwritten:
                held.capture()
            await self._outbox.acknowledged()
            await membership.confirm()
            await asyncio.gather(*(held.write() for held in unwritten))
            await membership.commit()
            await asyncio.gather(*(held.remove_dead() for held in unwritten))
        seconds = self._clock() - began
        pause = max(self._flush_every, min(LONGEST_UNWRITTEN, seconds / WRITING_SHARE))
        self._flush_at = began + pause
        self._metrics.flushed(self.plan.name, seconds)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Allow no further step if this one is not finished, whatever interrupts it."""
        if not self._sound:
            raise RuntimeError(f"the {self.plan.name} stage failed before and cannot go on")
        self._sound = False
        yield
        self._sound = True
