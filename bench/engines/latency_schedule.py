"""Which record of a schedule makes an alert fall due, and how long the alert took after it.

The watermark of a partition is the least, over its topics, of the newest event time, minus the
allowed lateness. A finding about an account is due when the watermark has passed its deadline: so
the record that triggers it is, over the topics, the last of the first ones that lie beyond it.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct


class Latencies(Struct, frozen=True):
    """Seconds from producing a trigger to receiving its alert."""

    median: float
    ninety_ninth: float
    number: int


class Schedule:
    """Records in the order in which they are produced.

    Parameters
    ----------
    records
        Topic, partition and event time (seconds) of each.
    lateness
        The allowed lateness in seconds.
    """

    def __init__(self, records: Iterable[tuple[str, int, float]], lateness: float) -> None:
        self._lateness: Final = lateness
        self._places: Final[dict[int, dict[str, list[int]]]] = {}
        self._times: Final[dict[int, dict[str, list[float]]]] = {}
        for place, (topic, partition, at) in enumerate(records):
            times = self._times.setdefault(partition, {}).setdefault(topic, [])
            if not times or at > times[-1]:
                times.append(at)
                self._places.setdefault(partition, {}).setdefault(topic, []).append(place)

    def trigger(self, partition: int, deadline: float, topics: int) -> int | None:
        """Return the number of the record that makes what is due then known; None if none does.

        `topics` is how many topics each partition has: one that is silent holds time back.
        """
        sources = self._times.get(partition, {})
        if len(sources) < topics:
            return None
        last = -1
        for topic, times in sources.items():
            first = bisect_right(times, deadline + self._lateness)
            if first == len(times):
                return None
            last = max(last, self._places[partition][topic][first])
        return last


def latencies(
    triggers: Mapping[str, int], produced: Sequence[float], received: Mapping[str, float]
) -> Latencies:
    """Compare the times at which triggers were produced with those at which alerts came.

    Triggers without an alert have not been waited for; there must be none.

    Raises
    ------
    ValueError
        If an alert is missing, or there is nothing to compare.
    """
    missing = len(triggers.keys() - received.keys())
    if missing or not triggers:
        raise ValueError(f"of {len(triggers):,} alerts, {missing:,} were not received")
    waits = sorted(received[name] - produced[place] for name, place in triggers.items())
    return Latencies(quantile(waits, 0.5), quantile(waits, 0.99), len(waits))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value with at least this share of all values at or below it."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
