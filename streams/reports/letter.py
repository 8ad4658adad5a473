"""A report as a letter by mail: the text, and the page for readers that show HTML."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from streams.config.mail import MailSettings
from streams.reports.contents import Contents
from streams.reports.page import page
from streams.reports.text import text


def subject(contents: Contents) -> str:
    """Return the subject: numbers only, for a subject is read on screens that others see."""
    return f"Aboveboard: {contents.headline()}"


def letter(contents: Contents, settings: MailSettings, at: datetime) -> EmailMessage:
    """Return the letter, written at that time (with an offset)."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject(contents)
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.addresses())
    message["Date"] = format_datetime(at)
    # Of the sender's domain: the name of this machine is nobody's business.
    message["Message-ID"] = make_msgid(domain=settings.sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # keeps absence notes from answering it
    message.set_content(text(contents))
    message.add_alternative(page(contents), subtype="html")
    return message
