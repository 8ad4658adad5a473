"""Tracebacks of libraries are left out only where the worker itself says what happened."""

import asyncio
import logging

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.errors import MembershipLost
from streams.worker.log import TracebackFilter


def record_of(logger: str, error: BaseException | None) -> logging.LogRecord:
    caught = None if error is None else (type(error), error, None)
    return logging.LogRecord(logger, logging.ERROR, "file", 1, "Crashed", None, caught)


@pytest.mark.parametrize(
    ("logger", "error", "written", "with_traceback"),
    [
        ("faust.agents.actor", asyncio.CancelledError(), False, True),
        ("faust.app.base", KafkaConnectionError("gone"), True, False),
        ("streams.broker.transport.thread", MembershipLost("lost"), True, False),
        ("faust.app.base", ValueError("a mistake"), True, True),
        ("faust.app.base", None, True, False),
        ("aboveboard.worker", KafkaConnectionError("gone"), True, True),
        ("aboveboard", asyncio.CancelledError(), True, True),
    ],
)
def test_which_tracebacks_are_written(
    logger: str, error: BaseException | None, *, written: bool, with_traceback: bool
) -> None:
    record = record_of(logger, error)
    assert TracebackFilter().filter(record) is written
    assert (record.exc_info is not None) is with_traceback
