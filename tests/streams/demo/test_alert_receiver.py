"""The demo's receiver, told by the notifier's own client."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import pytest

from streams.config.secret import Secret
from streams.demo.alert_receiver import AlertReceiver
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Key, Message
from streams.notify.web_client import WebClient

NOW: Final = datetime.now(UTC)
LATER: Final = NOW + timedelta(hours=1)


@pytest.fixture
def client() -> Iterator[WebClient]:
    """Yield a client of a receiver that knows nothing."""
    with AlertReceiver() as receiver:
        yield WebClient(receiver.address, Secret(), ssl.create_default_context(), 5.0)


def listed(client: WebClient, what: str) -> list[dict[str, Any]]:
    reply = client.request("GET", f"/api/v2/{what}")
    assert reply.ok
    return msgspec.json.decode(reply.body, type=list[dict[str, Any]])


def message(alert_id: str, ends_at: datetime) -> Message:
    return Message(
        key=Key(alert_id, "critical"),
        labels={"alert_id": alert_id},
        starts_at=NOW,
        ends_at=ends_at,
        alert=None,
    )


def test_an_alert_fires_until_its_end_is_told(client: WebClient) -> None:
    told = Alertmanager(client, "aboveboard", 64, "")
    list(told.tell([message("a", LATER), message("b", LATER)]))
    assert [one["labels"]["alert_id"] for one in listed(client, "alerts")] == ["a", "b"]
    list(told.tell([message("a", NOW)]))
    assert [one["labels"]["alert_id"] for one in listed(client, "alerts")] == ["b"]


def test_a_silence_is_about_its_alert_and_ends(client: WebClient) -> None:
    told = Alertmanager(client, "aboveboard", 64, "")
    list(told.tell([message("a", LATER), message("b", LATER)]))
    told.silence({"a": LATER}, NOW)
    told.silence({"a": LATER}, NOW)
    assert len(listed(client, "silences")) == 1
    states = [one["status"]["state"] for one in listed(client, "alerts")]
    assert states == ["suppressed", "active"]
    told.silence({}, NOW)
    assert [one["status"]["state"] for one in listed(client, "silences")] == ["expired"]
    assert {one["status"]["state"] for one in listed(client, "alerts")} == {"active"}


def test_what_is_no_alert_is_refused(client: WebClient) -> None:
    for body in (b"{", b"[1]", b'[{"no": "labels"}]'):
        assert client.request("POST", "/api/v2/alerts", body).status == 400
    assert listed(client, "alerts") == []
