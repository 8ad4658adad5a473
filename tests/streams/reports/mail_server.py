"""A mail server with real TLS for the tests, which keeps what it is given."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Final, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from streams.config.mail import MailSettings
from streams.config.secret import Secret

HOST: Final = "127.0.0.1"
USER: Final = "aboveboard"
PASSWORD: Final = "Ros3bud said $HOME"  # noqa: S105 - of a server that lives for a test
UNKNOWN: Final = "nobody@example.com"

_PATIENCE: Final = 90.0

Offer = Literal["starttls", "implicit", "clear"]


class Inbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.letters: Final[list[EmailMessage]] = []
        self.enciphered: Final[list[bool]] = []

    async def handle_RCPT(  # noqa: N802 - the server asks for this name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address == UNKNOWN:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        assert server.transport is not None
        self.enciphered.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


class MailServer:
    """A server that runs, and how to reach it."""

    def __init__(self, port: int, inbox: Inbox, authority: Path) -> None:
        self.port: Final = port
        self.inbox: Final = inbox
        self.authority: Final = authority

    def settings(self, encryption: Literal["starttls", "implicit"] = "starttls") -> MailSettings:
        return MailSettings(
            host=HOST,
            port=self.port,
            encryption=encryption,
            cafile=self.authority,
            username=USER,
            password=Secret(PASSWORD),
            sender="aboveboard@example.com",
            recipients="officer@example.com, second@example.com",
            timeout=20.0,
        )

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the same as variables, the password in a file."""
        password = folder / "password"
        password.write_text(f"{PASSWORD}\n", encoding="utf-8")
        return {
            "ABOVEBOARD_MAIL_HOST": HOST,
            "ABOVEBOARD_MAIL_PORT": str(self.port),
            "ABOVEBOARD_MAIL_CAFILE": str(self.authority),
            "ABOVEBOARD_MAIL_USERNAME": USER,
            "ABOVEBOARD_MAIL_PASSWORD_FILE": str(password),
            "ABOVEBOARD_MAIL_SENDER": "aboveboard@example.com",
            "ABOVEBOARD_MAIL_RECIPIENTS": "officer@example.com",
        }


@contextmanager
def mail_server(folder: Path, offer: Offer = "starttls", name: str = HOST) -> Iterator[MailServer]:
    """Run a server whose certificate is one for `name`."""
    authority = trustme.CA()
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    inbox = Inbox()

    def connected() -> SMTP:
        return SMTP(
            inbox,
            hostname=HOST,
            tls_context=context if offer == "starttls" else None,
            require_starttls=offer == "starttls",
            auth_required=offer == "starttls",
            authenticator=_authenticated,
        )

    async def listening() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        implicit = context if offer == "implicit" else None
        return await loop.create_server(connected, HOST, 0, ssl=implicit)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(listening())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield MailServer(server.sockets[0].getsockname()[1], inbox, path)
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    """Close the server and let those who still talk end."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _authenticated(_: SMTP, __: Session, ___: Envelope, mechanism: str, data: object) -> AuthResult:
    del mechanism
    known = data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)
