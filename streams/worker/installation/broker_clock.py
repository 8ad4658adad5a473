"""The broker's clock, as records of our own show it, and how far the clock here is from it.

The broker stamps every record when it arrives. Silence is measured against these stamps, so the
time that silence grants must be that of the same clock. The clock on the wall here may be wrong: a
machine restored from a snapshot, a failed time service. What it said would be written to the state
and could never be taken back. Between two stamps time goes on by a clock that nobody can set.
"""

import math
import time
from collections.abc import Callable
from typing import Final, NamedTuple

SMALLEST_TOLERANCE: Final = 2.0
"""Seconds by which clocks may differ whatever the settings: machines that are well do so."""

UNKNOWN: Final = -math.inf
"""The time while it is not known: nothing has passed yet."""


class Moment(NamedTuple):
    """What both clocks of this machine say: the one on the wall, and the one that only grows."""

    wall: float
    steady: float


class BrokerClock:
    """Says what time it is at the broker, or that nobody knows.

    Parameters
    ----------
    tolerance
        Seconds by which the clocks may differ.
    valid_for
        Seconds after which a stamp is too old to go on from: the worker may have been frozen.
    wall, steady
        The clocks of this machine.
    """

    def __init__(
        self,
        tolerance: float,
        valid_for: float,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tolerance: Final = max(tolerance, SMALLEST_TOLERANCE)
        self._valid_for: Final = valid_for
        self._wall: Final = wall
        self._steady: Final = steady
        self._stamp: float | None = None
        self._stamped = 0.0
        self._skew = math.nan

    @property
    def skew(self) -> float:
        """Seconds by which the broker's clock is ahead of ours; NaN while that is not known."""
        return self._skew

    @property
    def disagrees(self) -> bool:
        """Whether the clocks differ by more than they may."""
        return abs(self._skew) > self.tolerance

    def moment(self) -> Moment:
        """Return what the clocks say now, before a record is sent and after it was answered."""
        return Moment(self._wall(), self._steady())

    def note(self, sent: Moment, answered: Moment, stamp: float | None) -> None:
        """Note when the broker says a record arrived that was under way between two moments.

        A broker that stamps nothing tells nothing: `stamp` is None.
        """
        if stamp is None:
            self._stamp, self._skew = None, math.nan
            return
        # The time here that the stamp must lie in, whichever way our clock was set meanwhile.
        earliest, latest = sorted((sent.wall, answered.wall))
        self._skew = min(0.0, stamp - earliest) or max(0.0, stamp - latest)
        # The record arrived before the answer: counted from there, we are never ahead.
        self._stamp, self._stamped = stamp, answered.steady

    def now(self) -> float:
        """Return the seconds since the epoch at the broker, `UNKNOWN` if nothing can be granted."""
        passed = self._steady() - self._stamped
        if self._stamp is None or self.disagrees or passed > self._valid_for:
            return UNKNOWN
        return self._stamp + passed
