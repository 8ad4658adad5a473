"""The watermark: the event time up to which a partition is complete."""

from collections.abc import Collection
from itertools import pairwise
from math import inf
from operator import attrgetter
from typing import Final

from msgspec import Struct, field

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId
from detectors.settings import TimeSettings


class TimeClaim(Struct, frozen=True, array_like=True):
    """The time of an event too far ahead to be believed without a second one."""

    at: Seconds
    account_id: AccountId


class SourceClock(Struct):
    """The newest credible event time of one source, and claims that wait for confirmation."""

    newest: Seconds = BEGINNING
    claims: list[TimeClaim] = field(default_factory=list)


class EventClock:
    """Follows the event times of several sources of one partition.

    A source's time moves with its newest event. An event ahead of it by more than the largest jump
    (and the very first event) only makes a claim: the time moves there when an event of another
    account confirms it to within that jump, or when the time itself comes near. One wrong timestamp
    therefore never moves the clock, and the time reached does not depend on the order of events.
    """

    def __init__(self, time: TimeSettings, sources: Collection[str]) -> None:
        self._lateness: Final = seconds_of(time.allowed_lateness)
        self._jump: Final = seconds_of(time.largest_jump)
        self._sources = {source: SourceClock() for source in sources}

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        """Record an event at time `at` (seconds) about `account_id`.

        Return the newest credible event time of that source.
        """
        clock = self._sources[source]
        newest = clock.newest
        if at <= newest:
            return newest
        if at <= newest + self._jump:
            clock.newest = at
            if clock.claims:
                self._pass_claims(clock)
        else:
            self._add_claim(clock, at, account_id)
        return clock.newest

    def reached(self, source: str) -> Seconds:
        """Return the newest credible event time of one source; minus infinity before the first."""
        return self._sources[source].newest

    def next_claim(self, source: str) -> Seconds:
        """Return the nearest time that waits for confirmation; infinite if there is none."""
        claims = self._sources[source].claims
        return claims[0].at if claims else Seconds(inf)

    def move(self, source: str, newest: Seconds) -> None:
        """Move the time of a source, within the largest jump and before its nearest claim."""
        self._sources[source].newest = newest

    def newest(self) -> Seconds:
        """Return the newest credible event time of any source; minus infinity before the first."""
        return max(clock.newest for clock in self._sources.values())

    def watermark(self, drained: Collection[str] = ()) -> Seconds:
        """Return the time before which every event has arrived, in seconds.

        A drained source (nothing left to read) holds nothing back; if all are drained, the newest
        event of any of them counts. Minus infinity until enough is known.
        """
        waiting = [c.newest for source, c in self._sources.items() if source not in drained]
        return (min(waiting) if waiting else self.newest()) - self._lateness

    def snapshot(self) -> dict[str, SourceClock]:
        """Return the state, sharing nothing with this clock."""
        return {
            source: SourceClock(clock.newest, list(clock.claims))
            for source, clock in self._sources.items()
        }

    def restore(self, state: dict[str, SourceClock]) -> None:
        """Restore a state that `snapshot` returned."""
        self._sources.update(state)

    def _add_claim(self, clock: SourceClock, at: Seconds, account_id: AccountId) -> None:
        agreeing = [
            claim.at
            for claim in clock.claims
            if claim.account_id != account_id and abs(claim.at - at) <= self._jump
        ]
        if agreeing:
            clock.newest = max(at, *agreeing)
            self._pass_claims(clock)
        else:
            self._remember(clock, TimeClaim(at, account_id))

    def _remember(self, clock: SourceClock, claim: TimeClaim) -> None:
        """Keep a claim; of three by one account within a jump, the middle one is not needed."""
        # What would confirm the middle one confirms the first or the last as well. So one account
        # that sends wild times is kept as two claims a jump, and cannot fill the memory.
        own = [other for other in clock.claims if other.account_id == claim.account_id]
        own = sorted({*own, claim}, key=attrgetter("at"))
        needed = own[:1]
        for middle, after in pairwise(own[1:]):
            if after.at - needed[-1].at > self._jump:
                needed.append(middle)
        needed += own[1:][-1:]
        others = [other for other in clock.claims if other.account_id != claim.account_id]
        clock.claims = sorted(others + needed, key=attrgetter("at", "account_id"))

    def _pass_claims(self, clock: SourceClock) -> None:
        """Advance the time over the claims it has come near to."""
        claims = clock.claims
        if claims and claims[0].at > clock.newest + self._jump:
            return
        ahead = 0
        for claim in claims:
            if claim.at > clock.newest + self._jump:
                break
            clock.newest = max(clock.newest, claim.at)
            ahead += 1
        clock.claims = claims[ahead:]
