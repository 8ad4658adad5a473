"""The watermark: the event time up to which a partition is complete."""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from detectors.durations import seconds_of
from detectors.event_time import BEGINNING
from detectors.settings import Time


class SourceClock(Struct):
    """The newest credible event time of one source, and a claim that waits for confirmation."""

    newest: float = BEGINNING
    claimed: float = BEGINNING
    claimed_by: str = ""


class EventClock:
    """Follows the event times of several sources of one partition.

    A source's time moves with its newest event. An event ahead of it by more than the largest jump
    (and the very first event) only makes a claim: the time moves there when an event of another
    account agrees to within that jump. One wrong timestamp therefore never moves the clock.
    """

    def __init__(self, time: Time, sources: Collection[str]) -> None:
        self._lateness: Final = seconds_of(time.allowed_lateness)
        self._jump: Final = seconds_of(time.largest_jump)
        self._sources = {source: SourceClock() for source in sources}

    def observe(self, source: str, at: float, account_id: str) -> None:
        """Take note of an event at time `at` (seconds) about `account_id`."""
        clock = self._sources[source]
        if at <= clock.newest:
            return
        if at <= clock.newest + self._jump:
            clock.newest = at
            return
        if clock.claimed_by == account_id:
            clock.claimed = min(clock.claimed, at)
        elif clock.claimed_by and abs(at - clock.claimed) <= self._jump:
            clock.newest = max(at, clock.claimed)
            clock.claimed_by = ""
        elif not clock.claimed_by or at < clock.claimed:
            clock.claimed, clock.claimed_by = at, account_id

    def newest(self) -> float:
        """Give the newest credible event time of any source; minus infinity before the first."""
        return max(clock.newest for clock in self._sources.values())

    def watermark(self, drained: Collection[str] = ()) -> float:
        """Give the time before which every event has arrived, in seconds.

        A drained source (nothing left to read) holds nothing back; if all are, the newest event of
        any of them counts. Minus infinity until enough is known.
        """
        waiting = [c.newest for source, c in self._sources.items() if source not in drained]
        return (min(waiting) if waiting else self.newest()) - self._lateness

    def snapshot(self) -> dict[str, SourceClock]:
        """Give the state, sharing nothing with this clock."""
        return {
            source: SourceClock(clock.newest, clock.claimed, clock.claimed_by)
            for source, clock in self._sources.items()
        }

    def restore(self, state: dict[str, SourceClock]) -> None:
        """Take over a state given by `snapshot`."""
        self._sources.update(state)
