"""The consumer: delivers batches to the streams, and commits those that are finished.

Faust's own tracking of offsets is not used: it commits past records that are still being worked on,
and counts single records. `streams.broker.transport.offsets` tracks whole batches instead.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiokafka.errors import ConsumerStoppedError
from faust.transport.consumer import ensure_TP
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from faust.types.transports import TPorTopicSet
from faust.types.tuples import ConsumerMessage
from mode import ServiceT

from streams.broker.batches.checked import CorruptBatch
from streams.broker.transport.batch import FetchedBatch, FetchedRecords, Stretch, slices
from streams.broker.transport.offsets import (
    OffsetTracker,
    PartitionId,
    TrackedBatch,
    offsets_to_commit,
)
from streams.broker.transport.thread import BatchThread
from streams.stages.log_bounds import LogBounds

FETCH_SECONDS: Final = 0.25
"""How long one call waits for fetched records when there are none."""

PAUSE_SECONDS: Final = 0.02
"""How long to wait when no partition may be read, as at the very beginning."""

COMMIT_SECONDS: Final = 30.0
"""How long a commit is tried while the group's coordinator is away."""


class BatchConsumer(Consumer):
    """The consumer of a worker."""

    def __init__(self, *options: Any, **named: Any) -> None:  # noqa: ANN401 - Faust's signature
        self._offsets: Final = OffsetTracker()
        self._commit_turn: Final = asyncio.Lock()
        self._open: frozenset[PartitionId] = frozenset()
        self._held: frozenset[PartitionId] = frozenset()
        self._generation = -1
        super().__init__(*options, **named)

    def _new_consumer_thread(self) -> BatchThread:
        self._batch_thread = BatchThread(self, loop=self.loop, beacon=self.beacon)
        return self._batch_thread

    # --------------------------------------------------------------------------- for the worker

    async def commit_finished(self, seconds: float = COMMIT_SECONDS) -> dict[TP, int]:
        """Commit, of every partition, up to the first batch that is not finished.

        Returns the offsets that were recorded, for the partitions where there was something new.
        Where there is nothing new the group is asked all the same: a caller that gets past this
        line still owned its partitions, and may act on what it has read.

        Raises
        ------
        MembershipLost
            If the group has moved on without this worker; nothing was recorded.
        aiokafka.errors.KafkaError
            If the broker did not answer within `seconds`, or refused.
        """
        async with self._commit_turn:
            finished = self._offsets.committable()
            offsets = offsets_to_commit(finished)
            if offsets:
                await self._batch_thread.commit_at(self._generation, offsets, seconds)
                self._offsets.committed(finished)
            elif self._generation >= 0:  # before the first assignment there is nothing to confirm
                await self._batch_thread.confirm(self._generation, seconds)
            return {TP(*topic_partition): offset for topic_partition, offset in offsets.items()}

    def seconds_since_heartbeat(self) -> float:
        """Return how long ago the group certainly knew this worker; infinite before it joined.

        It counts from when the question was sent that was answered last. Time during which the
        process was frozen counts too.
        """
        return self._batch_thread.seconds_since_heartbeat()

    def highwater(self, tp: TP) -> int | None:  # type: ignore[override]  # Faust has None, too
        """Return the end of a partition; None while it is not known, or not ours."""
        return self._batch_thread.known_ends((tp.topic, tp.partition))[0]

    def readable_end(self, tp: TP) -> int | None:
        """Return the offset up to which a partition can be read, as far as it is known.

        Records of a transaction that is still open, and all that follow them, cannot: then this is
        less than `highwater`.
        """
        end, readable = self._batch_thread.known_ends((tp.topic, tp.partition))
        # A broker without transactions knows no such offset.
        return end if readable is None or readable < 0 else readable

    async def bounds(
        self, reached: Mapping[PartitionId, int | None]
    ) -> dict[PartitionId, LogBounds]:
        """Return the bounds of partitions that have been read up to these offsets.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        return await self._batch_thread.bounds(reached)

    def hurry(self, seconds: float) -> None:
        """Do not take longer than this for leaving the group."""
        self._batch_thread.seconds_to_leave = seconds

    def unfinished_batches(self) -> int:
        """Count the batches that were fetched and are not finished."""
        return self._offsets.unfinished()

    # -------------------------------------------------- what Faust commits by itself: nothing

    async def commit(
        self,
        topics: TPorTopicSet | None = None,  # noqa: ARG002 - Faust's signature
        start_new_transaction: bool = True,  # noqa: ARG002, FBT001, FBT002 - Faust's signature
    ) -> bool:
        """Do nothing: Faust calls this on a timer, at errors and when it stops."""
        return False

    async def force_commit(
        self,
        topics: TPorTopicSet | None = None,  # noqa: ARG002 - Faust's signature
        start_new_transaction: bool = True,  # noqa: ARG002, FBT001, FBT002 - Faust's signature
    ) -> bool:
        """Do nothing, as `commit`."""
        return False

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: a full stream holds back `_drain_messages`, and so the fetching."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing, as `on_buffer_full`."""

    # ------------------------------------------------------------------- assignments and seeks

    def is_wanted(self, topic_partition: PartitionId) -> bool:
        """Return whether records of this partition are wanted now; called in the thread."""
        return (
            topic_partition in self._open
            and topic_partition not in self._held
            and topic_partition in self._active_partitions
        )

    def hold(self, partitions: Iterable[PartitionId]) -> None:
        """Fetch nothing of exactly these partitions until the next call; others do not wait.

        What was fetched of them stays with the client, which asks for no more of it meanwhile.
        """
        held = frozenset(partitions)
        lets_go = self._held - held
        self._held = held
        if lets_go:
            self._batch_thread.look_again()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the application flush and commit, then drop all batches.

        All, not only those of `revoked`: after every rebalance each partition is read from the
        group's commits again.
        """
        # Closed first: what the thread brings from here on belongs to nobody.
        self._open = frozenset()
        try:
            await super().on_partitions_revoked(revoked)
        finally:
            self._offsets.drop()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Forget what the assignment before has read."""
        self._open = frozenset()
        self._offsets.drop()
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Go back to the group's commits; Faust does this at the end of every rebalance."""
        self._open = frozenset()
        # Another rebalance may begin while the offsets are fetched; this seek then opens nothing,
        # and the one at the end of that rebalance does.
        generation = self.app.consumer_generation_id
        await self._batch_thread.rewind()
        # The thread answers in order: what it fetched before the rewind has arrived by now, found
        # its partition closed and was passed over. Nothing of it can come after this line.
        self._offsets.drop()
        if generation == self.app.consumer_generation_id:
            self._generation = generation
            self._open = frozenset(self.assignment())

    async def seek(self, partition: TP, offset: int) -> None:
        """Read a partition from another offset; its batches under way are dropped."""
        topic_partition = ensure_TP(partition)
        was_open = topic_partition in self._open
        self._open -= {topic_partition}
        await self._batch_thread.seek_now({topic_partition: offset})
        self._offsets.drop([topic_partition])
        if was_open and not self.app.rebalancing:
            self._open |= {topic_partition}

    # -------------------------------------------------------------------------------- delivering

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Deliver what is fetched to the streams, until the worker stops."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                if not (self.flow_active and self._open):
                    await self.sleep(PAUSE_SECONDS)
                    continue
                fetched = await self._batch_thread.fetch(FETCH_SECONDS)
                for tracked, batch in list(self._enter(fetched)):
                    await self._deliver(tracked, batch)
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    def _enter(self, fetched: FetchedRecords) -> Iterator[tuple[TrackedBatch, FetchedBatch]]:
        """Track batches at the moment they arrive from the thread; pass over those nobody wants.

        A rebalance may have begun while the thread was asked: then the generation is another one,
        or the partition is closed, and the records will be fetched again.
        """
        if fetched.generation != self._generation:
            return
        for topic_partition, stretch in slices(fetched.stretches):
            if topic_partition in self._open:
                yield self._track(topic_partition, fetched.generation, stretch)
        for topic_partition, corrupt in fetched.corrupt.items():
            if topic_partition in self._open:
                stretch = Stretch(corrupt.first, corrupt.last + 1, ())
                yield self._track(topic_partition, fetched.generation, stretch, corrupt)

    def _track(
        self,
        topic_partition: PartitionId,
        generation: int,
        stretch: Stretch,
        corrupt: CorruptBatch | None = None,
    ) -> tuple[TrackedBatch, FetchedBatch]:
        tracked = self._offsets.fetched(topic_partition, stretch.until)
        batch = FetchedBatch(
            *topic_partition,
            generation,
            stretch.since,
            stretch.until,
            stretch.records,
            tracked.finish,
            corrupt,
        )
        return tracked, batch

    async def _deliver(self, tracked: TrackedBatch, batch: FetchedBatch) -> None:
        """Wait until the streams have room, and deliver a batch if it is still wanted."""
        if not tracked.deliver() or batch.generation != self.app.consumer_generation_id:
            return
        # Nobody reads the times: they are those of the records, of which there may be none.
        message = ConsumerMessage(
            batch.topic,
            batch.partition,
            batch.since,
            0.0,
            0,
            None,
            None,
            batch,  # type: ignore[arg-type] # BatchSchema hands it on
            None,
            serialized_key_size=0,
            serialized_value_size=0,
            generation_id=batch.generation,
        )
        await self.wait_first(self.callback(message), self.suspend_flow.wait())
