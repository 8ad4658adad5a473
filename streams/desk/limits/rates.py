"""How often somebody may ask: a bucket of requests each, which fills again as time passes."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

USUAL_BURST: Final = 300
USUAL_PER_SECOND: Final = 30.0
"""A page asks for less than ten files, and people press less than ten keys a second."""

_MOST_KNOWN: Final = 10_000


class _Bucket(NamedTuple):
    left: float
    at: float


class Rates:
    """Counts requests by who asks.

    Parameters
    ----------
    burst
        Requests that somebody may send at once.
    per_second
        Requests by which their bucket fills again.
    clock
        Gives seconds.
    """

    def __init__(
        self,
        burst: int = USUAL_BURST,
        per_second: float = USUAL_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst: Final = burst
        self._per_second: Final = per_second
        self._clock: Final = clock
        self._buckets: Final[dict[str, _Bucket]] = {}

    def __len__(self) -> int:
        """Return how many are counted."""
        return len(self._buckets)

    def admits(self, who: str) -> bool:
        """Return whether somebody may ask once more, and count it if so."""
        now = self._clock()
        left = self._left(self._buckets.get(who), now)
        if left < 1:
            return False
        if len(self._buckets) >= _MOST_KNOWN:
            self._forget(now)
        self._buckets[who] = _Bucket(left - 1, now)
        return True

    def _left(self, bucket: _Bucket | None, now: float) -> float:
        if bucket is None:
            return self._burst
        return min(self._burst, bucket.left + (now - bucket.at) * self._per_second)

    def _forget(self, now: float) -> None:
        """Forget those whose bucket is full again: they are as if they had never asked."""
        for who in [w for w, b in self._buckets.items() if self._left(b, now) >= self._burst]:
            del self._buckets[who]
