"""Between which event times the records lie that a ledger had to go on without."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.messages.holes import Hole
from streams.stages.losses import Loss
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class EventHoles:
    """The holes of one ledger partition.

    Parameters
    ----------
    lateness
        Seconds by which events may be late, and a hole is therefore wider than its neighbours say.
    """

    def __init__(self, lateness: float) -> None:
        self._lateness: Final = lateness
        self.all: list[Hole] = []

    def add(self, loss: Loss, newest: Seconds, said_until: Seconds) -> None:
        """Add one, which lies behind the newest event of its topic, if that is not `BEGINNING`.

        `said_until` is the time up to which alerts cannot know of it any more.
        """
        since = newest - self._lateness if newest > BEGINNING else None
        self.all.append(Hole(*loss, since=since, unknown_until=said_until))

    def bound(
        self,
        topic: Topic,
        records: Sequence[KafkaRecord],
        time_of: Callable[[KafkaRecord], Seconds],
        said_until: Seconds,
    ) -> None:
        """Note when the holes of a topic end: with the first event after them that has a time.

        `time_of` raises InvalidEvent for a record that is none. A hole does not end before
        `said_until`: while its end was unknown, everything up to then was said to lie in it.
        """
        # The first one, not the newest of a batch: what a batch holds differs on every replay.
        for number, hole in enumerate(self.all):
            if hole.source == topic and hole.until is None:
                at = _first_time(records, time_of)
                if at is None:
                    continue
                # The first event may be a late one: the hole does not end before the newest one.
                latest = at if hole.since is None else max(at, hole.since + self._lateness)
                until = max(latest + self._lateness, said_until)
                self.all[number] = msgspec.structs.replace(hole, until=Seconds(until))


def _first_time(
    records: Sequence[KafkaRecord], time_of: Callable[[KafkaRecord], Seconds]
) -> Seconds | None:
    for record in records:
        try:
            return time_of(record)
        except InvalidEvent:
            continue  # it goes to the dead letters when it is applied
    return None
