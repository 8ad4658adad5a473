import threading
import time
from uuid import uuid4

import msgspec
import pytest

from detectors.alerts.alert import canonical_order
from streams.broker.admin import create_topics
from streams.broker.alerts import read_alerts
from streams.demo.embedded_broker import EmbeddedBroker
from streams.errors import BrokerError, InvalidAlertRecord
from streams.wire.topics import Topic, topic_name
from tests.brokers.selection import AvailableBroker
from tests.streams.broker.published_alerts import alert_of, bytes_of, produce, publish
from tests.streams.broker.silenced_reader import ending_of_a_silenced_reader

pytestmark = pytest.mark.integration


@pytest.fixture
def prefix(any_broker: AvailableBroker) -> str:
    prefix = f"alerts-{uuid4()}-"
    create_topics(any_broker.bootstrap, prefix)
    return prefix


def test_every_record_is_read_up_to_the_end(any_broker: AvailableBroker, prefix: str) -> None:
    alerts = [alert_of(number, revision) for number in range(700) for revision in (1, 2)]
    publish(any_broker.bootstrap, prefix, alerts)
    found = list(read_alerts(any_broker.bootstrap, prefix))
    assert sorted((alert for _, alert in found), key=canonical_order) == sorted(
        alerts, key=canonical_order
    )
    assert all(key == alert.alert_id.encode() for key, alert in found)
    revisions: dict[str, list[int]] = {}
    for _, alert in found:
        revisions.setdefault(alert.alert_id, []).append(alert.revision)
    assert set(map(tuple, revisions.values())) == {(1, 2)}


def test_an_empty_topic_ends_at_once(any_broker: AvailableBroker, prefix: str) -> None:
    begun = time.monotonic()
    assert list(read_alerts(any_broker.bootstrap, prefix)) == []
    assert time.monotonic() - begun < 5


def test_deletions_in_the_compacted_topic_are_left_out(
    any_broker: AvailableBroker, prefix: str
) -> None:
    alert = alert_of(1)
    records = [(b"other", None), (alert.alert_id.encode(), bytes_of(alert)), (b"other", None)]
    produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS_CURRENT), records)
    found = read_alerts(any_broker.bootstrap, prefix, topic=Topic.ALERTS_CURRENT)
    assert [alert for _, alert in found] == [alert]


def test_new_alerts_are_followed_until_another_thread_says_stop(
    any_broker: AvailableBroker, prefix: str
) -> None:
    stop = threading.Event()
    seen = threading.Event()
    found: list[str] = []

    def follow() -> None:
        for _, alert in read_alerts(any_broker.bootstrap, prefix, until=stop.is_set):
            found.append(alert.alert_id)
            seen.set()

    publish(any_broker.bootstrap, prefix, [alert_of(1)])
    thread = threading.Thread(target=follow)
    thread.start()
    try:
        for number in (2, 3):
            assert seen.wait(timeout=10)
            seen.clear()
            publish(any_broker.bootstrap, prefix, [alert_of(number)])
        assert seen.wait(timeout=10)
    finally:
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert found == ["id0001", "id0002", "id0003"]


def test_a_record_that_is_no_alert_is_an_error_that_says_where(
    any_broker: AvailableBroker, prefix: str
) -> None:
    produce(any_broker.bootstrap, topic_name(prefix, Topic.ALERTS), [(None, b"{}")])
    with pytest.raises(InvalidAlertRecord, match=r"alerts\[\d\]@0"):
        list(read_alerts(any_broker.bootstrap, prefix))
    told: list[InvalidAlertRecord] = []
    assert list(read_alerts(any_broker.bootstrap, prefix, no_alert=told.append)) == []
    assert len(told) == 1


def test_a_missing_topic_is_named_with_the_remedy(any_broker: AvailableBroker) -> None:
    with pytest.raises(BrokerError, match=r"no topic nothing-alerts.*aboveboard topics"):
        next(read_alerts(any_broker.bootstrap, "nothing-"))


_READ_WITH_PATIENCE = """
import sys
from streams.broker.alerts import read_alerts
alerts = read_alerts(sys.argv[1], patience=1)
next(alerts)
print("begun", flush=True)
sys.stdin.readline()
list(alerts)
"""


def test_a_broker_that_falls_silent_is_an_error() -> None:
    long = msgspec.structs.replace(alert_of(1), summary="x" * 50_000)
    with EmbeddedBroker() as broker:
        create_topics(broker.bootstrap, partitions=1)
        publish(broker.bootstrap, "", [long] * 400)  # more than a few fetches of 1 MiB
        ending = ending_of_a_silenced_reader(broker, _READ_WITH_PATIENCE)
    assert ending.code == 1
    assert "has not answered for 1 s" in ending.log
