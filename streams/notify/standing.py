"""How a notifier stands, as its pages tell it: its loop reports, and another thread asks."""

import time
from threading import Lock
from typing import Final

from streams.serving.page import Complaint, Condition


class Standing:
    """What the loop of a notifier last said of itself.

    *Alive* means that the loop goes round. *Ready* means that nothing is wrong: it stands by, or it
    has read everything and every receiver answers.

    Parameters
    ----------
    stall_after
        Seconds without a round after which it is not alive.
    """

    def __init__(self, stall_after: float) -> None:
        self._stall_after: Final = stall_after
        self._lock: Final = Lock()
        self._round_at = time.monotonic()
        self._wrong: dict[str, float] = {"is starting": self._round_at}

    def round(self, *wrong: str) -> None:
        """Note that the loop has gone round, and all that is wrong."""
        with self._lock:
            self._round_at = time.monotonic()
            self._wrong = {what: self._wrong.get(what, self._round_at) for what in wrong}

    def liveness(self) -> Condition:
        """Return whether the loop goes round."""
        with self._lock:
            seconds = time.monotonic() - self._round_at
        if seconds <= self._stall_after:
            return Condition()
        return Condition([Complaint("the notifier's loop has not reported", seconds)])

    def readiness(self) -> Condition:
        """Return whether nothing is wrong."""
        now = time.monotonic()
        with self._lock:
            return Condition([Complaint(what, now - since) for what, since in self._wrong.items()])
