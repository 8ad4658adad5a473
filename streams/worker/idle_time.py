"""For how long each topic of a partition has had nothing left to read, by the wall clock."""

import time
from collections.abc import Callable
from typing import Final

from streams.wire.topics import Topic

TopicPartition = tuple[Topic, int]


class IdleTime:
    """Follows how far partitions have been applied, and where they end.

    A partition is idle since the first look that found all of it applied and no more of it than at
    the look before. One whose end is not known is not idle.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._reached: dict[TopicPartition, int] = {}
        self._since: dict[TopicPartition, float] = {}

    def look(self, topic: Topic, partition: int, reached: int, end: int | None) -> None:
        """Note the offset after the last record applied, and of the partition's end."""
        topic_partition = (topic, partition)
        if end is None or reached < end or self._reached.get(topic_partition) != reached:
            self._since.pop(topic_partition, None)
        if end is not None and reached >= end:
            self._since.setdefault(topic_partition, self._clock())
        self._reached[topic_partition] = reached

    def seconds(self, topic: Topic, partition: int) -> float:
        """Return the idle seconds so far, 0 while there is something to read."""
        since = self._since.get((topic, partition))
        return 0.0 if since is None else self._clock() - since

    def forget(self) -> None:
        """Forget everything: the partitions have been released."""
        self._reached.clear()
        self._since.clear()
