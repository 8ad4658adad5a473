"""A webhook is sent what is signed, at an address that is allowed, and nowhere else."""

import re
import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import pytest

from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.notify.webhooks.addresses import is_allowed, networks_of
from streams.notify.webhooks.reading import revision_of
from streams.notify.webhooks.signing import signature
from streams.notify.webhooks.webhook import Webhook
from tests.streams.notify.sample_alerts import AGENT, alert
from tests.streams.notify.webhooks.receiver import LOOPBACK, Receiver, is_genuine

KEY: Final = "0123456789abcdef"
OLD_KEY: Final = "fedcba9876543210"
BODY: Final = msgspec.json.encode(alert("a", 3))


def webhook(url: str, networks: str = LOOPBACK, *keys: str) -> Webhook:
    secrets = [Secret(key) for key in keys or (KEY,)]
    allowed = networks_of(networks)
    return Webhook("crm", urlsplit(url), secrets, allowed, ssl.create_default_context(), 5.0)


def test_a_revision_arrives_as_it_stands_in_the_topic_with_its_headers() -> None:
    with Receiver(KEY.encode()) as receiver:
        reply = webhook(receiver.url).post(revision_of(BODY), datetime.now(UTC))
    (heard,) = receiver.heard
    assert (reply.status, heard.status, heard.id) == (200, 200, "a:3")
    assert heard.alert == msgspec.json.decode(BODY)
    assert heard.headers["ce-id"] == "a:3"
    assert heard.headers["ce-type"] == "aboveboard.alert.open.v1"
    assert heard.headers["ce-subject"] == f"agent/{AGENT}"
    assert heard.headers["content-type"] == "application/json"


def test_the_verification_of_the_page_knows_what_is_ours() -> None:
    page = (Path(__file__).parents[4] / "docs" / "delivery.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    made: dict[str, Any] = {}
    exec(example, made)  # noqa: S102 - of our own page
    header = signature(BODY, int(time.time()), [Secret(OLD_KEY), Secret(KEY)])
    assert made["is_genuine"](header, BODY, KEY.encode())
    assert not made["is_genuine"](header, BODY + b" ", KEY.encode())
    assert not made["is_genuine"](signature(BODY, 1_000, [Secret(KEY)]), BODY, KEY.encode())
    assert not made["is_genuine"]("", BODY, KEY.encode())


def test_while_keys_change_the_receiver_may_know_either() -> None:
    header = signature(BODY, 1_000, [Secret(OLD_KEY), Secret(KEY)])
    assert header.count("v1=") == 2
    for key in (OLD_KEY, KEY):
        assert is_genuine(header, BODY, key.encode(), 1_100.0)
    assert not is_genuine(header, BODY, b"another key", 1_100.0)
    assert not is_genuine(header, BODY + b" ", KEY.encode(), 1_100.0)
    assert not is_genuine(header, BODY, KEY.encode(), 1_400.0)
    assert not is_genuine(header.replace("t=1000", "t=1399"), BODY, KEY.encode(), 1_400.0)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with Receiver(KEY.encode(), [status]) as receiver:
        reply = webhook(receiver.url).post(revision_of(BODY), datetime.now(UTC))
    assert (reply.ok, reply.status, len(receiver.heard)) == (False, status, 1)


@pytest.mark.parametrize("status", [429, 503])
def test_who_wants_to_be_left_alone_counts_as_away(status: int) -> None:
    with (
        Receiver(KEY.encode(), [status]) as receiver,
        pytest.raises(ReceiverFailed, match=f"webhook crm at {LOOPBACK} answers {status}"),
    ):
        webhook(receiver.url).post(revision_of(BODY), datetime.now(UTC))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that is refused
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2002:7f00:1::1",
    ],
)
def test_an_address_inside_is_refused_unless_it_is_allowed(address: str) -> None:
    assert not is_allowed(address, [], public=True)
    assert is_allowed(address, networks_of("0.0.0.0/0,::/0"), public=True)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_spoken_to_by_tls_only(address: str) -> None:
    assert is_allowed(address, [], public=True)
    assert not is_allowed(address, [], public=False)


def test_a_name_that_resolves_to_another_address_every_time_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As who answers for a name would do it: public when it is checked, ours when it is used."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, **more: Any) -> Any:  # noqa: ANN401 - as the original
        asked.append(host)
        return real(LOOPBACK if len(asked) == 1 else "127.0.0.2", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Receiver(KEY.encode()) as receiver:
        url = receiver.url.replace(LOOPBACK, "rebinding.example")
        webhook(url).post(revision_of(BODY), datetime.now(UTC))
        assert asked == ["rebinding.example"]
        assert receiver.heard[0].headers["host"].startswith("rebinding.example:")
        with pytest.raises(ReceiverFailed, match=r"is at 127\.0\.0\.2, which is not allowed"):
            webhook(url).post(revision_of(BODY), datetime.now(UTC))
    assert len(receiver.heard) == 1


def test_a_name_with_one_forbidden_address_is_refused() -> None:
    with (
        Receiver(KEY.encode()) as receiver,
        pytest.raises(ReceiverFailed, match="not allowed: see ABOVEBOARD_NOTIFY_WEBHOOK_NETWORKS"),
    ):
        webhook(receiver.url, "10.0.0.0/8").post(revision_of(BODY), datetime.now(UTC))
    assert receiver.heard == []


def test_who_proves_not_to_be_who_it_is_is_told_nothing() -> None:
    with (
        Receiver(KEY.encode()) as receiver,
        pytest.raises(ReceiverFailed, match="does not answer"),
    ):
        webhook(receiver.url.replace("http:", "https:")).post(revision_of(BODY), datetime.now(UTC))
    assert receiver.heard == []
