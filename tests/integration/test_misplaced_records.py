"""A producer with another partitioner: nobody is accused of what stands in another partition."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zlib import crc32

import msgspec
import pytest

from detectors.alerts.alert import Alert
from streams.wire.partitioner import partition_of
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker, BrokerPool
from tests.integration.installation import WorkerProcess, install
from tests.integration.test_worker_health import asked
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration

PARTITIONS: Final = 4
ACCOUNTS: Final = 300
START: Final = datetime(2025, 1, 1, 9, tzinfo=UTC)
SOLD_EVERY: Final = timedelta(hours=5)
USED_AFTER: Final = timedelta(days=2)


def placed_events(*, by_crc32: bool) -> Iterator[tuple[int, bytes]]:
    """Yield sales, and the uses of every account by librdkafka's partitioner or Kafka's own."""
    timed: list[tuple[datetime, int, dict[str, object]]] = []
    for number in range(ACCOUNTS):
        account, sold = f"a{number}", START + number * SOLD_EVERY
        right = partition_of(account, PARTITIONS)
        other = crc32(account.encode()) % PARTITIONS if by_crc32 else right
        sale = {"sale_id": f"S{number}", "customer_id": account, "agent_id": "anna"}
        sale |= {"product": "card", "amount": 1.0}  # type: ignore[dict-item] # a number among texts
        timed.append((sold, right, {"type": "sale", "account_id": account, **sale}))
        use = {"type": "account_activity", "kind": "usage", "initiated_by": "customer"}
        timed.append((sold + USED_AFTER, other, {"account_id": account, **use}))
    timed.sort(key=lambda one: one[0])
    for number, (at, partition, event) in enumerate(timed):
        record = event | {"event_id": f"e{number}", "occurred_at": at.isoformat()}
        yield partition, msgspec.json.encode(record)


def misplacement(worker: WorkerProcess) -> tuple[int, set[tuple[str, int]]]:
    """Return whether the worker is ready, and which partitions it says are keyed otherwise."""
    status, told = asked(worker, "/readyz")
    complaints = told["complaints"] if told else []
    return status, {
        (one["topic"], one["partition"])
        for one in complaints
        if "partitioner=murmur2_random" in one.get("remedy", "")
    }


@pytest.fixture
def kafka(broker_pool: BrokerPool) -> AvailableBroker:
    return shared_kafka(broker_pool)


@pytest.mark.parametrize("by_crc32", [True, False])
def test_uses_by_another_partitioner_accuse_nobody_and_the_worker_is_not_ready(
    kafka: AvailableBroker, *, by_crc32: bool
) -> None:
    installation = install(kafka, PARTITIONS)
    events = list(placed_events(by_crc32=by_crc32))
    for partition in range(PARTITIONS):
        installation.send_to_partition(partition, [line for p, line in events if p == partition])
    with installation.worker() as worker:
        worker.wait_for(
            lambda it: it.sum_of("aboveboard_events_total", result="applied") == len(events)
        )
        wrong = {("account-activity", n) for n in range(PARTITIONS if by_crc32 else 0)}
        worker.wait_for(lambda it: misplacement(it) == (503 if by_crc32 else 200, wrong))
        assert (worker.sum_of("aboveboard_misplaced_records") > ACCOUNTS / 2) == by_crc32
    until = (START + timedelta(days=110)).isoformat()
    with installation.worker("--until", until) as worker:
        assert worker.ending().code == 0, worker.log()
    told = [
        msgspec.json.decode(one.value, type=Alert) for one in installation.records(Topic.ALERTS)
    ]
    assert [alert for alert in told if alert.pattern == "unused_account"] == []
