"""The time of events over quiet nights, restarts, and a backlog of a week."""

import signal
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from detectors.alerts.alert import Alert
from streams.wire.partitioner import partition_of
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration import backlog, busy_month
from tests.integration.installation import Installation, WorkerProcess, install
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration

PARTITIONS = 4


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    return shared_kafka(broker_pool)


def quiet_settings(folder: Path, window: int) -> str:
    path = folder / "settings.toml"
    text = backlog.SETTINGS.replace('"1h"', '"1s"').replace('"2d"', f'"{window}s"')
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(installation: Installation) -> dict[str, float]:
    """Return when (seconds since the epoch) the broker was told of each unused account."""
    return {
        msgspec.json.decode(record.value, type=Alert).subject.id: record.timestamp / 1_000
        for record in installation.records(Topic.ALERTS)
    }


def sell(installation: Installation, at: datetime, accounts: Iterable[int]) -> None:
    installation.send_events(backlog.sale(at, account) for account in accounts)


def wait_for_alerts(worker: WorkerProcess, number: int) -> None:
    worker.wait_for(lambda it: it.sum_of("aboveboard_open_alerts", severity="info") == number)


def wait_until_applied(worker: WorkerProcess, number: int) -> None:
    worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") >= number)


def stop(worker: WorkerProcess) -> None:
    ending = worker.end(signal.SIGTERM)
    assert ending.code == 0, ending.log


def test_an_unused_account_on_a_quiet_night_is_told_of_at_its_deadline(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    """Not before the deadline and the allowed lateness, and within a minute of them."""
    installation = install(kafka, PARTITIONS)
    words = ("--config", quiet_settings(tmp_path, 8))
    sold_at = datetime.now(UTC)
    sell(installation, sold_at, range(40))
    with installation.worker(*words) as worker:
        wait_for_alerts(worker, 40)
        stop(worker)
    due = sold_at.timestamp() + 8 + 1
    seconds_after = [at - due for at in told(installation).values()]
    assert len(seconds_after) == 40
    assert 0 <= min(seconds_after) <= max(seconds_after) <= 60


def test_one_that_fell_due_while_no_worker_ran_is_told_of_when_one_starts(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    """A worker that counted silence from its own start would need a whole window once more."""
    window = 20
    installation = install(kafka, PARTITIONS)
    words = ("--config", quiet_settings(tmp_path, window))
    sold_at = datetime.now(UTC)
    sell(installation, sold_at, range(40))
    with installation.worker(*words) as worker:
        wait_until_applied(worker, 40)
        stop(worker)
    assert told(installation) == {}
    due = sold_at.timestamp() + window + 1
    time.sleep(max(0.0, due - time.time()))
    with installation.worker(*words) as worker:
        worker.wait_for(lambda it: "agents: partitions 0, 1, 2, 3 restored" in it.log())
        restored_at = time.time()
        wait_for_alerts(worker, 40)
        stop(worker)
    moments = told(installation).values()
    assert len(moments) == 40
    assert due <= min(moments)
    assert max(moments) < restored_at + window


def assert_told_as_by_the_pipeline(installation: Installation) -> None:
    expected = backlog.expected_revisions()
    assert len(expected) > 20
    found = {record.value for record in installation.records(Topic.ALERTS)}
    assert (len(expected - found), len(found - expected)) == (0, 0)


def is_past_every_deadline(worker: WorkerProcess) -> bool:
    watermarks = worker.samples("aboveboard_watermark_timestamp_seconds")
    last = (backlog.START + timedelta(days=backlog.DAYS - 1, hours=12)).timestamp()
    return len(watermarks) == PARTITIONS and min(watermarks) > last


def catch_up(installation: Installation, words: tuple[str, ...]) -> None:
    """Let a worker that goes on for ever read everything, and the silence after it count."""
    with installation.worker(*words, idle_after="0.3") as worker:
        wait_for_alerts(worker, len(backlog.expected_revisions()))
        worker.wait_for(is_past_every_deadline)
        stop(worker)


@pytest.mark.parametrize("before", [0, 300])
def test_a_backlog_of_a_week_raises_no_false_alarm(
    kafka: AvailableBroker, tmp_path: Path, before: int
) -> None:
    """Each topic is whole before the next is written: sales long before what proves their use.

    A worker may have been there `before`, for so many events.
    """
    installation = install(kafka, PARTITIONS)
    words = ("--config", str(backlog.write_settings(tmp_path)))
    lines = backlog.week().lines()
    if before:
        installation.send_events(lines[:before])
        with installation.worker(*words, idle_after="5") as worker:
            wait_until_applied(worker, before)
            stop(worker)
    installation.send_events(lines[before:])
    catch_up(installation, words)
    assert_told_as_by_the_pipeline(installation)


def test_sources_that_are_drained_or_never_spoke_hold_nothing_back(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    """Sales alone, of accounts that nobody uses; there was never a cancellation nor any use."""
    installation = install(kafka, PARTITIONS)
    words = ("--config", str(backlog.write_settings(tmp_path)))
    with installation.worker(*words) as worker:
        sell(installation, backlog.START, range(40))
        wait_until_applied(worker, 40)
        sell(installation, backlog.START + timedelta(days=1), range(40, 80))
        sell(installation, backlog.START + timedelta(days=2, hours=2), range(80, 120))
        wait_for_alerts(worker, 40)
        stop(worker)
    assert told(installation).keys() == {f"account-{number}" for number in range(40)}


def test_partitions_that_never_saw_an_event_hold_back_no_judgement(
    kafka: AvailableBroker, tmp_path: Path
) -> None:
    """All events are about accounts of one partition, in an installation of four."""
    installation = install(kafka, PARTITIONS)
    config = str(busy_month.write_settings(tmp_path))
    mine = [
        line
        for line in busy_month.event_lines()
        if partition_of(msgspec.json.decode(line)["account_id"], PARTITIONS) == 2
    ]
    lines = mine[:4_000]
    with installation.worker("--config", config) as worker:
        installation.send_to_partition(2, lines)
        wait_until_applied(worker, len(lines))
        worker.wait_for(lambda it: it.sum_of("aboveboard_evidence_updates_total") > 200)
        stop(worker)
