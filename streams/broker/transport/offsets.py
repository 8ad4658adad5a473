"""Which fetched batches are finished, and up to where a group may therefore commit.

A batch goes ``fetched -> delivered -> finished -> committed``; before the commit it may be
``dropped`` instead, when its partition is revoked or read again from another offset. Batches of a
partition are kept in the order in which they were fetched, and only the finished ones before the
first unfinished one are committed: an offset says that everything before it is done. Offsets are
never computed by adding: the batch after this one may begin with a gap (compaction, markers of
transactions).
"""

from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, TypeAlias

PartitionId: TypeAlias = tuple[str, int]
"""A topic and a partition of it."""


class BatchState(Enum):
    """How far a batch has come."""

    FETCHED = "fetched"
    DELIVERED = "delivered"
    FINISHED = "finished"
    COMMITTED = "committed"
    DROPPED = "dropped"


class TrackedBatch:
    """A batch that was fetched; holds none of its records, so that their memory is free early.

    Attributes
    ----------
    partition
        Its topic and partition.
    end
        Its last record's offset + 1, which is the offset to commit after it.
    """

    __slots__ = ("_state", "end", "partition")

    def __init__(self, partition: PartitionId, end: int) -> None:
        self.partition: Final = partition
        self.end: Final = end
        self._state = BatchState.FETCHED

    @property
    def state(self) -> BatchState:
        """How far it has come."""
        return self._state

    def deliver(self) -> bool:
        """Return whether it is to be worked on: false if it was dropped while it waited."""
        if self._state is BatchState.FETCHED:
            self._state = BatchState.DELIVERED
            return True
        return False

    def finish(self) -> None:
        """Note that nothing about it can be lost any more. Does nothing for a dropped batch.

        Raises
        ------
        RuntimeError
            If it was never delivered.
        """
        if self._state is BatchState.FETCHED:
            raise RuntimeError(f"a batch of {self.partition} was finished before it was delivered")
        if self._state is BatchState.DELIVERED:
            self._state = BatchState.FINISHED

    def commit(self) -> None:
        """Note that the broker has recorded its end, unless it was dropped meanwhile."""
        if self._state is BatchState.FINISHED:
            self._state = BatchState.COMMITTED

    def drop(self) -> None:
        """Give it up; it will be fetched again, here or elsewhere."""
        if self._state is not BatchState.COMMITTED:
            self._state = BatchState.DROPPED


class OffsetTracker:
    """The batches of every partition that are fetched and not committed.

    Examples
    --------
    >>> tracker = OffsetTracker()
    >>> first, second = tracker.fetched(("sales", 0), 10), tracker.fetched(("sales", 0), 25)
    >>> first.deliver(), second.deliver()
    (True, True)
    >>> second.finish()
    >>> tracker.committable()
    []
    >>> first.finish()
    >>> [batch.end for batch in tracker.committable()]
    [10, 25]
    >>> offsets_to_commit(tracker.committable())
    {('sales', 0): 25}
    """

    def __init__(self) -> None:
        self._queues: Final[dict[PartitionId, deque[TrackedBatch]]] = {}

    def fetched(self, partition: PartitionId, end: int) -> TrackedBatch:
        """Add the next batch of a partition."""
        batch = TrackedBatch(partition, end)
        self._queues.setdefault(partition, deque()).append(batch)
        return batch

    def committable(self) -> list[TrackedBatch]:
        """Return the finished batches before the first unfinished one, of every partition."""
        found = []
        for queue in self._queues.values():
            for batch in queue:
                if batch.state is not BatchState.FINISHED:
                    break
                found.append(batch)
        return found

    def committed(self, batches: Iterable[TrackedBatch]) -> None:
        """Note that the broker has recorded the ends of these, and forget them.

        They are named one by one because a partition may have been dropped, and fetched again from
        another offset, while the broker was asked.
        """
        for batch in batches:
            batch.commit()
        for partition, queue in list(self._queues.items()):
            while queue and queue[0].state is BatchState.COMMITTED:
                queue.popleft()
            if not queue:
                del self._queues[partition]

    def drop(self, partitions: Iterable[PartitionId] | None = None) -> None:
        """Drop all that is not committed, of some partitions or of all."""
        for partition in list(self._queues) if partitions is None else partitions:
            for batch in self._queues.pop(partition, ()):
                batch.drop()

    def is_finished(self, partition: PartitionId) -> bool:
        """Return whether every batch of a partition that was fetched is finished."""
        return all(batch.state is BatchState.FINISHED for batch in self._queues.get(partition, ()))

    def unfinished(self) -> int:
        """Count the batches that are still to be finished."""
        return sum(
            batch.state is not BatchState.FINISHED
            for queue in self._queues.values()
            for batch in queue
        )


def offsets_to_commit(batches: Sequence[TrackedBatch]) -> dict[PartitionId, int]:
    """Return the offset to commit for every partition of these batches."""
    return {batch.partition: batch.end for batch in batches}
