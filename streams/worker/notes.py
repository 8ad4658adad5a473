"""What people should know of a worker that works: what it lacks, and what it waits for."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from detectors.basis.event_time import Seconds
from detectors.messages.holes import Hole
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.losses import remembering
from streams.stages.runner import StageRunner

LOST: Final = "lost"
"""The kind of note about records that were deleted before they were read."""

UNSEEN: Final = "unseen"
"""The kind of note about events that cannot be seen."""

OPEN: Final = "open"
"""The kind of note about transactions that do not end."""

LONG_OPEN: Final = 60.0
"""Seconds after which an open transaction is told: what producers have by default to end one."""


def hole_notes(runners: Iterable[StageRunner[Any]]) -> list[str]:
    """Return a sentence for each hole in what these stages have read."""
    return [
        _sentence(hole)
        for runner in runners
        for _, actor in sorted(runner.actors().items())
        if (found := remembering(actor)) is not None
        for hole in found.holes
    ]


def unseen_notes(runners: Iterable[StageRunner[Any]]) -> list[str]:
    """Return a sentence for each kind of event, and site, of which nothing can be seen now.

    That does not make the worker unready: it withholds what rests on those events and goes on with
    all else, and neither a restart nor another worker would see more.
    """
    return sorted(
        {
            f"{words}: nothing is told from what was not seen since"
            for runner in runners
            for actor in runner.actors().values()
            if isinstance(actor, AgentsActor)
            for words in actor.unseen()
        }
    )


def _sentence(hole: Hole) -> str:
    return (
        f"{hole.source} partition {hole.partition} offsets {hole.first} to {hole.last} are lost "
        f"and accepted: events from {_written(hole.since, 'the beginning')} to "
        f"{_written(hole.until, 'now')}"
    )


def _written(at: Seconds | None, otherwise: str) -> str:
    return (
        otherwise if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    )


class OpenTransactions:
    """Follows which partitions cannot be read to their end, because a transaction is open.

    That is no fault of the worker, which must not be started again for it. Nor is it silence: the
    transaction may still bring events, so no time passes for its topic until it ends. Brokers end
    what its producer has given up, after `transaction.timeout.ms`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._since: Final[dict[tuple[str, int], tuple[int, float]]] = {}

    def look(self, topic: str, partition: int, readable: int | None, end: int | None) -> None:
        """Note up to where a partition can be read, and where it ends."""
        place = (topic, partition)
        if readable is None or end is None or readable >= end:
            self._since.pop(place, None)
        elif self._since.get(place, (None,))[0] != readable:  # another transaction than before
            self._since[place] = (readable, self._clock())

    def notes(self) -> list[str]:
        """Return a sentence for each that has been open for long."""
        now = self._clock()
        return [
            f"{topic} partition {partition} cannot be read past offset {offset}: a transaction of "
            f"another program has been open for {now - since:.0f} s. If it hangs: "
            "kafka-transactions.sh find-hanging, then abort"
            for (topic, partition), (offset, since) in sorted(self._since.items())
            if now - since > LONG_OPEN
        ]

    def forget(self) -> None:
        """Forget everything: the partitions have been released."""
        self._since.clear()
