"""Whether a worker progresses, and whether it has what it needs to.

*Alive* means progress: a partition with something left to apply must progress. A process that
merely runs is not alive. A supervisor should restart a worker that is not alive.

*Ready* means that every stage has been given its partitions and has the state of each, and that
nothing was found wrong: around the worker, or with what it reads (`streams.worker.findings`). A
worker that has no partition, since there are more workers than partitions, stands by and is ready.

The host reports from its event loop, and another thread asks; a loop that hangs reports nothing any
more, and that is no sign of life. While the broker does not answer, nothing can progress and a
restart would not help: that time does not count. The worker gives up by itself after
``broker_patience``.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Final

from msgspec import Struct, field

from streams.pages.answer import Complaint, Condition
from streams.worker.findings import Findings


class _Position(Struct):
    """How far one partition of a topic has been applied, and when that last grew."""

    applied: int
    lag: int
    moved_at: float


class _Restoration(Struct):
    """How much of a partition's state has been read, and when that last grew."""

    moved_at: float
    read: int = -1


class _Stage(Struct):
    """The partitions of one stage: None between two assignments, which began at ``since``."""

    since: float
    partitions: set[int] | None = None
    restoring: dict[int, _Restoration] = field(default_factory=dict)
    positions: dict[tuple[str, int], _Position] = field(default_factory=dict)


class Health:
    """Follows what the host reports of its stages; may be asked from any thread.

    Parameters
    ----------
    stages
        Names of the stages, each of which must be assigned before the worker is ready.
    stall_after
        Seconds without progress after which the worker is not alive. More than the session timeout
        and than the broker's patience: a rebalance may have to wait for another worker's session.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        stages: Iterable[str],
        stall_after: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stall_after: Final = stall_after
        self._clock: Final = clock
        self._lock: Final = Lock()
        now = clock()
        self._stages: Final = {name: _Stage(now) for name in stages}
        self._beat_at = now
        self._silent_at = now
        self._notes: dict[str, Sequence[str]] = {}
        self._stopping: str | None = None
        self._stopping_since = now
        self.findings: Final = Findings(clock)

    def beat(self) -> None:
        """Note that the host has looked at all its partitions."""
        with self._lock:
            self._beat_at = self._clock()

    def broker_is_silent(self) -> None:
        """Note that the broker did not answer; call it again as long as that lasts."""
        with self._lock:
            self._beat_at = self._silent_at = self._clock()

    def revoked(self, stage: str) -> None:
        """Forget the partitions of a stage: a rebalance has begun."""
        with self._lock:
            self._stages[stage] = _Stage(self._clock())

    def assigned(self, stage: str, partitions: Iterable[int]) -> None:
        """Note the partitions that a stage has now, exactly; the new ones lack state."""
        with self._lock:
            known, now = self._stages[stage], self._clock()
            before = known.partitions or set()
            after = set(partitions)
            known.partitions, known.since = after, now
            kept = {number: r for number, r in known.restoring.items() if number in after}
            known.restoring = kept | {number: _Restoration(now) for number in after - before}
            known.positions = {
                number: position
                for number, position in known.positions.items()
                if number[1] in after
            }

    def restoring(self, stage: str, partition: int, read: int) -> None:
        """Note how much of the state of a partition has been read, in any unit."""
        with self._lock:
            restoration = self._stages[stage].restoring.get(partition)
            if restoration is not None and read > restoration.read:
                restoration.read, restoration.moved_at = read, self._clock()

    def restored(self, stage: str, partition: int) -> None:
        """Note that a partition has its state."""
        with self._lock:
            self._stages[stage].restoring.pop(partition, None)

    def look(
        self, stage: str, topic: str, partition: int, applied: int, end: int | None
    ) -> int | None:
        """Note how far a partition has been applied and where it ends.

        Parameters
        ----------
        stage, topic, partition
            Which one; partitions that the stage does not have are ignored.
        applied
            The offset up to which nothing is left to apply. What never reaches the worker, such as
            the marker of a transaction at the end, must not hold it back.
        end
            The offset after the last record, None if it is not known.

        Returns
        -------
        The number of records left to apply, None if it is not known.
        """
        with self._lock:
            known, now = self._stages[stage], self._clock()
            if known.partitions is None or partition not in known.partitions:
                return None
            position = known.positions.setdefault((topic, partition), _Position(applied, 0, now))
            lag = position.lag if end is None else max(0, end - applied)
            if position.lag == 0 or lag == 0 or applied > position.applied:
                position.moved_at = now
            position.applied, position.lag = max(position.applied, applied), lag
            return None if end is None else lag

    def note(self, kind: str, sentences: Sequence[str]) -> None:
        """Note what people should know of one kind; it replaces what was noted before."""
        with self._lock:
            self._notes[kind] = sentences

    def notes(self, kind: str) -> Sequence[str]:
        """Return what was noted last of one kind."""
        with self._lock:
            return self._notes.get(kind, ())

    def stopping(self, why: str) -> None:
        """Note that the worker has begun to end; the first reason given counts."""
        with self._lock:
            if self._stopping is None:
                self._stopping, self._stopping_since = why, self._clock()

    def liveness(self) -> Condition:
        """Return whether everything that has something to do progresses."""
        with self._lock:
            now = self._clock()
            complaints = [Complaint("the worker's loop has not reported", now - self._beat_at)]
            for name, stage in self._stages.items():
                complaints += self._stalls(name, stage, now)
            return Condition([c for c in complaints if c.seconds > self._stall_after])

    def readiness(self) -> Condition:
        """Return whether every stage has its partitions and state, and nothing is wrong around."""
        found = self.findings.lasting()
        with self._lock:
            now = self._clock()
            complaints = [
                Complaint(one.what, seconds, "", one.topic, one.partition, remedy=one.remedy)
                for one, seconds in found
            ]
            if self._stopping is not None:
                complaints.append(Complaint(self._stopping, now - self._stopping_since))
            for name, stage in self._stages.items():
                if stage.partitions is None:
                    complaints.append(Complaint("waits for partitions", now - stage.since, name))
                complaints += [
                    Complaint("reads its state", now - stage.since, name, partition=number)
                    for number in sorted(stage.restoring)
                ]
            return Condition(complaints, [note for notes in self._notes.values() for note in notes])

    def _stalls(self, name: str, stage: _Stage, now: float) -> list[Complaint]:
        """Return what has not progressed, for however short a time."""

        def seconds(since: float) -> float:
            return now - max(since, self._silent_at)

        if stage.partitions is None:
            return [Complaint("waits for partitions", seconds(stage.since), name)]
        restoring = [
            Complaint("does not get on reading its state", seconds(r.moved_at), name, "", number)
            for number, r in sorted(stage.restoring.items())
        ]
        return restoring + [
            Complaint(
                "does not get on", seconds(position.moved_at), name, topic, number, lag=position.lag
            )
            for (topic, number), position in sorted(stage.positions.items())
            if position.lag
        ]
