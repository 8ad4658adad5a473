"""What the notifier sends does to a real Alertmanager what the simulated one says."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Deliveries, Key, Message, Timing
from streams.notify.picture import Picture
from streams.notify.web_client import WebClient
from streams.notify.wording import Labels, body_of
from streams.wire.delivery import Delivery
from tests.alertmanager import AlertmanagerProcess
from tests.streams.notify.sample_alerts import AGENT, alert, case

TIMING: Final = Timing(resend=timedelta(seconds=5), lasts=timedelta(seconds=60))
FIRING: Final = ("warning", "firing")
RESOLVED: Final = ("warning", "resolved")


class Notifier:
    """The core and its sending, with the clock of this machine and a log in memory."""

    def __init__(self, process: AlertmanagerProcess, log: dict[str, Delivery]) -> None:
        client = WebClient(process.address, Secret(), ssl.create_default_context(), 10.0)
        self.receiver = Alertmanager(client, "aboveboard", 2, "https://desk.example/{alert_id}")
        self.picture = Picture("warning")
        self.log = log
        self.deliveries = Deliveries(
            TIMING,
            [self.receiver.name],
            Labels(Secret("key"), {"site": "Leeds"}),
            list(log.values()),
        )

    def tell(self, *records: Alert | Case) -> None:
        """Read these, and go round once."""
        for record in records:
            if isinstance(record, Alert):
                self.picture.alert(record)
            else:
                self.picture.case(record)
        now = datetime.now(UTC)
        changes = self.deliveries.plan(self.picture, now)
        self.log.update({f"{c.key}": c.delivery for c in changes if c.delivery is not None})
        self.deliveries.written(changes, now)
        messages = self.deliveries.due(self.receiver.name, now)
        self.receiver.silence(self.picture.quiet(now), now)
        for taken in self.receiver.tell(messages):
            self.deliveries.answered(self.receiver.name, taken.keys, now)
        self.deliveries.finished(self.receiver.name, now)


@pytest.fixture
def notifier(alertmanager: AlertmanagerProcess) -> Notifier:
    return Notifier(alertmanager, {})


def test_the_life_of_an_alert_is_told(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    notifier.tell(alert("a"))
    alertmanager.wait_told("a", FIRING)
    (shown,) = alertmanager.asked("alerts")
    assert shown["labels"] == {
        "alertname": "QuickCancellation",
        "alert_id": "a",
        "severity": "warning",
        "source": "aboveboard",
        "site": "Leeds",
        "subject": shown["labels"]["subject"],
    }
    assert AGENT not in str(shown["labels"])
    assert shown["annotations"]["revision"] == "1"
    assert shown["generatorURL"] == "https://desk.example/a"
    notifier.tell(alert("a", 2))
    (shown,) = alertmanager.asked("alerts")
    assert shown["annotations"]["revision"] == "2"
    notifier.tell(alert("a", 3, "critical"))
    alertmanager.wait_told("a", FIRING, ("critical", "firing"))
    by_severity = {one["labels"]["severity"]: one for one in alertmanager.asked("alerts")}
    assert by_severity["warning"]["status"]["state"] == "suppressed"
    notifier.tell(alert("a", 4, "critical", "withdrawn"))
    alertmanager.wait_told("a", FIRING, ("critical", "firing"), ("critical", "resolved"), RESOLVED)


def test_an_end_while_both_were_away_is_told(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    notifier.tell(alert("a"))
    alertmanager.wait_told("a", FIRING)
    alertmanager.terminate()
    alertmanager.start()
    again = Notifier(alertmanager, notifier.log)
    again.tell(alert("a", 2, status="resolved"))
    alertmanager.wait_told("a", FIRING, RESOLVED)


def test_a_restart_of_both_tells_nothing_new_and_keeps_the_start(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    notifier.tell(alert("a"))
    alertmanager.wait_told("a", FIRING)
    (before,) = alertmanager.asked("alerts")
    alertmanager.terminate()
    alertmanager.start()
    Notifier(alertmanager, notifier.log).tell(alert("a"), alert("b"))
    alertmanager.wait_told("b", FIRING)
    assert alertmanager.webhook.told("a") == [FIRING]
    (after,) = alertmanager.asked("alerts?filter=alert_id=a")
    assert after["startsAt"] == before["startsAt"]


def test_what_was_killed_is_told_again(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    notifier.tell(alert("a"))
    alertmanager.wait_told("a", FIRING)
    alertmanager.kill()
    with pytest.raises(ReceiverFailed, match="does not answer"):
        notifier.tell(alert("a", 2))
    alertmanager.start()
    notifier.tell()
    alertmanager.wait_told("a", FIRING, FIRING)


def test_a_bad_alert_does_not_keep_others_back(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    now = datetime.now(UTC)
    messages = [
        Message(
            Key(alert_id, "warning"),
            {} if alert_id == "bad" else {"alert_id": alert_id, "severity": "warning"},
            now,
            now + timedelta(minutes=1),
            alert(alert_id),
        )
        for alert_id in ("a", "bad", "c", "d", "e")
    ]
    taken = list(notifier.receiver.tell(messages))
    assert [one.key.alert_id for one in messages] == [
        key.alert_id for part in taken for key in part.keys
    ]
    (refused,) = [part for part in taken if part.refused]
    assert refused.keys == (Key("bad", "warning"),)
    assert refused.refused.startswith("400 ")
    for alert_id in ("a", "c", "d", "e"):
        alertmanager.wait_told(alert_id, FIRING)


def test_a_snooze_is_a_silence_that_ends_and_is_taken_back(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    one, other = alert("a"), alert("b")
    until = datetime.now(UTC) + timedelta(hours=1)
    notifier.tell(one, other, case("case", 1, "snoozed", (one,), until))
    alertmanager.wait_told("b", FIRING)
    (silence,) = alertmanager.asked("silences")
    assert silence["createdBy"] == "aboveboard"
    assert abs(datetime.fromisoformat(silence["endsAt"]) - until) < timedelta(seconds=1)
    assert alertmanager.webhook.told("a") == []
    later = until + timedelta(hours=1)
    notifier.tell(case("case", 2, "acknowledged", (one,), later))
    (silence,) = [s for s in alertmanager.asked("silences") if s["status"]["state"] == "active"]
    assert abs(datetime.fromisoformat(silence["endsAt"]) - later) < timedelta(seconds=1)
    notifier.tell(alert("a", 2, "critical"), case("case", 3, "open", (one,)))
    alertmanager.wait_told("a", ("critical", "firing"))


def test_an_alert_that_ends_while_it_is_snoozed_is_told_to_have_ended(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    one = alert("a")
    notifier.tell(one)
    alertmanager.wait_told("a", FIRING)
    until = datetime.now(UTC) + timedelta(hours=1)
    notifier.tell(case("case", 1, "snoozed", (one,), until))
    notifier.tell(alert("a", 2, status="withdrawn"))
    alertmanager.wait_told("a", FIRING, RESOLVED)


def test_closing_a_case_ends_its_alerts_and_waking_starts_them_again(
    alertmanager: AlertmanagerProcess, notifier: Notifier
) -> None:
    one = alert("a")
    notifier.tell(one)
    alertmanager.wait_told("a", FIRING)
    notifier.tell(case("case", 1, "closed", (one,)))
    alertmanager.wait_told("a", FIRING, RESOLVED)
    two = alert("a", 2)
    notifier.tell(two, case("case", 2, "open", (two,)))
    alertmanager.wait_told("a", FIRING, RESOLVED, FIRING)


def test_names_and_summaries_arrive_as_plain_text() -> None:
    one = alert("a", summary="a\x1b[31m\n" + "x" * 5_000)
    deliveries = Deliveries(TIMING, ["am"], Labels(Secret("key"), {}))
    picture = Picture("warning")
    picture.alert(one)
    now = datetime.now(UTC)
    deliveries.written(deliveries.plan(picture, now), now)
    (message,) = deliveries.due("am", now)
    summary = body_of(message, "")["annotations"]["summary"]
    assert summary.isprintable()
    assert len(summary) == 1_000
