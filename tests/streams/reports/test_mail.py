"""Letters go by real TLS to a server that is known, and to nobody else."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Literal

import pytest
import trustme
from msgspec.structs import replace

from detectors.basis.errors import InvalidSettings
from streams.config.mail import MailSettings, read_mail_settings
from streams.config.secret import Secret
from streams.errors import MailNotSent
from streams.reports.letter import letter
from streams.reports.page import page
from streams.reports.smtp import send
from streams.reports.text import text
from tests.streams.reports.mail_server import HOST, PASSWORD, UNKNOWN, MailServer, mail_server
from tests.streams.reports.reported import about_agent, contents_with, hostile_contents

AT: Final = datetime(2025, 6, 2, 6, tzinfo=UTC)


def written_to(server: MailServer, settings: MailSettings | None = None) -> EmailMessage:
    """Send the report of hostile ids, and return the letter."""
    chosen = server.settings() if settings is None else settings
    message = letter(hostile_contents(), chosen, AT)
    send(message, chosen)
    return message


@pytest.mark.parametrize("encryption", ["starttls", "implicit"])
def test_a_letter_arrives_as_text_and_page_enciphered(
    tmp_path: Path, encryption: Literal["starttls", "implicit"]
) -> None:
    with mail_server(tmp_path, encryption) as server:
        settings = server.settings(encryption)
        if encryption == "implicit":
            settings = replace(settings, username="", password=Secret())
        written_to(server, settings)
    (received,) = server.inbox.letters
    assert server.inbox.enciphered == [True]
    plain, html = received.get_body(("plain",)), received.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == text(hostile_contents()).splitlines()
    assert html.get_content().splitlines() == page(hostile_contents()).splitlines()
    assert received["To"] == "officer@example.com, second@example.com"
    assert received["Message-ID"].endswith("@example.com>")
    assert received["Subject"].startswith("Aboveboard: 9 critical, ")


def test_the_subject_names_nobody() -> None:
    settings = MailSettings(sender="a@example.com", recipients="b@example.com")
    message = letter(contents_with(about_agent("Anna Smith")), settings, AT)
    headers = " ".join(f"{value}" for value in message.values())
    assert "Anna" not in headers
    assert "Anna Smith" in message.as_string()


def refused(server: MailServer, settings: MailSettings) -> str:
    with pytest.raises(MailNotSent) as error:
        written_to(server, settings)
    assert PASSWORD not in str(error.value)
    return str(error.value)


def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    with mail_server(tmp_path) as server:
        told = refused(server, replace(server.settings(), cafile=stranger))
    assert "certificate verify failed" in told
    assert server.inbox.letters == []


def test_nothing_is_sent_to_a_server_of_another_name(tmp_path: Path) -> None:
    with mail_server(tmp_path, name="elsewhere.example") as server:
        assert "IP address mismatch" in refused(server, server.settings())
    assert server.inbox.letters == []


def test_nothing_is_sent_in_clear_text(tmp_path: Path) -> None:
    with mail_server(tmp_path, "clear") as server:
        told = refused(server, server.settings())
    assert "STARTTLS" in told
    assert told.endswith("nothing was sent")
    assert server.inbox.letters == []


def test_a_wrong_password_is_told_and_not_shown(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        told = refused(server, replace(server.settings(), password=Secret("of yesterday")))
    assert "of yesterday" not in told
    assert "Authentication" in told, told
    assert server.inbox.letters == []


def test_whom_the_server_does_not_know_is_told_though_others_have_it(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        both = replace(server.settings(), recipients=f"officer@example.com,{UNKNOWN}")
        assert refused(server, both).endswith(f"does not take it for {UNKNOWN}")
    assert len(server.inbox.letters) == 1


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        pass
    assert f"{HOST}:{server.port}" in refused(server, server.settings())


# ----------------------------------------------------------------------------------------- settings

GIVEN: Final = {
    "ABOVEBOARD_MAIL_HOST": "mail.example.com",
    "ABOVEBOARD_MAIL_SENDER": "a@example.com",
    "ABOVEBOARD_MAIL_RECIPIENTS": "b@example.com, c@example.com",
}


def test_the_usual_port_follows_from_the_encryption() -> None:
    assert read_mail_settings(GIVEN).chosen_port() == 587
    implicit = {**GIVEN, "ABOVEBOARD_MAIL_ENCRYPTION": "implicit"}
    assert read_mail_settings(implicit).chosen_port() == 465
    assert read_mail_settings({**GIVEN, "ABOVEBOARD_MAIL_PORT": "25"}).chosen_port() == 25
    assert read_mail_settings(GIVEN).addresses() == ["b@example.com", "c@example.com"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", ""),
        ("PORT", "70000"),
        ("ENCRYPTION", "none"),
        ("SENDER", "nobody"),
        ("SENDER", "a@example.com\r\nBcc: d@example.com"),
        ("RECIPIENTS", "b@example.com,"),
        ("RECIPIENTS", ""),
        ("TIMEOUT", "0"),
        ("USERNAME", "a-user-without-a-password"),
        ("PASSWORD", "a password without a user"),
        ("PASSWORD_FILE", "not/there"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"ABOVEBOARD_MAIL_{name}") as error:
        read_mail_settings({**GIVEN, f"ABOVEBOARD_MAIL_{name}": value})
    if name == "PASSWORD":
        assert value not in str(error.value)


def test_a_file_of_authorities_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for path in (empty, tmp_path / "missing.pem"):
        settings = MailSettings(host=HOST, cafile=path, sender="a@b.example", recipients="c@d.e")
        with pytest.raises(InvalidSettings, match="ABOVEBOARD_MAIL_CAFILE"):
            send(EmailMessage(), settings)


def test_no_secret_stands_in_what_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame\n", encoding="utf-8")
    given = {
        **GIVEN,
        "ABOVEBOARD_MAIL_USERNAME": "user",
        "ABOVEBOARD_MAIL_PASSWORD_FILE": f"{file}",
    }
    settings = read_mail_settings(given)
    assert settings.password.reveal() == "open sesame"
    assert "sesame" not in repr(settings)
    with pytest.raises(InvalidSettings, match="twice"):
        read_mail_settings({**given, "ABOVEBOARD_MAIL_PASSWORD": "x"})
