"""The settings of webhooks are named where they cannot be used, and no secret is shown."""

from pathlib import Path

import pytest

from detectors.basis.errors import InvalidSettings
from streams.cli.main import main
from streams.config.notify import NotifySettings
from streams.config.secret import Secret
from streams.config.webhooks import webhook_choices

KEY = "0123456789abcdef"


def test_a_webhook_has_an_address_and_keys_of_its_own(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"crm={KEY}\ncrm = {KEY}=new\nsiem={KEY}\nold={KEY}\n", encoding="utf-8")
    settings = NotifySettings(
        notify_webhooks="crm=https://crm.example/a?k=v, siem=https://siem.example:8443",
        notify_webhook_keys_file=keys,
    )
    crm, siem = webhook_choices(settings)
    assert (crm.name, crm.address.geturl()) == ("crm", "https://crm.example/a?k=v")
    assert [key.reveal() for key in crm.keys] == [KEY, f"{KEY}=new"]
    assert (siem.address.port, siem.keys) == (8443, (Secret(KEY),))
    assert webhook_choices(NotifySettings()) == []


@pytest.mark.parametrize(
    ("addresses", "keys", "said"),
    [
        ("https://hush.example", "", "write NAME=https://HOST/PATH"),
        ("CRM=https://hush.example", "", "write NAME=https://HOST/PATH"),
        ("crm=ftp://hush.example", "", "crm has no address"),
        ("crm=https://u:hush@crm.example", "", "crm has no address"),
        ("crm=https://crm.example:hush", "", "crm has no address"),
        ("crm=https://crm.example/hush\nX: y", "", "crm has no address"),
        ("crm=https://a,crm=https://b", f"crm={KEY}", "crm is there twice"),
        ("crm=https://a", "", "crm has no key"),
        ("crm=https://a", f"siem={KEY}", "crm has no key"),
        ("crm=https://a", "crm=hush", "a key of 16 characters or more"),
        ("crm=https://a", "hush", "write NAME=KEY"),
    ],
)
def test_what_cannot_be_used_is_named(addresses: str, keys: str, said: str) -> None:
    settings = NotifySettings(notify_webhooks=addresses, notify_webhook_keys=Secret(keys))
    with pytest.raises(InvalidSettings, match=said) as complaint:
        webhook_choices(settings)
    assert "hush" not in str(complaint.value)


def test_keys_stand_in_one_place_that_can_be_read(tmp_path: Path) -> None:
    settings = NotifySettings(
        notify_webhooks="crm=https://a",
        notify_webhook_keys=Secret(f"crm={KEY}"),
        notify_webhook_keys_file=tmp_path / "keys",
    )
    with pytest.raises(InvalidSettings, match="both set"):
        webhook_choices(settings)
    alone = NotifySettings(
        notify_webhooks="crm=https://a", notify_webhook_keys_file=tmp_path / "keys"
    )
    with pytest.raises(InvalidSettings, match="cannot read"):
        webhook_choices(alone)
    (tmp_path / "keys").write_bytes(b"\xff")
    with pytest.raises(InvalidSettings, match="is no text"):
        webhook_choices(alone)


@pytest.mark.parametrize(
    ("networks", "said"),
    [("10.0.0.1/8", "WEBHOOK_NETWORKS"), ("10.0.0.0/8", "no Kafka broker answers")],
)
def test_a_webhook_alone_needs_no_pseudonyms(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    networks: str,
    said: str,
) -> None:
    monkeypatch.setenv("ABOVEBOARD_NOTIFY_WEBHOOKS", "crm=https://crm.example")
    monkeypatch.setenv("ABOVEBOARD_NOTIFY_WEBHOOK_KEYS", f"crm={KEY}")
    monkeypatch.setenv("ABOVEBOARD_NOTIFY_WEBHOOK_NETWORKS", networks)
    assert main(["notify", "--broker", "127.0.0.1:9"]) == 2
    assert said in capsys.readouterr().err
