"""Settings of the notifier, from environment variables: whom it tells, and how."""

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from detectors.alerts.alert import Severity
from detectors.basis.errors import InvalidSettings
from streams.config.host import Seconds, variable
from streams.config.secret import Secret

_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MOST_LABELS: Final = 10
_NO_FIELD: Final = "none"


class NotifySettings(Struct, frozen=True, kw_only=True):
    """Whom the notifier tells, and how.

    Attributes
    ----------
    notify_alertmanagers
        Addresses, separated by commas: all of a cluster, or several that do not know each other.
    notify_severity
        The lowest severity that is told.
    notify_pseudonym_key, notify_pseudonym_key_file
        The key under which the label ``subject`` is made of the id of an agent, or a file that
        holds it and nothing else.
    notify_labels
        Labels that every alert bears, as ``site=Leeds,team=sales``.
    notify_field_labels
        Fields of an alert that are labels where it knows them, separated by commas.
    notify_link
        Address of the page of an alert, with ``{alert_id}`` in it.
    notify_resend, notify_lasts
        Seconds between two times that everything is sent, and for which an Alertmanager that hears
        nothing more takes an alert for firing.
    notify_ends_for
        Seconds for which an end is sent again.
    notify_batch
        The most alerts in one request.
    notify_timeout
        Seconds for one request.
    notify_ssl_cafile
        PEM file of the authorities to trust for the Alertmanagers; None for those of the system.
    notify_username, notify_password, notify_password_file
        Basic authentication.
    notify_token, notify_token_file
        A bearer token, in place of it.
    notify_webhooks
        Webhooks of other systems, as ``crm=https://crm.example/alerts``, separated by commas.
    notify_webhook_keys, notify_webhook_keys_file
        What signs, as ``crm=KEY``, separated by commas or line breaks; several for one webhook
        while keys change.
    notify_webhook_severity
        The severity from which on a webhook is told of an alert.
    notify_webhook_gives_up
        Seconds after which what a webhook does not take becomes a dead letter.
    notify_webhook_networks
        Addresses allowed beside public ones, as ``10.1.0.0/16``, separated by commas.
    notify_webhook_ssl_cafile
        PEM file of the authorities to trust for webhooks; None for those of the system.
    """

    notify_alertmanagers: str = ""
    notify_severity: Severity = "warning"
    notify_pseudonym_key: Secret = Secret()
    notify_pseudonym_key_file: Path | None = None
    notify_labels: str = ""
    notify_field_labels: str = "site,team"
    notify_link: str = ""
    notify_resend: Seconds = 30.0
    notify_lasts: Seconds = 86_400.0
    notify_ends_for: Seconds = 900.0
    notify_batch: Annotated[int, Meta(ge=1, le=1_000)] = 64
    notify_timeout: Seconds = 10.0
    notify_ssl_cafile: Path | None = None
    notify_username: str = ""
    notify_password: Secret = Secret()
    notify_password_file: Path | None = None
    notify_token: Secret = Secret()
    notify_token_file: Path | None = None
    notify_webhooks: str = ""
    notify_webhook_keys: Secret = Secret()
    notify_webhook_keys_file: Path | None = None
    notify_webhook_severity: Severity = "warning"
    notify_webhook_gives_up: Seconds = 86_400.0
    notify_webhook_networks: str = ""
    notify_webhook_ssl_cafile: Path | None = None


def read_notify_settings(environment: Mapping[str, str] = os.environ) -> NotifySettings:
    """Return the settings that variables named ``ABOVEBOARD_NOTIFY_...`` hold.

    A variable that is empty counts as not set.

    Raises
    ------
    InvalidSettings
        Naming the variable whose value cannot be used.
    """
    names = [field.name for field in msgspec.structs.fields(NotifySettings)]
    values = {name: value for name in names if (value := environment.get(variable(name)))}
    try:
        settings = msgspec.convert(values, NotifySettings, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$.")
        name = variable(key.rstrip("`"))
        raise InvalidSettings(f"environment variable {name}: {message}") from None
    if settings.notify_lasts <= settings.notify_resend:
        raise InvalidSettings(
            f"{variable('notify_lasts')} is {settings.notify_lasts:g}, which is not more than "
            f"{variable('notify_resend')}: alerts would end between two times that they are sent. "
            "Set it to four times that, or more"
        )
    return settings


def fixed_labels(settings: NotifySettings, reserved: frozenset[str]) -> dict[str, str]:
    """Return the labels that every alert bears.

    Raises
    ------
    InvalidSettings
        They are not written as labels are, are too many, or have a `reserved` name.
    """
    name_of_it = variable("notify_labels")
    labels: dict[str, str] = {}
    for text in filter(None, settings.notify_labels.split(",")):
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not value or not _LABEL.fullmatch(name):
            raise InvalidSettings(
                f"{name_of_it}: {text.strip()!r} is no label. Write site=Leeds,team=sales: names "
                "of letters, digits and _"
            )
        if name in reserved or name in labels:
            raise InvalidSettings(f"{name_of_it}: {name} is there already. Choose another name")
        labels[name] = value
    if len(labels) > _MOST_LABELS:
        raise InvalidSettings(f"{name_of_it}: {len(labels)} labels, {_MOST_LABELS} are the most")
    return labels


def field_labels(settings: NotifySettings, known: Collection[str]) -> tuple[str, ...]:
    """Return the fields of an alert that are labels, of those that are `known`.

    Raises
    ------
    InvalidSettings
        Another one is named.
    """
    names = [text.strip() for text in settings.notify_field_labels.split(",") if text.strip()]
    for name in names:
        if name not in known and name != _NO_FIELD:
            raise InvalidSettings(
                f"{variable('notify_field_labels')}: {name!r} is none of {', '.join(known)}. "
                f"Write {_NO_FIELD} for no label"
            )
    return tuple(name for name in known if name in names)


def secret_of(settings: NotifySettings, field: str) -> Secret:
    """Return a secret that is given in a variable, or in a file that its ``_FILE`` names; or none.

    Raises
    ------
    InvalidSettings
        It is given twice, or the file cannot be read or does not hold one line.
    """
    given: Secret = getattr(settings, field)
    path: Path | None = getattr(settings, f"{field}_file")
    if path is None:
        return given
    name, file_name = variable(field), variable(f"{field}_file")
    if given:
        raise InvalidSettings(f"{name} and {file_name} are both set: remove one")
    try:
        text = path.read_bytes().decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise InvalidSettings(f"{file_name}: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:  # whose message would show a part of the file
        raise InvalidSettings(f"{file_name}: {path} is no text: save it as UTF-8") from None
    if not text or not text.isprintable():
        raise InvalidSettings(
            f"{file_name}: {path} is not one line with a secret: write it there and nothing else"
        )
    return Secret(text)


def _from_text(kind: type, value: Any) -> Any:  # noqa: ANN401 - as msgspec asks for it
    return kind(value)
