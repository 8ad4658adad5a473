"""Which fetched batches are finished, and up to where a group may therefore commit.

A batch goes ``fetched -> given -> finished -> committed``; from any of these it may be ``dropped``
instead, when its partition is given up or read again from another offset. Batches of a partition
stand in the order in which they were fetched, and only the finished ones before the first that is
not are ever committed. Offsets are never counted on: after a batch comes whatever the partition
holds after its last record, with or without a gap.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, TypeAlias

Place: TypeAlias = tuple[str, int]
"""A topic and a partition of it."""


class State(Enum):
    """How far a batch has come."""

    FETCHED = "fetched"
    GIVEN = "given"
    FINISHED = "finished"
    COMMITTED = "committed"
    DROPPED = "dropped"


class Entry:
    """A batch in the ledger; holds none of its records.

    Attributes
    ----------
    place
        Its topic and partition.
    end
        Its last record's offset + 1, which is the offset to commit after it.
    """

    __slots__ = ("_state", "end", "place")

    def __init__(self, place: Place, end: int) -> None:
        self.place: Final = place
        self.end: Final = end
        self._state = State.FETCHED

    @property
    def state(self) -> State:
        """How far it has come."""
        return self._state

    def give(self) -> bool:
        """Hand it on, unless it was dropped; tell whether it is to be worked on."""
        if self._state is State.FETCHED:
            self._state = State.GIVEN
            return True
        return False

    def finish(self) -> None:
        """Note that nothing about it can be lost any more. Does nothing for a dropped batch.

        Raises
        ------
        RuntimeError
            If it was never given to anybody.
        """
        if self._state is State.FETCHED:
            raise RuntimeError(f"a batch of {self.place} was finished before it was given")
        if self._state is State.GIVEN:
            self._state = State.FINISHED

    def commit(self) -> None:
        """Note that the broker has recorded its end, unless it was dropped meanwhile."""
        if self._state is State.FINISHED:
            self._state = State.COMMITTED

    def drop(self) -> None:
        """Give it up; it will be fetched again, here or elsewhere."""
        if self._state is not State.COMMITTED:
            self._state = State.DROPPED


class Ledger:
    """The batches of every partition that are fetched and not committed.

    Examples
    --------
    >>> ledger = Ledger()
    >>> first, second = ledger.fetched(("sales", 0), 10), ledger.fetched(("sales", 0), 25)
    >>> first.give(), second.give()
    (True, True)
    >>> second.finish()
    >>> ledger.committable()
    []
    >>> first.finish()
    >>> [entry.end for entry in ledger.committable()]
    [10, 25]
    >>> ends(ledger.committable())
    {('sales', 0): 25}
    """

    def __init__(self) -> None:
        self._queues: Final[dict[Place, deque[Entry]]] = {}

    def fetched(self, place: Place, end: int) -> Entry:
        """Add the next batch of a partition."""
        entry = Entry(place, end)
        self._queues.setdefault(place, deque()).append(entry)
        return entry

    def committable(self) -> list[Entry]:
        """Give the finished batches before the first unfinished one, of every partition."""
        found = []
        for queue in self._queues.values():
            for entry in queue:
                if entry.state is not State.FINISHED:
                    break
                found.append(entry)
        return found

    def committed(self, entries: Iterable[Entry]) -> None:
        """Note that the broker has recorded the ends of these, and forget them.

        They are named one by one because a partition may have been dropped, and fetched again from
        another offset, while the broker was asked.
        """
        for entry in entries:
            entry.commit()
        for place, queue in list(self._queues.items()):
            while queue and queue[0].state is State.COMMITTED:
                queue.popleft()
            if not queue:
                del self._queues[place]

    def drop(self, places: Iterable[Place] | None = None) -> None:
        """Give up all that is not committed, of some partitions or of all."""
        for place in list(self._queues) if places is None else places:
            for entry in self._queues.pop(place, ()):
                entry.drop()

    def is_done_with(self, place: Place) -> bool:
        """Tell whether every batch of a partition that was fetched is finished."""
        return all(entry.state is State.FINISHED for entry in self._queues.get(place, ()))

    def unfinished(self) -> int:
        """Count the batches that are still to be finished."""
        return sum(
            entry.state is not State.FINISHED for queue in self._queues.values() for entry in queue
        )


def ends(entries: Sequence[Entry]) -> dict[Place, int]:
    """Give the offset to commit for every partition of these batches."""
    return {entry.place: entry.end for entry in entries}
