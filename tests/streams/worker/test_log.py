"""Of libraries the log has what is news: see the two filters."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.errors import MembershipLost
from streams.worker.log import SECONDS_BETWEEN, ThrottleFilter, TracebackFilter


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


def warning_of(name: str, message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "", 1, message, arguments, None)


def at(*moments: float) -> Iterator[float]:
    return iter(moments)


def test_a_library_says_the_same_once_in_a_while() -> None:
    moments = at(100, 101, 102, 100 + SECONDS_BETWEEN)
    throttle = ThrottleFilter("ours", lambda: next(moments))
    assert throttle.filter(warning_of("library.client", "no node %d", 1))
    assert not throttle.filter(warning_of("library.client", "no node %d", 2))
    assert throttle.filter(warning_of("library.client", "another matter"))
    assert throttle.filter(warning_of("library.client", "no node %d", 3))


def test_our_own_messages_are_all_written() -> None:
    throttle = ThrottleFilter("ours", lambda: 0.0)
    assert all(throttle.filter(warning_of("ours.worker", "restored")) for _ in range(3))
