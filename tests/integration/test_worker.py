"""The worker over a broker tells what the pipeline tells, whatever happens to it."""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from detectors.alerts import Alert
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import (
    SENDING_SPEED,
    UNTIL,
    assert_alerts_are_those_of_the_pipeline,
    assert_every_refused_record_is_a_dead_letter,
    expected_revisions,
    send_everything,
    write_settings,
)
from tests.integration.installation import Installation, WorkerProcess, install

pytestmark = pytest.mark.integration


def bounded(installation: Installation, folder: Path, **settings: str) -> WorkerProcess:
    """Start a worker that ends once it has judged everything."""
    config = str(write_settings(folder))
    return installation.worker("--config", config, "--until", UNTIL.isoformat(), **settings)


def test_the_month_has_alerts_of_every_kind() -> None:
    alerts = [msgspec.json.decode(value, type=Alert) for value in expected_revisions()]
    assert {alert.pattern for alert in alerts} == {
        "quick_cancellation",
        "quick_cancellation_early",
        "unused_account",
        "burst",
        "volume_shift",
        "amount_shift",
    }
    assert {alert.severity for alert in alerts} == {"info", "warning", "critical"}


@pytest.mark.parametrize("partitions", [1, 4])
def test_its_alerts_are_those_of_the_pipeline(
    any_broker: AvailableBroker, tmp_path: Path, partitions: int
) -> None:
    installation = install(any_broker, partitions)
    send_everything(installation)
    with bounded(installation, tmp_path) as worker:
        assert worker.ending().code == 0, worker.log()
    assert_alerts_are_those_of_the_pipeline(installation)
    assert_every_refused_record_is_a_dead_letter(installation)


def test_it_may_be_killed_at_any_moment(any_broker: AvailableBroker, tmp_path: Path) -> None:
    installation = install(any_broker, 4)
    send_everything(installation)
    with bounded(installation, tmp_path) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 4_000)
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    with bounded(installation, tmp_path) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_evidence_updates_total") > 1_000)
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    with bounded(installation, tmp_path) as worker:
        assert worker.ending().code == 0, worker.log()
    assert_alerts_are_those_of_the_pipeline(installation)
    assert_every_refused_record_is_a_dead_letter(installation)


def partitions_of(worker: WorkerProcess, stage: str) -> set[str]:
    """Give the partitions that a worker restored last."""
    restored = re.findall(rf"{stage}: partitions ([0-9, ]+) restored", worker.log())
    return set(restored[-1].split(", ")) if restored else set()


@contextmanager
def being_sent(installation: Installation) -> Iterator[None]:
    """Let the events come in, for some seconds, while the block does something."""
    with ThreadPoolExecutor(1) as background:
        sending = background.submit(send_everything, installation, speed=SENDING_SPEED)
        yield
        sending.result()


def test_workers_share_the_load_and_take_over(any_broker: AvailableBroker, tmp_path: Path) -> None:
    """One joins while events come in; later the first one is told to stop."""
    installation = install(any_broker, 4)
    with being_sent(installation), bounded(installation, tmp_path, idle_after="5") as first:
        first.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 500)
        with bounded(installation, tmp_path, idle_after="5") as second:
            second.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 1_000)
            for worker in (first, second):
                worker.wait_for(lambda it: len(partitions_of(it, "ledger")) == 2)
                worker.wait_for(
                    lambda it: partitions_of(it, "ledger") == partitions_of(it, "agents")
                )
            assert partitions_of(first, "ledger").isdisjoint(partitions_of(second, "ledger"))
            ending = first.end(signal.SIGTERM)
            assert ending.code == 0, ending.log
            assert second.ending().code == 0, second.log()
    assert_alerts_are_those_of_the_pipeline(installation)
    assert_every_refused_record_is_a_dead_letter(installation)
