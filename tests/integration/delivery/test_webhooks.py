"""`aboveboard notify` between a real Kafka and a webhook that verifies what it is sent."""

from typing import Final

import msgspec
import pytest

from detectors.alerts.alert import Alert
from streams.cli.main import main
from streams.wire.topics import Topic
from tests.alertmanager import wait_for
from tests.brokers.selection import AvailableBroker
from tests.integration.delivery.notifiers import NotifierProcess
from tests.integration.installation import Installation, install
from tests.streams.notify.sample_alerts import AGENT, alert
from tests.streams.notify.webhooks.receiver import LOOPBACK, Receiver

pytestmark = pytest.mark.integration

KEY: Final = "0123456789abcdef"


def publish(installation: Installation, *alerts: Alert) -> None:
    with installation.producer() as producer:
        for one in alerts:
            key, value = one.alert_id.encode(), msgspec.json.encode(one)
            producer.send(installation.name(Topic.ALERTS), value, key=key)
        producer.flush()


def notifier(installation: Installation, receiver: Receiver, **more: str) -> NotifierProcess:
    settings = {
        "notify_pseudonym_key": "",
        "notify_webhooks": f"crm={receiver.url}",
        "notify_webhook_keys": f"crm=another-key-of-ours,crm={KEY}",
        "notify_webhook_networks": LOOPBACK,
        **more,
    }
    return NotifierProcess(installation, [], **settings)


def test_every_revision_arrives_in_order_over_failures_and_a_kill(broker: AvailableBroker) -> None:
    installation = install(broker, 1)
    publish(installation, alert("past"), alert("past", 2, status="resolved"), alert("a"))
    with Receiver(KEY.encode(), [500, 503]) as receiver:
        with notifier(installation, receiver) as first:
            wait_for(lambda: receiver.taken() == ["a:1"], first.log)
            receiver.statuses.extend([500] * 100)
            publish(installation, alert("a", 2, "critical"), alert("a", 3, "info"))
            wait_for(lambda: len(receiver.heard) > 3, first.log)
            first.stop()  # as kill -9 does
        assert receiver.taken() == ["a:1"]
        publish(installation, alert("a", 4, "info", "withdrawn"), alert("mild", 1, "info"))
        receiver.statuses.clear()
        with notifier(installation, receiver) as second:
            wait_for(lambda: receiver.taken() == ["a:1", "a:2", "a:3", "a:4"], second.log)
            assert b'"ready":true' in second.page("/readyz")
            ending = second.ended()
    assert ending.code == 0, ending.log
    assert AGENT not in ending.log
    sent = msgspec.json.encode(alert("a", 4, "info", "withdrawn"))
    assert receiver.heard[-1].alert == msgspec.json.decode(sent)


def test_what_is_not_taken_for_long_is_a_dead_letter_and_its_replay_is_sent(
    broker: AvailableBroker, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    installation = install(broker, 1)
    where = ["--broker", installation.bootstrap, "--topic-prefix", installation.prefix]
    with (
        Receiver(KEY.encode(), [400] * 100) as receiver,
        notifier(installation, receiver, notify_webhook_gives_up="0.1") as process,
    ):
        publish(installation, alert("a"))
        wait_for(lambda: len(installation.records(Topic.DEAD_LETTERS)) == 1, process.log)
        receiver.statuses.clear()
        assert main(["dead-letters", "list", *where]) == 0
        assert b"undelivered" in capfdbinary.readouterr().out
        assert main(["dead-letters", "replay", "--reason", "undelivered", *where]) == 0
        wait_for(lambda: receiver.taken() == ["a:1"], process.log)
        publish(installation, alert("a", 2))
        wait_for(lambda: receiver.taken() == ["a:1", "a:2"], process.log)
