"""`aboveboard notify` says what its settings lack before it asks any broker."""

from pathlib import Path

import pytest

from detectors.basis.errors import InvalidSettings
from streams.cli.main import main
from streams.cli.notify import authorization
from streams.config.notify import (
    NotifySettings,
    field_labels,
    fixed_labels,
    read_notify_settings,
)
from streams.config.secret import Secret

NOWHERE = ["--broker", "127.0.0.1:9"]
ALERTMANAGER = ["--alertmanager", "http://127.0.0.1:9093"]


def complaint(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *words: str,
    **settings: str,
) -> str:
    for name, value in settings.items():
        monkeypatch.setenv(f"ABOVEBOARD_NOTIFY_{name.upper()}", value)
    assert main(["notify", *NOWHERE, *words]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (ALERTMANAGER, {}, "ABOVEBOARD_NOTIFY_PSEUDONYM_KEY is not set"),
        ([], {"pseudonym_key": "k"}, "nobody to tell"),
        (["--alertmanager", "am:9093"], {"pseudonym_key": "k"}, "not the address"),
        (["--alertmanager", "http://u:hush@am"], {"pseudonym_key": "k"}, "not the address"),
        (["--alertmanager", "http://am:port"], {"pseudonym_key": "k"}, "not the address"),
        (ALERTMANAGER, {"pseudonym_key": "k", "labels": "site"}, "'site' is no label"),
        (ALERTMANAGER, {"pseudonym_key": "k", "labels": "severity=x"}, "severity is there already"),
        (ALERTMANAGER, {"pseudonym_key": "k", "resend": "0"}, "ABOVEBOARD_NOTIFY_RESEND"),
        (ALERTMANAGER, {"pseudonym_key": "k", "lasts": "30"}, "not more than"),
        (ALERTMANAGER, {"pseudonym_key": "k", "severity": "bad"}, "ABOVEBOARD_NOTIFY_SEVERITY"),
        (ALERTMANAGER, {"pseudonym_key": "k", "pseudonym_key_file": "x"}, "both set"),
        (ALERTMANAGER, {"pseudonym_key_file": "nowhere"}, "cannot read nowhere"),
        (ALERTMANAGER, {"pseudonym_key": "k", "username": "u"}, "belong together"),
        (
            ALERTMANAGER,
            {"pseudonym_key": "k", "username": "u", "password": "hush", "token": "t"},
            "takes one of them",
        ),
        (ALERTMANAGER, {"pseudonym_key": "k", "token": "a\nb: c"}, "one line of ASCII"),
        (ALERTMANAGER, {"pseudonym_key": "k", "ssl_cafile": "nowhere"}, "SSL_CAFILE"),
        (ALERTMANAGER, {"pseudonym_key": "k"}, "no Kafka broker answers"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    settings: dict[str, str],
    said: str,
) -> None:
    told = complaint(monkeypatch, capsys, *words, **settings)
    assert said in told
    assert "hush" not in told
    assert len(told.splitlines()) == 1


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("abc\n", encoding="utf-8")
    settings = NotifySettings(notify_token_file=path)
    assert authorization(settings).reveal() == "Bearer abc"


def test_basic_authentication_is_encoded() -> None:
    settings = NotifySettings(notify_username="Aladdin", notify_password=Secret("open sesame"))
    assert authorization(settings).reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_labels_are_read_as_they_are_written() -> None:
    settings = read_notify_settings({"ABOVEBOARD_NOTIFY_LABELS": "site=Leeds, team=a=b"})
    assert fixed_labels(settings, frozenset()) == {"site": "Leeds", "team": "a=b"}
    many = ",".join(f"l{number}=x" for number in range(11))
    with pytest.raises(Exception, match="11 labels, 10 are the most"):
        fixed_labels(NotifySettings(notify_labels=many), frozenset())


def test_fields_of_an_alert_are_labels_as_far_as_they_are_named() -> None:
    for text, fields in (("team , site", ("site", "team")), ("site", ("site",)), ("none", ())):
        settings = read_notify_settings({"ABOVEBOARD_NOTIFY_FIELD_LABELS": text})
        assert field_labels(settings, ("site", "team")) == fields
    assert field_labels(read_notify_settings({}), ("site", "team")) == ("site", "team")
    with pytest.raises(InvalidSettings, match="FIELD_LABELS: 'agent' is none of site, team"):
        field_labels(NotifySettings(notify_field_labels="site,agent"), ("site", "team"))


def test_a_day_without_contact_is_no_end_unless_it_is_set() -> None:
    assert read_notify_settings({}).notify_lasts == 86_400
    assert read_notify_settings({"ABOVEBOARD_NOTIFY_LASTS": "120"}).notify_lasts == 120
