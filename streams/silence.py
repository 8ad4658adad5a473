"""For how long each topic of a partition has had nothing left to read, by the clock on the wall."""

import time
from collections.abc import Callable
from typing import Final

from streams.topic_catalogue import Topic

Place = tuple[Topic, int]


class Silence:
    """Follows the deliveries and the ends of partitions.

    A partition is silent from the moment at which its last record was delivered and nothing more
    was known to wait. One whose end is not known yet is not silent.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._next: dict[Place, int] = {}
        self._since: dict[Place, float] = {}

    def delivered(self, topic: Topic, partition: int, offset: int) -> None:
        """Take note of a record."""
        place = (topic, partition)
        self._next[place] = offset + 1
        self._since.pop(place, None)

    def look(self, topic: Topic, partition: int, position: int | None, end: int | None) -> None:
        """Take note of the reader's position and the partition's end; None is unknown."""
        place = (topic, partition)
        reached = self._next.get(place, position)
        if end is None or reached is None or reached < end:
            self._since.pop(place, None)
        else:
            self._since.setdefault(place, self._clock())

    def seconds(self, topic: Topic, partition: int) -> float:
        """Give the seconds of silence so far, 0 while there is something to read."""
        since = self._since.get((topic, partition))
        return 0.0 if since is None else self._clock() - since

    def forget(self) -> None:
        """Forget everything: the partitions have been given up."""
        self._next.clear()
        self._since.clear()
