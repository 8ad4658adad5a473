"""Sends a letter by SMTP, never in clear text and never to a server that nobody vouches for."""

import smtplib
import ssl
from email.message import EmailMessage

from detectors.basis.errors import InvalidSettings
from streams.config.mail import MailSettings
from streams.errors import MailNotSent


def send(message: EmailMessage, settings: MailSettings) -> None:
    """Hand a letter to the server.

    Raises
    ------
    MailNotSent
        The server cannot be reached or believed, or does not take it for everybody; says why.
    InvalidSettings
        The file of authorities cannot be used.
    """
    server = f"{settings.host}:{settings.chosen_port()}"
    context = _context(settings)
    try:
        with _connected(settings, context) as connection:
            if settings.username:
                connection.login(settings.username, str(settings.password.reveal()))
            refused = connection.send_message(message)
    except smtplib.SMTPNotSupportedError as error:
        raise MailNotSent(f"the mail server {server}: {error}; nothing was sent") from None
    except OSError as error:  # those of smtplib and ssl are of it
        raise MailNotSent(f"the mail server {server}: {error}; nothing was sent") from None
    if refused:
        raise MailNotSent(f"the mail server {server} does not take it for {', '.join(refused)}")


def _connected(settings: MailSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    host, port, timeout = settings.host, settings.chosen_port(), settings.timeout
    if settings.encryption == "implicit":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    connection = smtplib.SMTP(host, port, timeout=timeout)
    try:
        connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def _context(settings: MailSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.cafile)
    except OSError as error:  # those of ssl are of it
        raise InvalidSettings(
            f"ABOVEBOARD_MAIL_CAFILE: {settings.cafile}: {error.strerror or error}; name a file "
            "with the certificates of the authorities to trust, as PEM"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
