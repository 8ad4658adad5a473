"""The ledger of batches: what may be committed, whatever the order of events."""

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.transport.offsets import (
    BatchState,
    OffsetTracker,
    TrackedBatch,
    offsets_to_commit,
)

PLACE = ("sales", 0)
OTHER = ("sales", 1)
PLACES = (PLACE, OTHER)


@dataclass
class Model:
    """The same in the plainest words: per partition, the batches fetched and not committed."""

    queues: dict[tuple[str, int], list[TrackedBatch]] = field(
        default_factory=lambda: {place: [] for place in PLACES}
    )
    finished: set[int] = field(default_factory=set)

    def committable(self) -> dict[tuple[str, int], int]:
        found = {}
        for place, queue in self.queues.items():
            for entry in queue:
                if id(entry) not in self.finished:
                    break
                found[place] = entry.end
        return found


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fetch", "give", "finish", "commit", "drop"]),
        st.sampled_from(PLACES),
        st.integers(0, 9),
    ),
    max_size=60,
)


def check(steps: list[tuple[str, tuple[str, int], int]], tracker: OffsetTracker) -> None:
    """Walk through the steps and compare with the model after each."""
    model = Model()
    reached = dict.fromkeys(PLACES, 0)
    everything: list[TrackedBatch] = []
    for step, place, number in steps:
        queue = model.queues[place]
        entry = queue[number % len(queue)] if queue else None
        if step == "fetch":
            reached[place] += 1 + number * number  # with gaps
            new = tracker.fetched(place, reached[place])
            queue.append(new)
            everything.append(new)
        elif step == "give" and entry is not None:
            entry.deliver()
        elif step == "finish" and entry is not None and entry.state is not BatchState.FETCHED:
            entry.finish()
            model.finished.add(id(entry))
        elif step == "commit":
            tracker.committed(tracker.committable())
            for batches in model.queues.values():
                while batches and id(batches[0]) in model.finished:
                    assert batches.pop(0).state is BatchState.COMMITTED
        elif step == "drop":
            tracker.drop([place])
            assert all(batch.state is BatchState.DROPPED for batch in queue)
            queue.clear()
        assert offsets_to_commit(tracker.committable()) == model.committable()
        assert tracker.unfinished() == sum(
            id(batch) not in model.finished
            for batches in model.queues.values()
            for batch in batches
        )


@given(STEPS)
def test_only_the_finished_beginning_of_a_partition_can_be_committed(
    steps: list[tuple[str, tuple[str, int], int]],
) -> None:
    check(steps, OffsetTracker())


class PastUnfinished(OffsetTracker):
    """Commits as Faust 0.15.3 does when an offset is missing: past a batch still in work."""

    def committable(self) -> list[TrackedBatch]:
        return [
            entry
            for queue in self._queues.values()
            for entry in queue
            if entry.state is BatchState.FINISHED
        ]


class ForgetsToDrop(OffsetTracker):
    """Keeps the batches of a partition that was given up."""

    def drop(self, places: object = None) -> None:
        del places


class CommitsByOffset(OffsetTracker):
    """Takes a batch for committed because its end is below the offset that was."""

    def committed(self, entries: object) -> None:
        del entries
        for queue in self._queues.values():
            remaining = deque(entry for entry in queue if entry.state is not BatchState.FINISHED)
            queue.clear()
            queue.extend(remaining)


BITING = {
    PastUnfinished: [
        ("fetch", PLACE, 0),
        ("fetch", PLACE, 0),
        ("give", PLACE, 1),
        ("finish", PLACE, 1),
    ],
    ForgetsToDrop: [("fetch", PLACE, 0), ("drop", PLACE, 0)],
    CommitsByOffset: [
        ("fetch", PLACE, 0),
        ("fetch", PLACE, 0),
        ("give", PLACE, 1),
        ("finish", PLACE, 1),
        ("commit", PLACE, 0),
        ("give", PLACE, 0),
        ("finish", PLACE, 0),
    ],
}


@pytest.mark.parametrize("broken", BITING)
def test_the_law_bites(broken: type[OffsetTracker]) -> None:
    steps = BITING[broken]
    check(steps, OffsetTracker())
    with pytest.raises(AssertionError):
        check(steps, broken())


def test_a_batch_is_given_once_and_not_after_it_was_dropped() -> None:
    tracker = OffsetTracker()
    entry, dropped = tracker.fetched(PLACE, 5), tracker.fetched(OTHER, 9)
    assert entry.deliver()
    assert not entry.deliver()
    tracker.drop([OTHER])
    assert not dropped.deliver()


def test_finishing_what_was_never_given_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="before it was delivered"):
        OffsetTracker().fetched(PLACE, 5).finish()


def test_finishing_after_the_partition_was_given_up_does_nothing() -> None:
    tracker = OffsetTracker()
    entry = tracker.fetched(PLACE, 5)
    entry.deliver()
    tracker.drop()
    entry.finish()
    assert entry.state is BatchState.DROPPED
    assert tracker.committable() == []


def test_a_commit_that_ends_after_a_seek_touches_none_of_the_new_batches() -> None:
    tracker = OffsetTracker()
    old = tracker.fetched(PLACE, 100)
    old.deliver()
    old.finish()
    asked = tracker.committable()
    tracker.drop([PLACE])  # while the broker is asked, the partition goes back to its beginning
    again = tracker.fetched(PLACE, 50)
    again.deliver()
    tracker.committed(asked)
    assert again.state is BatchState.DELIVERED
    assert tracker.unfinished() == 1
    again.finish()
    assert offsets_to_commit(tracker.committable()) == {PLACE: 50}
