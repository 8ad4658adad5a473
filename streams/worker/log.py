"""What a worker writes to its log of what libraries say."""

import asyncio
import logging
import sys
from typing import Final

from aiokafka.errors import KafkaError

from detectors.basis.errors import AboveboardError
from streams.worker.log_throttle import SpareForeignMessages

OURS: Final = "aboveboard"
"""The first part of the names of our own loggers."""


class ForeignTracebacks(logging.Filter):
    """Takes tracebacks of what the worker itself tells in one line out of the log.

    mode, under Faust, writes the traceback of whatever ends one of its services before it passes
    the error on: of a broker that is away, which the worker tells as such, and of tasks that were
    cancelled, as all are at the end and some in a rebalance, which is nothing. Any other error
    keeps its traceback, and so does everything that our own loggers write.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be written; it may have lost its traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.partition(".")[0] == OURS:
            return True
        if isinstance(error, asyncio.CancelledError):
            return False
        if isinstance(error, (KafkaError, AboveboardError)):
            record.exc_info = record.exc_text = None
        return True


def set_up_log() -> None:
    """Write to the standard error: of libraries warnings, and those not too often."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(ForeignTracebacks())
    handler.addFilter(SpareForeignMessages(OURS))
    logging.basicConfig(
        handlers=[handler], level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s"
    )
    logging.getLogger(OURS).setLevel(logging.INFO)
