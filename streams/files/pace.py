"""Event time in step with the wall clock: how long an event waits before it is sent."""

import time
from datetime import datetime, timedelta
from typing import Final

import msgspec

LARGEST_JUMP: Final = timedelta(days=7)
"""Event times further apart than this are not waited through: a wrong one would stop everything."""


class EventPace:
    """Makes event time pass at a steady speed, from the first event on.

    Parameters
    ----------
    speed
        Seconds of event time a second.
    """

    def __init__(self, speed: float) -> None:
        self._speed: Final = speed
        self._start: tuple[float, datetime] | None = None
        self._latest: datetime | None = None

    def seconds_until(self, occurred_at: object) -> float:
        """Return the seconds to wait, not positive if the event is due or has no readable time."""
        try:
            moment = msgspec.convert(occurred_at, datetime)
        except msgspec.ValidationError:
            return 0.0
        if moment.tzinfo is None:
            return 0.0
        now = time.monotonic()
        jumped = self._latest is None or abs(moment - self._latest) > LARGEST_JUMP
        self._latest = moment
        if jumped or self._start is None:
            self._start = (now, moment)
        wall, first = self._start
        return wall + (moment - first).total_seconds() / self._speed - now
