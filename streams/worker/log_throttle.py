"""Keeps a log readable while a library says the same a hundred times a second."""

import logging
import time
from collections.abc import Callable
from typing import Final

SECONDS_BETWEEN: Final = 10.0


class SpareForeignMessages(logging.Filter):
    """Lets each message of other programs' loggers through once in `SECONDS_BETWEEN`.

    Messages that differ in their arguments only count as one. Our own loggers, below `ours`, are
    never held back.
    """

    def __init__(self, ours: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._ours: Final = ours
        self._clock: Final = clock
        self._told_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be written."""
        if record.name.partition(".")[0] == self._ours:
            return True
        now = self._clock()
        kind = (record.name, str(record.msg))
        if now - self._told_at.get(kind, now - SECONDS_BETWEEN) < SECONDS_BETWEEN:
            return False
        self._told_at[kind] = now
        return True
