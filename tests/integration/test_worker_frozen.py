"""A worker that was frozen past its session finds another one in its place, and keeps silent."""

import signal
from pathlib import Path
from typing import Final

import pytest

from streams.topic_catalogue import Topic
from tests.brokers.selection import BrokerPool
from tests.integration.busy_month import (
    assert_alerts_are_those_of_the_pipeline,
    send_everything,
)
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.under_load import bounded, shared_kafka, unbounded

pytestmark = pytest.mark.integration

WRITTEN: Final = (Topic.ALERTS, Topic.ALERTS_CURRENT, Topic.OUTCOMES)


def ends(installation: Installation) -> dict[Topic, list[tuple[int, int]]]:
    """Give the places of all records that the stages have told."""
    return {
        topic: sorted((record.partition, record.offset) for record in installation.records(topic))
        for topic in WRITTEN
    }


def has_read_all(worker: WorkerProcess) -> bool:
    return (
        worker.sum_of("aboveboard_ready") == 1
        and worker.sum_of("aboveboard_events_total") > 0
        and worker.sum_of("aboveboard_lag_records") == 0
    )


def test_one_that_was_replaced_while_frozen_writes_nothing_when_it_wakes(
    broker_pool: BrokerPool, tmp_path: Path
) -> None:
    """It is frozen in the midst of a backlog: it wakes with thousands of records in its hands."""
    installation = install(shared_kafka(broker_pool), 2)
    send_everything(installation)
    settings = {"session_timeout": "2", "idle_after": "60"}
    with unbounded(installation, tmp_path, **settings) as frozen:
        frozen.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 500)
        frozen.send_signal(signal.SIGSTOP)
        with unbounded(installation, tmp_path, **settings) as second:
            second.wait_for(has_read_all)
            assert ends(installation)[Topic.OUTCOMES]
            told = ends(installation)
            frozen.send_signal(signal.SIGCONT)
            ending = frozen.ending()
            assert ends(installation) == told
            assert second.end(signal.SIGTERM).code == 0
    assert ending.code == 1, ending.log
    assert "another worker may have these partitions" in ending.log.splitlines()[-1]
    assert "Traceback" not in ending.log
    with bounded(installation, tmp_path) as last:
        assert last.ending().code == 0
    assert_alerts_are_those_of_the_pipeline(installation)
