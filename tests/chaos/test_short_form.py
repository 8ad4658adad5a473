"""The short form of `make chaos`, on the real Kafka: see `tests.chaos.run` for all of it."""

import sys

import pytest

from streams.errors import BrokerNotStarted
from tests.brokers.selection import BrokerPool, kafka_is_required
from tests.chaos.run import run
from tests.chaos.schedule import SHORT, Kind


@pytest.mark.integration
def test_workers_under_faults_tell_what_detect_tells(broker_pool: BrokerPool) -> None:
    try:
        broker_pool.kafka()
    except BrokerNotStarted as reason:
        if kafka_is_required():
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(f"chaos needs the real Kafka: {reason}")
    report = run(SHORT, seed=9)
    sys.stdout.write(report.text())
    assert report.failures == []
    assert report.kills == 4
    assert report.before_commit >= 1
    assert report.redelivered > 0
    # Where no Alertmanager is installed there are no notifiers; in CI there is one.
    assert report.desk.notifiers > 0 or not kafka_is_required()
    # So it is with clocks that are wrong, and libfaketime.
    wrong_clocks = sum(happened.kind is Kind.WRONG_CLOCK for happened in report.faults)
    assert wrong_clocks == 1 or not kafka_is_required()
    assert report.kills_of_services >= report.desk.keepers + report.desk.notifiers
    assert report.after_write >= 1
    assert min(report.desk.cases, report.desk.decisions) > 0
    assert min(report.committed, report.aborted) > 0
