"""Workers come and go under load, on real Kafka, and nothing is lost, doubled or held up."""

import signal
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from streams.wire.topics import EVENT_TOPICS
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.busy_month import (
    assert_alerts_are_those_of_the_pipeline,
    assert_every_refused_record_is_a_dead_letter,
    event_lines,
    hostile_records,
)
from tests.integration.installation import PATIENCE, Installation, WorkerProcess, install
from tests.integration.test_worker_health import is_ready
from tests.integration.under_load import (
    NO_SILENCE,
    being_sent,
    bounded,
    in_charge_of,
    shared_kafka,
    unbounded,
)

pytestmark = pytest.mark.integration

PARTITIONS: Final = 6  # so that three workers can share them evenly
ALL: Final = [str(number) for number in range(PARTITIONS)]
LONG_SESSION: Final = "85"
"""Seconds, nearly the most that Faust takes."""

SOON: Final = 60.0
"""Seconds; a worker that is found missing only when its session ends is found later."""


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    return shared_kafka(broker_pool)


def events_of(worker: WorkerProcess) -> float:
    return worker.sum_of("aboveboard_events_total")


def committed(installation: Installation) -> int:
    """Return how many events the group has read for good."""
    return sum(
        offset or 0 for topic in EVENT_TOPICS for offset in installation.committed(topic).values()
    )


def wait_until_shared(*workers: WorkerProcess, seconds: float = PATIENCE) -> None:
    """Return when each of them has partitions, they have all of them, and none has another's."""

    def shared(_: WorkerProcess) -> bool:
        for stage in ("ledger", "agents"):
            had = [in_charge_of(worker, stage) for worker in workers]
            if sorted(chain.from_iterable(had)) != ALL or not all(had):
                return False
        return True

    workers[0].wait_for(shared, seconds)


def stop(worker: WorkerProcess) -> None:
    ending = worker.end(signal.SIGTERM)
    assert ending.code == 0, ending.log


def finish(installation: Installation, folder: Path) -> None:
    """Let one more worker bring everything to its end; the alerts are then those of the rule."""
    with bounded(installation, folder) as last:
        assert last.ending().code == 0, last.log()
        # Inside of the block: if it fails, the log of the worker is shown.
        assert_alerts_are_those_of_the_pipeline(installation)
    assert_every_refused_record_is_a_dead_letter(installation)


def test_one_that_is_told_to_stop_under_load_has_committed_what_it_applied(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    """Less would be read again, which is counted; more would be missing, which is an error."""
    installation = install(kafka, PARTITIONS)
    with unbounded(installation, tmp_path, idle_after=NO_SILENCE) as first:
        # Ready before anything comes: else it reads all of it at once, and no load is left.
        first.wait_for(is_ready)
        with being_sent(installation):
            first.wait_for(lambda it: events_of(it) > 1_000)
            stop(first)
            left = len(event_lines()) + len(hostile_records()) - committed(installation)
            with unbounded(installation, tmp_path, idle_after=NO_SILENCE) as second:
                second.wait_for(lambda it: events_of(it) >= min(left, 3_000))
                assert second.sum_of("aboveboard_redelivered_records_total") == 0
                stop(second)
    finish(installation, tmp_path)


def test_one_that_stops_leaves_the_group(kafka: AvailableBroker, tmp_path: Path) -> None:
    """The other takes over long before the session of the first would have ended."""
    installation = install(kafka, PARTITIONS)
    patient = {"session_timeout": LONG_SESSION, "idle_after": NO_SILENCE}
    with (
        unbounded(installation, tmp_path, **patient) as first,
        unbounded(installation, tmp_path, **patient) as second,
    ):
        wait_until_shared(first, second)
        with being_sent(installation):
            for worker in (first, second):
                worker.wait_for(lambda it: events_of(it) > 500)
            stop(first)
            wait_until_shared(second, seconds=SOON)
        stop(second)
    finish(installation, tmp_path)


def test_workers_are_added_and_taken_away(kafka: AvailableBroker, tmp_path: Path) -> None:
    installation = install(kafka, PARTITIONS)
    steady = {"session_timeout": "6", "idle_after": NO_SILENCE}
    with (
        being_sent(installation, slower=4),
        unbounded(installation, tmp_path, **steady) as first,
    ):
        first.wait_for(lambda it: events_of(it) > 200)
        with unbounded(installation, tmp_path, **steady) as second:
            wait_until_shared(first, second)
            with unbounded(installation, tmp_path, **steady) as third:
                wait_until_shared(first, second, third)
                stop(second)
                wait_until_shared(first, third)
                stop(third)
        wait_until_shared(first)
        stop(first)
    finish(installation, tmp_path)
