import logging
from collections.abc import Iterator

from streams.worker.log import SECONDS_BETWEEN, ThrottleFilter


def record(name: str, message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "", 1, message, arguments, None)


def at(*moments: float) -> Iterator[float]:
    return iter(moments)


def test_a_library_says_the_same_once_in_a_while() -> None:
    moments = at(100, 101, 102, 100 + SECONDS_BETWEEN)
    spare = ThrottleFilter("ours", lambda: next(moments))
    assert spare.filter(record("library.client", "no node %d", 1))
    assert not spare.filter(record("library.client", "no node %d", 2))
    assert spare.filter(record("library.client", "another matter"))
    assert spare.filter(record("library.client", "no node %d", 3))


def test_our_own_messages_are_all_written() -> None:
    spare = ThrottleFilter("ours", lambda: 0.0)
    assert all(spare.filter(record("ours.worker", "restored")) for _ in range(3))
