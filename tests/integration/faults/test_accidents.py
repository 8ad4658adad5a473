"""Accidents of a cluster: each turns readiness off, or ends the worker with exit code 2.

Workers start together, since that is what takes the time; each test then does its accident.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.wire.topics import Topic
from streams.worker.installation.claim import new_key
from tests.brokers.selection import BrokerPool
from tests.integration.busy_month import event_lines
from tests.integration.faults.accidents import (
    admin,
    change,
    complaints,
    recreate,
    tells_within_a_minute,
)
from tests.integration.installation import Installation, WorkerProcess
from tests.integration.test_worker_health import asked, is_ready
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration

SOON = {"look_every": "1"}
GROUP = "north-aboveboard"


@dataclass
class Running:
    """An installation and its worker, which is ready."""

    installation: Installation
    worker: WorkerProcess


@pytest.fixture(scope="module")
def bootstrap(broker_pool: BrokerPool) -> str:
    return shared_kafka(broker_pool).bootstrap


@pytest.fixture(scope="module")
def running(bootstrap: str) -> Iterator[dict[str, Running]]:
    with ExitStack() as stack:
        started = {}
        for name in ("calm", "recreated", "grown"):
            installation = Installation(bootstrap, 2, 1)
            worker = stack.enter_context(installation.worker(group=GROUP, **SOON))
            started[name] = Running(installation, worker)
        for one in started.values():
            one.worker.wait_for(is_ready)
        yield started


@pytest.fixture
def calm(running: dict[str, Running]) -> Iterator[Running]:
    """Yield one that must be ready and untouched in the end, whatever others did to it."""
    yield running["calm"]
    running["calm"].worker.wait_for(is_ready)


def settings_file(folder: Path, days: int) -> str:
    path = folder / f"{days}.toml"
    path.write_text(f'[patterns.unused_account]\nwindow = "{days}d"\n', encoding="utf-8")
    return str(path)


def test_an_event_topic_that_was_created_again(running: dict[str, Running]) -> None:
    """What was read of the old one stands in the state: records of the new one would be skipped."""
    installation, worker = running["recreated"].installation, running["recreated"].worker
    installation.send_events(event_lines()[:500])
    worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 500)
    recreate(installation, Topic.SALES)
    # Two find it, and either may be first: the fetcher, whose offsets the new topic does not have,
    # and the watch, which knows the topics by their ids.
    words = "was removed and created again"
    assert tells_within_a_minute(worker, words)
    with installation.worker(group=GROUP, **SOON) as again:
        ending = again.ending()
    assert ending.code == 2
    last = ending.log.splitlines()[-1]
    assert f"the topic {installation.name(Topic.SALES)} {words}" in last
    assert "Keep the event topics" in last


def test_an_event_topic_with_more_partitions(running: dict[str, Running]) -> None:
    installation, worker = running["grown"].installation, running["grown"].worker
    with admin(installation) as client:
        client.create_partitions({installation.name(Topic.SALES): 4})
    ending = worker.ending(60)
    assert ending.code == 2
    last = ending.log.splitlines()[-1]
    assert "had 2 partitions when this installation began and has 4 now" in last
    assert "Keep the event topics" in last
    with installation.worker(group=GROUP) as again:
        ending = again.ending()
    assert ending.code == 2
    assert "Keep the event topics" in ending.log
    assert "elete" not in ending.log


def test_all_event_topics_with_more_partitions(running: dict[str, Running]) -> None:
    """They fit together again, and still no account is where it was."""
    installation = running["grown"].installation
    with admin(installation) as client:
        rest = (Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY, Topic.DEAD_LETTERS, Topic.LEDGER_STATE)
        told = (Topic.ALERTS, Topic.ALERTS_CURRENT, Topic.COMMISSION_ACTIONS)
        for topic in (*rest, *told, Topic.VERIFICATION_REQUESTS):
            client.create_partitions({installation.name(topic): 4})
    with installation.worker(group=GROUP) as again:
        ending = again.ending()
    assert ending.code == 2
    assert "had 2 partitions when this installation began and has 4 now" in ending.log


def test_an_event_topic_that_is_compacted_while_it_is_read(calm: Running) -> None:
    change(calm.installation, Topic.ACCOUNT_ACTIVITY, cleanup_policy="compact")
    assert tells_within_a_minute(calm.worker, "only the last would be left")
    with calm.installation.worker(group=GROUP, **SOON) as another:
        ending = another.ending()
    assert ending.code == 2
    assert "cleanup.policy=compact, delete wanted" in ending.log.splitlines()[-1]
    change(calm.installation, Topic.ACCOUNT_ACTIVITY, cleanup_policy="delete")


def test_a_second_group(calm: Running) -> None:
    with calm.installation.worker(group="another") as second:
        assert tells_within_a_minute(second, f"would be {calm.installation.prefix}another")


def test_a_second_prefix_in_the_same_group(calm: Running) -> None:
    """Prefix and group are put together: two pairs may give one name."""
    prefix = calm.installation.prefix + "north-"
    calm.installation.create_topics(prefix)
    with calm.installation.worker(topic_prefix=prefix, group="aboveboard") as second:
        words = "is in our consumer group and reads " + calm.installation.prefix
        assert tells_within_a_minute(second, words)


def test_other_settings_started_together(bootstrap: str, tmp_path: Path) -> None:
    """Nobody was first when they looked: one of them holds, and the other ends."""
    installation = Installation(bootstrap, 2, 1)
    with (
        installation.worker("--config", settings_file(tmp_path, 20), **SOON) as one,
        installation.worker("--config", settings_file(tmp_path, 25), **SOON) as other,
    ):
        one.wait_for(lambda it: is_ready(it) or not it.running() or not other.running())
        loser, winner = (one, other) if not one.running() else (other, one)
        winner.wait_for(is_ready)
        ending = loser.ending()
        assert ending.code == 2
        assert "would judge by different rules" in ending.log.splitlines()[-1]
        assert "partitions" not in ending.log  # it was given none
        assert winner.end(signal.SIGTERM).code == 0


def test_another_version(bootstrap: str) -> None:
    """The claim is that of a release which keeps its state in another form."""
    installation = Installation(bootstrap, 1, 1)
    terms = {"settings": "", "group": "", "state": ["ledger-1"], "release": 0}
    claim = {"form": "installation-1", "topics": {}, "partitions": {}, "terms": terms}
    installation.send_as_ours(Topic.INSTALLATION, new_key(), json.dumps(claim).encode())
    with installation.worker(**SOON) as worker:
        assert tells_within_a_minute(worker, "keeps its state as ledger-1")
        assert worker.ending().code == 2


def test_a_clock_that_is_wrong(bootstrap: str, tmp_path: Path) -> None:
    """Two months ahead: no account that nobody used yet may be told of."""
    (tmp_path / "sitecustomize.py").write_text(
        "import time\n_right = time.time\ntime.time = lambda: _right() + 60 * 86_400\n",
        encoding="utf-8",
    )
    installation = Installation(bootstrap, 1, 1)
    installation.send_events(event_lines()[:200])
    installation.variables = {"PYTHONPATH": str(tmp_path)}
    with installation.worker(**SOON) as worker:
        worker.wait_for(lambda it: "clock is 5184000 s behind" in complaints(it))
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == 200)
        assert worker.sum_of("aboveboard_clock_skew_seconds") == pytest.approx(-5_184_000, abs=60)
        assert asked(worker, "/healthz")[0] == 200
        assert worker.end(signal.SIGTERM).code == 0
    assert installation.records(Topic.ALERTS) == []
