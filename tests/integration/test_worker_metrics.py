"""What a running worker says of itself agrees with what it was given."""

import signal
from collections import Counter

import pytest

from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import event_lines, hostile_records
from tests.integration.installation import install

pytestmark = pytest.mark.integration


def test_the_counters_agree_with_what_was_sent(broker: AvailableBroker) -> None:
    installation = install(broker, 2)
    lines = event_lines()[:3_000]
    installation.send_events(lines)
    installation.send(Topic.SALES, hostile_records())
    with installation.worker() as worker:
        count = len(lines) + len(hostile_records())
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") == count)
        for topic in (Topic.SALES, Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY):
            rejected = len(hostile_records()) if topic is Topic.SALES else 0
            given = len(installation.records(topic))
            named = {"topic": topic.value}
            assert worker.sum_of("aboveboard_events_total", **named) == given
            assert worker.sum_of("aboveboard_events_total", **named, result="rejected") == rejected
        # A letter is counted a moment before it is sent.
        worker.wait_for(
            lambda _: len(installation.records(Topic.DEAD_LETTERS)) == len(hostile_records())
        )
        reasons = Counter(
            dict(record.headers)["reason"].decode()
            for record in installation.records(Topic.DEAD_LETTERS)
        )
        for reason, number in reasons.items():
            assert worker.sum_of("aboveboard_dead_letters_total", reason=reason) == number
        assert worker.sum_of("aboveboard_dead_letters_total") == len(hostile_records())
        assert worker.sum_of("aboveboard_assigned_partitions") == 2 + 2 + 1
        assert worker.sum_of("aboveboard_processing_seconds_count", stage="ledger") > 0
        assert worker.end(signal.SIGTERM).code == 0
