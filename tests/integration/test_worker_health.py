"""What a running worker answers when it is asked how it is."""

import json
import signal
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from streams.demo.embedded_broker import EmbeddedBroker
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.busy_month import event_lines
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.other_settings import worker_under_other_settings
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration


def asked(worker: WorkerProcess, path: str) -> tuple[int, Any]:
    """Return status and body of an answer; 0 and nothing while there is none, or not all of one."""
    try:
        try:
            with urllib.request.urlopen(worker.address + path, timeout=5) as answer:  # noqa: S310 - ours
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
    except (OSError, HTTPException):
        return 0, None


def is_ready(worker: WorkerProcess) -> bool:
    return asked(worker, "/readyz")[0] == 200


def complaints_of(worker: WorkerProcess) -> set[str]:
    status, told = asked(worker, "/healthz")
    return {complaint["what"] for complaint in told["complaints"]} if status == 503 else set()


def test_it_is_ready_only_with_its_state(broker: AvailableBroker) -> None:
    """And then its log says that every partition of every stage was restored."""
    installation = install(broker, 2)
    installation.send_events(event_lines()[:1_000])
    for _ in range(2):
        with installation.worker() as worker:
            worker.wait_for(lambda it: asked(it, "/readyz")[0] == 503)
            assert asked(worker, "/healthz")[0] == 200
            worker.wait_for(is_ready)
            for stage, partitions in (("ledger", "0, 1"), ("agents", "0, 1"), ("peers", "0")):
                assert f"{stage}: partitions {partitions} restored" in worker.log()
            assert worker.sum_of("aboveboard_ready") == 1
            assert worker.end(signal.SIGTERM).code == 0


def lagging_places(worker: WorkerProcess) -> set[tuple[str, str]]:
    """Return the stages and topics whose lag is told, whatever it is."""
    return {
        (sample.labels["stage"], sample.labels["topic"])
        for family in worker.metrics()
        for sample in family.samples
        if sample.name == "aboveboard_lag_records"
    }


def test_lag_is_told_and_worked_off(broker: AvailableBroker) -> None:
    installation = install(broker, 2)
    installation.send_events(event_lines()[:3_000])
    with installation.worker() as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 3_000)
        worker.wait_for(
            lambda it: (
                {
                    ("ledger", Topic.SALES.value),
                    ("agents", Topic.OUTCOMES.value),
                }
                <= lagging_places(it)
            )
        )
        worker.wait_for(lambda it: it.sum_of("aboveboard_lag_records") == 0)
        assert asked(worker, "/healthz") == (200, {"alive": True, "complaints": []})
        assert worker.end(signal.SIGTERM).code == 0


def test_a_worker_too_many_stands_by(broker: AvailableBroker) -> None:
    installation = install(broker, 1)
    with installation.worker() as first, installation.worker() as second:
        for worker in (first, second):
            worker.wait_for(is_ready)
        for worker in (first, second):
            assert asked(worker, "/healthz")[0] == 200
            assert worker.end(signal.SIGTERM).code == 0


def test_state_that_cannot_be_read_is_never_ready(broker: AvailableBroker, tmp_path: Path) -> None:
    with worker_under_other_settings(broker, tmp_path) as worker:
        seen = {asked(worker, "/readyz")[0]}
        while worker.running():
            seen.add(asked(worker, "/readyz")[0])
        assert worker.ending().code == 2
    assert seen <= {0, 503}


def test_a_broker_that_is_silent_is_not_the_fault_of_the_worker() -> None:
    """The worker gives up by itself; until then it is not one that should be started anew."""
    with EmbeddedBroker() as broker:
        installation = Installation(broker.bootstrap, 1)
        with installation.worker(stall_after="10", broker_patience="16") as worker:
            worker.wait_for(is_ready)
            broker.stop()
            seen, ready = set(), set()
            while worker.running():
                seen.add(asked(worker, "/healthz")[0])
                ready.add(asked(worker, "/readyz")[0])
            assert worker.ending().code == 1
    assert seen <= {0, 200}
    assert 503 in ready  # nor is it one to rely on


def test_other_paths_are_named(broker: AvailableBroker) -> None:
    with install(broker, 1).worker() as worker:
        worker.wait_for(is_ready)
        assert asked(worker, "/") == (404, {"paths": ["/healthz", "/metrics", "/readyz"]})
        assert worker.end(signal.SIGTERM).code == 0


def test_a_group_that_finds_no_rest_is_no_life(broker_pool: BrokerPool) -> None:
    """A frozen worker holds up the rebalance that another one waits for."""
    installation = install(shared_kafka(broker_pool), 2)
    settings = {"session_timeout": "30", "stall_after": "3"}
    with installation.worker(**settings) as first:
        first.wait_for(is_ready)
        first.send_signal(signal.SIGSTOP)
        with installation.worker(**settings) as second:
            second.wait_for(lambda it: "waits for partitions" in complaints_of(it))
            assert asked(second, "/readyz")[0] == 503


def test_a_topic_that_is_mostly_refused_is_told_at_readyz(broker: AvailableBroker) -> None:
    """With what its records look like; and a source that was repaired is believed again."""
    installation = install(broker, 1)
    with installation.worker() as worker:
        worker.wait_for(is_ready)
        installation.send(Topic.SALES, [b"\0\0\0\0\x07{}"] * 120)
        worker.wait_for(lambda it: asked(it, "/readyz")[0] == 503)
        (complaint,) = asked(worker, "/readyz")[1]["complaints"]
        assert (complaint["topic"], complaint["partition"]) == (Topic.SALES, 0)
        assert "source write plain JSON" in complaint["what"]
        assert "replay them when they can be read" in complaint["remedy"]
        assert "records, the first of which looks like a record framed by a" in complaint["what"]
        assert "schema id 7" in complaint["what"]
        assert asked(worker, "/healthz")[0] == 200
        installation.send_events(event_lines()[:1_000])
        worker.wait_for(is_ready)
        assert worker.end(signal.SIGTERM).code == 0
