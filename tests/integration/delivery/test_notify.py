"""`aboveboard notify` between a real Kafka and a real Alertmanager."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import pytest

from streams.errors import BrokerNotStarted
from streams.wire.delivery import Delivery
from streams.wire.topics import Topic
from tests.alertmanager import AlertmanagerProcess, wait_for
from tests.brokers.fixtures import do_without_kafka
from tests.brokers.real_kafka import RealKafka
from tests.brokers.selection import AvailableBroker
from tests.integration.delivery.notifiers import NotifierProcess, publish
from tests.integration.installation import Installation, install
from tests.integration.monitoring.test_promtool import complaints
from tests.streams.notify.sample_alerts import AGENT, alert, case

pytestmark = pytest.mark.integration

FIRING: Final = ("warning", "firing")
RESOLVED: Final = ("warning", "resolved")
CRITICAL: Final = ("critical", "firing")
NO_LONGER_CRITICAL: Final = ("critical", "resolved")


@pytest.fixture
def installation(broker: AvailableBroker) -> Installation:
    return install(broker, 1)


@pytest.fixture
def notifier(
    installation: Installation, alertmanager: AlertmanagerProcess
) -> Iterator[NotifierProcess]:
    with NotifierProcess(installation, [alertmanager]) as process:
        yield process
        sys.stdout.write(process.log())  # which pytest shows if the test failed


def deliveries(installation: Installation) -> list[Delivery | None]:
    return [
        record.value and msgspec.json.decode(record.value, type=Delivery)
        for record in installation.records(Topic.ALERT_DELIVERIES)
    ]


def test_the_lives_of_alerts_are_told(
    installation: Installation,
    alertmanager: AlertmanagerProcess,
    notifier: NotifierProcess,
    promtool: str,
) -> None:
    publish(installation, alert("seen"), alert("a"), alert("quiet"), alert("mild", 1, "info"))
    alertmanager.wait_told("a", FIRING)
    alertmanager.wait_told("quiet", FIRING)
    publish(installation, alert("a", 2, "critical"), alert("seen", 2))
    alertmanager.wait_told("a", FIRING, CRITICAL)
    until = datetime.now(UTC) + timedelta(hours=1)
    publish(installation, case("snoozed", 1, "snoozed", (alert("quiet"),), until))
    wait_for(lambda: len(alertmanager.asked("silences")) == 1, notifier.log)
    publish(
        installation,
        alert("a", 3, "critical", "withdrawn"),
        case("closed", 1, "closed", (alert("seen", 2),)),
    )
    alertmanager.wait_told("a", FIRING, CRITICAL, NO_LONGER_CRITICAL, RESOLVED)
    alertmanager.wait_told("seen", FIRING, RESOLVED)
    alertmanager.wait_told("mild")
    publish(installation, alert("seen", 3), case("closed", 2, "open", (alert("seen", 3),)))
    alertmanager.wait_told("seen", FIRING, RESOLVED, FIRING)
    assert complaints(promtool, notifier.page("/metrics")) == b""
    assert b"aboveboard_notify_open_alerts 2.0" in notifier.page("/metrics")
    assert b'"alive":true' in notifier.page("/healthz")
    assert b'"ready":true' in notifier.page("/readyz")
    ending = notifier.ended()
    assert ending.code == 0, ending.log
    assert AGENT not in ending.log


def test_what_ended_while_both_were_killed_is_told_and_the_rest_keeps_its_start(
    installation: Installation, alertmanager: AlertmanagerProcess, notifier: NotifierProcess
) -> None:
    publish(installation, alert("a"), alert("b"))
    for one in ("a", "b"):
        alertmanager.wait_told(one, FIRING)
    notifier.stop()
    begun = {one["labels"]["alert_id"]: one["startsAt"] for one in alertmanager.asked("alerts")}
    alertmanager.terminate()
    publish(installation, alert("a", 2, status="resolved"))
    alertmanager.start()
    with NotifierProcess(installation, [alertmanager]):
        alertmanager.wait_told("a", FIRING, RESOLVED)
    assert alertmanager.webhook.told("b") == [FIRING]
    (left,) = alertmanager.asked("alerts?filter=alert_id=b")
    assert left["startsAt"] == begun["b"]


def test_one_of_two_tells_and_the_other_takes_over(
    installation: Installation, alertmanager: AlertmanagerProcess, notifier: NotifierProcess
) -> None:
    notifier.wait_until_it_tells()
    with NotifierProcess(installation, [alertmanager]) as other:
        publish(installation, alert("a"))
        alertmanager.wait_told("a", FIRING)
        wait_for(lambda: other.page("/readyz") != b"", other.log)
        wait_for(lambda: other.tells() != notifier.tells(), other.log)
        active, standby = (other, notifier) if other.tells() else (notifier, other)
        active.stop()
        publish(installation, alert("a", 2, status="resolved"), alert("b"))
        alertmanager.wait_told("b", FIRING)
        alertmanager.wait_told("a", FIRING, RESOLVED)
        assert standby.tells()
    assert len([one for one in deliveries(installation) if one and one.alert_id == "b"]) == 1


def test_an_alertmanager_that_was_killed_hears_everything_again(
    installation: Installation, alertmanager: AlertmanagerProcess, notifier: NotifierProcess
) -> None:
    publish(installation, alert("a"), alert("b"))
    for one in ("a", "b"):
        alertmanager.wait_told(one, FIRING)
    alertmanager.kill()
    wait_for(lambda: b"does not answer" in notifier.page("/readyz"), notifier.log)
    alertmanager.start()
    for one in ("a", "b"):
        alertmanager.wait_told(one, FIRING, FIRING)
    publish(installation, alert("a", 2, status="resolved"))
    alertmanager.wait_told("a", FIRING, FIRING, RESOLVED)


def test_records_of_others_are_left_out(
    installation: Installation, alertmanager: AlertmanagerProcess, notifier: NotifierProcess
) -> None:
    for topic in (Topic.ALERTS_CURRENT, Topic.CASES_CURRENT, Topic.ALERT_DELIVERIES):
        installation.send(topic, [b"{", b"[]", b"\xff", None])
    publish(installation, alert("a"))
    alertmanager.wait_told("a", FIRING)
    assert notifier.ended().code == 0


def test_a_notifier_waits_for_its_broker_and_gives_up_in_order() -> None:
    try:
        kafka = RealKafka()
    except BrokerNotStarted as reason:
        do_without_kafka(reason)
    with kafka:
        installation = Installation(kafka.bootstrap, 1)
        settings = {"notify_alertmanagers": "http://127.0.0.1:9", "broker_patience": "2"}
        with NotifierProcess(installation, [], **settings) as notifier:
            notifier.wait_until_it_tells()
            kafka.kill()
            ending = notifier.ending()
    assert ending.code == 1, ending.log
    assert "has not answered for 2 s" in ending.log
    # kafka-python writes tracebacks of its own connections.
    assert "streams/cli/main.py" not in ending.log
