"""The watermark: the event time up to which a partition is complete."""

from collections.abc import Collection
from typing import Final

import numpy as np
from msgspec import Struct, field

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AccountId
from detectors.ledger.agreement import (
    AGREED,
    HEARD,
    HEARD_OF,
    LEAPS,
    NEWEST,
    OLDEST,
    WAITING,
    Agreement,
    account_number,
    no_agreement,
    observe,
)
from detectors.time_settings import TimeSettings


class TimeClaim(Struct, frozen=True, array_like=True):
    """The time of an event that is ahead of what is agreed upon.

    ``account`` is the number of its account, ``against`` how many events would be late if it was
    right.
    """

    at: Seconds
    account: int
    against: int


class SourceClock(Struct):
    """The state of one source.

    ``newest`` is its newest credible event time, ``agreed`` the one that enough accounts have
    reached. ``claims`` are events ahead of that, ``heard`` the numbers of the accounts that it told
    of last, with their newest times: how many there are decides how many are enough.
    """

    newest: Seconds = BEGINNING
    agreed: Seconds = BEGINNING
    claims: list[TimeClaim] = field(default_factory=list)
    heard: list[tuple[int, Seconds]] = field(default_factory=list)


class EventClock:
    """Follows the event times of several sources of one partition.

    A source's time moves to an event that lies within the allowed lateness of the time that enough
    accounts have reached: one in ten of those it has told of within the largest jump, and ten at
    most. So fewer accounts than that never move it, whatever times they send, and however often;
    and the time reached does not depend on the order of events. While it tells of fewer than twenty
    accounts in that time, each event moves it that is ahead by no more than the largest jump, and
    two accounts must have got further than that.
    """

    def __init__(self, time: TimeSettings, sources: Collection[str]) -> None:
        self._lateness: Final = seconds_of(time.allowed_lateness)
        self._jump: Final = seconds_of(time.largest_jump)
        self._sources = {source: no_agreement() for source in sources}

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        """Record an event at time `at` (seconds) about `account_id`.

        Return the newest credible event time of that source.
        """
        data = np.frombuffer(account_id.encode(), dtype=np.uint8)
        account = account_number(data, 0, len(data))
        newest = observe(self._sources[source], at, account, self._lateness, self._jump)
        return Seconds(float(newest))

    def of(self, source: str) -> Agreement:
        """Return the arrays of a source, for compiled code to move it as `observe` does."""
        return self._sources[source]

    def reached(self, source: str) -> Seconds:
        """Return the newest credible event time of one source; minus infinity before the first."""
        return Seconds(float(self._sources[source].times[NEWEST]))

    def leaps(self, source: str) -> int:
        """Count how often an event moved one source by more than a day since this clock began."""
        return int(self._sources[source].counts[LEAPS])

    def newest(self) -> Seconds:
        """Return the newest credible event time of any source; minus infinity before the first."""
        return max(map(self.reached, self._sources))

    def watermark(self, drained: Collection[str] = ()) -> Seconds:
        """Return the time before which every event has arrived, in seconds.

        A drained source (nothing left to read) holds nothing back; if all are drained, the newest
        event of any of them counts. Minus infinity until enough is known.
        """
        waiting = [self.reached(source) for source in self._sources if source not in drained]
        return Seconds((min(waiting) if waiting else self.newest()) - self._lateness)

    def snapshot(self) -> dict[str, SourceClock]:
        """Return the state, sharing nothing with this clock."""
        return {source: _saved(one) for source, one in self._sources.items()}

    def restore(self, state: dict[str, SourceClock]) -> None:
        """Restore a state that `snapshot` returned."""
        self._sources |= {source: _restored(saved) for source, saved in state.items()}


def _saved(one: Agreement) -> SourceClock:
    waiting, heard, oldest = (int(one.counts[n]) for n in (WAITING, HEARD_OF, OLDEST))
    order = [(oldest - heard + number) % HEARD for number in range(heard)]
    columns = (one.at[:waiting], one.account[:waiting], one.against[:waiting])
    claims = zip(*(column.tolist() for column in columns), strict=True)
    return SourceClock(
        Seconds(float(one.times[NEWEST])),
        Seconds(float(one.times[AGREED])),
        [TimeClaim(*claim) for claim in claims],
        list(zip(one.heard[order].tolist(), one.heard_at[order].tolist(), strict=True)),
    )


def _restored(saved: SourceClock) -> Agreement:
    one = no_agreement()
    one.times[NEWEST], one.times[AGREED] = saved.newest, saved.agreed
    waiting, heard = len(saved.claims), len(saved.heard)
    one.at[:waiting] = [claim.at for claim in saved.claims]
    one.account[:waiting] = [claim.account for claim in saved.claims]
    one.against[:waiting] = [claim.against for claim in saved.claims]
    one.heard[:heard] = [account for account, _ in saved.heard]
    one.heard_at[:heard] = [at for _, at in saved.heard]
    one.counts[WAITING], one.counts[HEARD_OF], one.counts[OLDEST] = waiting, heard, heard % HEARD
    return one
