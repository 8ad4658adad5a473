"""How a real log differs from a perfect one: bounded lateness and repeats, for tests and trials."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import numpy as np

Item = TypeVar("Item")


class _Timed(msgspec.Struct):
    occurred_at: datetime


def timed(lines: Iterable[bytes]) -> Iterator[tuple[datetime, bytes]]:
    """Yield every line with the time its event names.

    Raises msgspec.ValidationError or msgspec.DecodeError for a line that is no event.
    """
    decoder = msgspec.json.Decoder(_Timed)
    for line in lines:
        yield decoder.decode(line).occurred_at, line


def shuffle_within(
    lines_with_time: Iterable[tuple[datetime, bytes]], lateness: timedelta, seed: int
) -> Iterator[bytes]:
    """Yield the lines in another order in which each is late by less than `lateness`.

    An event comes after another that is newer only when it is less than `lateness` older: the
    lines are ordered by their times, each plus its own uniform share of `lateness`. The same seed
    gives the same order. Takes lines in time order (equal times are allowed) and keeps one
    `lateness` of them in memory. Raises ValueError when a line is older than the one before it, or
    `lateness` is negative.
    """
    if lateness < timedelta(0):
        raise ValueError(f"lateness must not be negative, not {lateness}")
    generator = np.random.default_rng(seed)
    waiting: list[tuple[datetime, int, bytes]] = []
    newest: datetime | None = None
    for position, (time, line) in enumerate(lines_with_time):
        if newest is not None and time < newest:
            raise ValueError(f"the lines are not in time order: {time} after {newest}")
        newest = time
        while waiting and waiting[0][0] <= time:
            yield heapq.heappop(waiting)[2]
        heapq.heappush(waiting, (time + _share_of(lateness, generator), position, line))
    while waiting:
        yield heapq.heappop(waiting)[2]


def duplicate(lines: Iterable[Item], share: float, seed: int) -> Iterator[Item]:
    """Yield every item once and a random `share` of them once more, at once.

    The same seed repeats the same items. Repeats within a lateness come from
    `shuffle_within(duplicate(timed(lines), ...), ...)`. Raises ValueError when `share` is not
    between 0 and 1.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share must be between 0 and 1, not {share}")
    generator = np.random.default_rng(seed)
    for line in lines:
        yield line
        if generator.random() < share:
            yield line


def _share_of(lateness: timedelta, generator: np.random.Generator) -> timedelta:
    microseconds = lateness // timedelta(microseconds=1)
    return timedelta(microseconds=int(microseconds * generator.random()))
