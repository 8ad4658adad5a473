"""Sources that write events in transactions, which overlap, are aborted or stay open."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from kafka import KafkaProducer

from streams.wire.topics import Topic
from tests.brokers.selection import BrokerPool
from tests.integration.faults.event_logs import (
    applied,
    lag,
    sale_of,
    sell,
    transactional,
)
from tests.integration.installation import Installation, WorkerProcess
from tests.integration.under_load import shared_kafka

pytestmark = pytest.mark.integration


@pytest.fixture
def installation(broker_pool: BrokerPool) -> Installation:
    """Return an installation of one partition on real Kafka."""
    return Installation(shared_kafka(broker_pool).bootstrap, 1)


@pytest.fixture
def producers(installation: Installation) -> Iterator[tuple[KafkaProducer, KafkaProducer]]:
    """Yield two producers for transactions."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(transactional(installation)) for _ in range(2))
        yield one, other


def rejected(worker: WorkerProcess) -> float:
    return worker.sum_of("aboveboard_events_total", result="rejected")


def test_transactions_that_overlap_are_applied_as_far_as_they_are_committed(
    installation: Installation, producers: tuple[KafkaProducer, KafkaProducer]
) -> None:
    one, other = producers
    for number in range(3):
        one.begin_transaction()
        other.begin_transaction()
        sell(one, installation, 2 * number)
        sell(other, installation, 2 * number + 1)
        one.commit_transaction()
        other.commit_transaction() if number else other.abort_transaction()
    with installation.worker() as worker:
        worker.wait_for(lambda it: applied(it) == 5 and lag(it) == 0)
        one.begin_transaction()
        other.begin_transaction()
        sell(other, installation, 11)
        sell(one, installation, 12)
        one.commit_transaction()
        installation.send(Topic.CANCELLATIONS, [b"no cancellation"])
        # The one that is open holds back what follows it, and is no lag.
        worker.wait_for(lambda it: rejected(it) == 1 and lag(it) == 0)
        assert applied(worker) == 5
        other.abort_transaction()
        worker.wait_for(lambda it: applied(it) == 6 and lag(it) == 0)
        assert worker.end(signal.SIGTERM).code == 0
    # Everything is committed, up to the last marker: a restart reads nothing again.
    with installation.worker() as worker:
        worker.wait_for(lambda it: bool(it.samples("aboveboard_lag_records")) and lag(it) == 0)
        installation.send(Topic.SALES, [sale_of(20)])
        worker.wait_for(lambda it: applied(it) == 1)
        assert worker.sum_of("aboveboard_redelivered_records_total") == 0
        assert worker.end(signal.SIGTERM).code == 0
