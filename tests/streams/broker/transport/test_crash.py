"""A worker that is killed, and one that is frozen for longer than its session."""

import signal
import time
from pathlib import Path

import pytest

from tests.brokers.selection import AvailableBroker
from tests.streams.broker.transport.small_app import committed, new_topic, produce
from tests.streams.broker.transport.worker_process import SESSION_SECONDS, WorkerProcess

pytestmark = pytest.mark.integration

RECORDS = 6_000


def test_after_a_kill_exactly_the_unfinished_is_given_again(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    produce(broker.bootstrap, topic, range(RECORDS), 1)
    place = (broker.bootstrap, topic, topic)
    with WorkerProcess(*place, tmp_path / "first") as first:
        assert first.read_until_given(RECORDS) == list(range(RECORDS))
        finished = first.ask("finish 2", "finished")
        assert 0 < len(finished) < RECORDS
        assert first.ask("commit", "committed") == [len(finished)]
        also_finished = first.ask("finish 1", "finished")  # and not committed when it dies
        assert also_finished
        first.signal(signal.SIGKILL)
    with WorkerProcess(*place, tmp_path / "second") as second:
        again = second.read_until_given(RECORDS - len(finished))
        assert again == list(range(len(finished), RECORDS))


def test_a_frozen_worker_cannot_commit_what_another_one_was_given(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    produce(broker.bootstrap, topic, range(10), 1)
    place = (broker.bootstrap, topic, topic)
    with WorkerProcess(*place, tmp_path / "first") as frozen:
        frozen.read_until_given(10)
        frozen.ask("finish 1", "finished")
        assert frozen.ask("heartbeat", "heartbeat") < SESSION_SECONDS
        frozen.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        with WorkerProcess(*place, tmp_path / "second") as other:
            assert other.read_until_given(10) == list(range(10))
            assert other.ask("finish 9", "finished") == list(range(10))
            slept = time.monotonic() - stopped
            frozen.signal(signal.SIGCONT)
            assert frozen.ask("commit", "refused") == "MembershipLost"
            assert frozen.ask("heartbeat", "heartbeat") > min(slept, SESSION_SECONDS)
            frozen.signal(signal.SIGKILL)
            assert committed(broker.bootstrap, topic, topic) is None


def test_the_time_since_the_heartbeat_counts_a_freeze(
    broker: AvailableBroker, tmp_path: Path
) -> None:
    topic = new_topic(broker.bootstrap, 1)
    produce(broker.bootstrap, topic, range(1), 1)
    with WorkerProcess(broker.bootstrap, topic, topic, tmp_path / "one") as worker:
        worker.read_until_given(1)
        worker.signal(signal.SIGSTOP)
        time.sleep(SESSION_SECONDS + 0.5)
        worker.signal(signal.SIGCONT)
        assert worker.ask("heartbeat", "heartbeat") > SESSION_SECONDS
