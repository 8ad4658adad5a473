"""`aboveboard notify`: tells receivers of the alerts in Kafka, until it is asked to stop."""

import argparse
import base64
import logging
import os
import signal
import ssl
from typing import Final

import msgspec

from detectors.basis.errors import InvalidSettings
from streams.broker.batches.needed import require_codecs
from streams.broker.rights_check import require_rights
from streams.cli.arguments import add_broker_arguments, chosen_broker, chosen_security
from streams.config.host import read_host_settings, variable
from streams.config.notify import (
    NotifySettings,
    field_labels,
    fixed_labels,
    read_notify_settings,
    secret_of,
)
from streams.config.secret import Secret
from streams.config.webhooks import webhook_choices
from streams.notify.alertmanager import Alertmanager
from streams.notify.service import Notifier
from streams.notify.web_client import WebClient
from streams.notify.webhooks.addresses import networks_of
from streams.notify.webhooks.webhook import Webhook
from streams.notify.wording import FIELD_LABELS, OWN_LABELS, Labels
from streams.wire.rights import Role
from streams.worker.log import set_up_log

_OWNER_ONLY: Final = 0o077
_log: Final = logging.getLogger("aboveboard.notify")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--alertmanager",
        action="append",
        metavar="URL",
        help="http://HOST:PORT or https://HOST:PORT; may be given several times (default: "
        "ABOVEBOARD_NOTIFY_ALERTMANAGERS)",
    )
    parser.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="default: ABOVEBOARD_METRICS_PORT, or 9464; 0 takes a free one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Tell alerts; 0 when it was asked to stop.

    Raises
    ------
    AboveboardError
        The settings cannot be used, or the broker does not answer.
    """
    set_up_log()
    require_codecs()
    os.umask(_OWNER_ONLY)
    host = read_host_settings()
    bootstrap, prefix = chosen_broker(arguments)
    host = msgspec.structs.replace(host, broker=bootstrap, topic_prefix=prefix)
    if arguments.metrics_port is not None:
        host = msgspec.structs.replace(host, metrics_port=arguments.metrics_port)
    settings = read_notify_settings()
    if arguments.alertmanager:
        addresses = ",".join(arguments.alertmanager)
        settings = msgspec.structs.replace(settings, notify_alertmanagers=addresses)
    receivers, webhooks = _receivers(settings, prefix), _webhooks(settings)
    if not (receivers or webhooks):
        raise InvalidSettings(
            "nobody to tell: name an Alertmanager with --alertmanager http://HOST:9093 or in "
            f"{variable('notify_alertmanagers')}, or a webhook in {variable('notify_webhooks')}"
        )
    key = secret_of(settings, "notify_pseudonym_key")
    if receivers and not key:
        raise InvalidSettings(
            f"{variable('notify_pseudonym_key')} is not set: labels are the subjects of mails, so "
            "agents stand in them under pseudonyms, which need a key. Make one with `openssl rand "
            "-hex 32`, keep it, and name a file that holds it in "
            f"{variable('notify_pseudonym_key_file')}"
        )
    fields = field_labels(settings, FIELD_LABELS)
    identity = Labels(key, fixed_labels(settings, OWN_LABELS), fields)
    security = chosen_security()
    require_rights(bootstrap, Role.NOTIFY, prefix, security, group=host.group)
    notifier = Notifier(host, security, settings, receivers, webhooks, identity)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: notifier.stop.set())
    return notifier.run()


def _receivers(settings: NotifySettings, prefix: str) -> list[Alertmanager]:
    addresses = [text.strip() for text in settings.notify_alertmanagers.split(",") if text.strip()]
    if not addresses:
        return []
    header, context = authorization(settings), _context(settings, "notify_ssl_cafile")
    if header and any(address.startswith("http:") for address in addresses):
        _log.warning("the password or token travels in clear text: use https:// addresses")
    owner = f"aboveboard {prefix}".strip()
    return [
        Alertmanager(
            WebClient(address, header, context, settings.notify_timeout),
            owner,
            settings.notify_batch,
            settings.notify_link,
        )
        for address in dict.fromkeys(addresses)
    ]


def _webhooks(settings: NotifySettings) -> list[Webhook]:
    choices = webhook_choices(settings)
    if not choices:
        return []
    try:
        networks = networks_of(settings.notify_webhook_networks)
    except ValueError as error:
        raise InvalidSettings(
            f"{variable('notify_webhook_networks')}: {error}. Write 10.1.0.0/16,127.0.0.1"
        ) from None
    context = _context(settings, "notify_webhook_ssl_cafile")
    return [
        Webhook(name, address, keys, networks, context, settings.notify_timeout)
        for name, address, keys in choices
    ]


def authorization(settings: NotifySettings) -> Secret:
    """Return the header by which we are known to the Alertmanagers; empty for none.

    Raises
    ------
    InvalidSettings
        The settings of it contradict each other, or cannot be sent.
    """
    token, password = secret_of(settings, "notify_token"), secret_of(settings, "notify_password")
    if token and (password or settings.notify_username):
        raise InvalidSettings(
            f"{variable('notify_token')} and {variable('notify_username')} are both set: an "
            "Alertmanager takes one of them"
        )
    if bool(password) != bool(settings.notify_username):
        raise InvalidSettings(
            f"{variable('notify_username')} and {variable('notify_password')} belong together: set "
            "both, or none"
        )
    if not (token.reveal().isascii() and token.reveal().isprintable()):
        raise InvalidSettings(
            f"{variable('notify_token')} holds what cannot stand in a header: use one line of ASCII"
        )
    if token:
        return Secret(f"Bearer {token.reveal()}")
    if not password:
        return Secret()
    pair = f"{settings.notify_username}:{password.reveal()}".encode()
    return Secret(f"Basic {base64.b64encode(pair).decode()}")


def _context(settings: NotifySettings, field: str) -> ssl.SSLContext:
    cafile = getattr(settings, field)
    try:
        return ssl.create_default_context(cafile=cafile)
    except (ssl.SSLError, OSError) as error:
        raise InvalidSettings(
            f"{variable(field)}: {cafile} holds no certificates that can be used "
            f"({error}): name a PEM file of the authorities to trust"
        ) from None
