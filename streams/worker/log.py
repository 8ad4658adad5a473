"""What a worker writes to its log: everything of its own, and of libraries what is news."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from typing import Final

from detectors.basis.errors import AboveboardError
from streams.broker.client_errors import KafkaError
from streams.errors import FaustFailed

OURS: Final = "aboveboard"
"""The first part of the names of our own loggers."""

SECONDS_BETWEEN: Final = 10.0
"""How often the same message of a library is written."""


class TracebackFilter(logging.Filter):
    """Removes tracebacks of what the worker itself reports in one line.

    mode, under Faust, writes the traceback of whatever ends one of its services before it passes
    the error on: of a broker that is away, which the worker reports as such, and of tasks that were
    cancelled, as all are at the end and some in a rebalance, which is nothing. Any other error
    keeps its traceback, and so does everything that our own loggers write.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be written; it may have lost its traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.partition(".")[0] == OURS:
            return True
        if isinstance(error, asyncio.CancelledError):
            return False
        if isinstance(error, (KafkaError, AboveboardError)):
            record.exc_info = record.exc_text = None
        return True


class ThrottleFilter(logging.Filter):
    """Lets each message of other programs' loggers through once in `SECONDS_BETWEEN`.

    A library may say the same a hundred times a second. Messages that differ in their arguments
    only count as one. Our own loggers, below `ours`, are never held back.
    """

    def __init__(self, ours: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._ours: Final = ours
        self._clock: Final = clock
        self._written_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be written."""
        if record.name.partition(".")[0] == self._ours:
            return True
        now = self._clock()
        kind = (record.name, str(record.msg))
        if now - self._written_at.get(kind, now - SECONDS_BETWEEN) < SECONDS_BETWEEN:
            return False
        self._written_at[kind] = now
        return True


def set_up_log() -> None:
    """Write to the standard error: of libraries warnings, and those not too often."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(TracebackFilter())
    handler.addFilter(ThrottleFilter(OURS))
    logging.basicConfig(
        handlers=[handler], level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s"
    )
    logging.getLogger(OURS).setLevel(logging.INFO)


def is_expected(error: BaseException) -> bool:
    """Return whether the sentence of a failure says enough, without its traceback."""
    if isinstance(error, FaustFailed) and error.__cause__ is not None:
        return is_expected(error.__cause__)
    return isinstance(error, (AboveboardError, KafkaError))


def named(error: BaseException | None) -> str:
    """Return what an error says, or its kind if it says nothing, as a full memory does not."""
    if error is None:
        return "it does not say why"
    return str(error).strip() or type(error).__name__
