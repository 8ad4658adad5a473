"""Records that are dated far after those that follow them: who may have moved time wrongly.

A partition is written as things happen, give or take the lateness of its sources. So a record whose
time lies after most of those that come next is a clock ahead, a date of the future, or the last of
its source before the others caught up; people tell which. The median is asked, not the newest: ten
wrong clocks together move time, and they say nothing against each other.
"""

from collections.abc import Iterator
from heapq import heappush, heapreplace
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from detectors.basis.event_time import Seconds
from streams.wire.topics import Topic

FOLLOWERS: Final = 99
"""Records whose median is asked; half of them may be wrong in the same way."""

SHOWN: Final = 100
"""The furthest records, which are kept."""

_AT_ONCE: Final = 4_096


class AheadOfFollowers(NamedTuple):
    """A record that is dated ``by`` seconds after the median of those that follow it."""

    by: float
    topic: Topic
    partition: int
    offset: int
    at: Seconds


class Followers:
    """Finds such records among all that it is shown.

    Parameters
    ----------
    tolerance
        Seconds by which a record may be ahead: the allowed lateness.
    """

    def __init__(self, tolerance: float) -> None:
        self._tolerance: Final = tolerance
        self._open: Final[dict[tuple[Topic, int], list[tuple[int, Seconds]]]] = {}
        self._furthest: Final[list[AheadOfFollowers]] = []
        self._number = 0

    def note(self, topic: Topic, partition: int, offset: int, at: Seconds) -> None:
        """Note an event of a partition, after those before it."""
        waiting = self._open.setdefault((topic, partition), [])
        waiting.append((offset, at))
        if len(waiting) == _AT_ONCE + FOLLOWERS:
            self._look((topic, partition), waiting, _AT_ONCE)
            del waiting[:_AT_ONCE]

    def found(self) -> tuple[list[AheadOfFollowers], int]:
        """Return the furthest of all, the furthest first, and how many there are; call it once.

        The last record of a partition is followed by none, and so is not among them.
        """
        for place, waiting in self._open.items():
            whole = max(0, len(waiting) - FOLLOWERS)
            self._look(place, waiting, whole)
            for first in range(whole, len(waiting) - 1):
                self._judge(
                    place, waiting[first], np.median([at for _, at in waiting[first + 1 :]])
                )
        return sorted(self._furthest, reverse=True), self._number

    def _look(
        self, place: tuple[Topic, int], waiting: list[tuple[int, Seconds]], number: int
    ) -> None:
        """Judge the first ones, each of which has all of its followers."""
        if number == 0:
            return
        times = np.array([at for _, at in waiting[1 : number + FOLLOWERS]])
        medians = np.median(sliding_window_view(times, FOLLOWERS), axis=1)
        for one, median in zip(waiting[:number], medians.tolist(), strict=True):
            self._judge(place, one, median)

    def _judge(self, place: tuple[Topic, int], one: tuple[int, Seconds], median: float) -> None:
        offset, at = one
        if at - median <= self._tolerance:
            return
        self._number += 1
        found = AheadOfFollowers(float(at - median), *place, offset, at)
        if len(self._furthest) < SHOWN:
            heappush(self._furthest, found)
        elif found > self._furthest[0]:
            heapreplace(self._furthest, found)


def in_ranges(found: list[AheadOfFollowers]) -> Iterator[tuple[Topic, int, int, int]]:
    """Yield topic, partition, first and last offset of all of these, neighbours as one range."""
    places = sorted((one.topic, one.partition, one.offset) for one in found)
    first = 0
    for number, (topic, partition, offset) in enumerate(places):
        if number + 1 == len(places) or places[number + 1] != (topic, partition, offset + 1):
            yield topic, partition, places[first][2], offset
            first = number + 1
