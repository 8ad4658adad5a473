"""Which webhooks the settings of the notifier name, and by which keys each knows us."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from detectors.basis.errors import InvalidSettings
from streams.config.host import variable
from streams.config.notify import NotifySettings
from streams.config.secret import Secret
from streams.printable import printable

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHORTEST_KEY: Final = 16

_ADDRESSES: Final = variable("notify_webhooks")
_KEYS: Final = variable("notify_webhook_keys")
_KEYS_FILE: Final = variable("notify_webhook_keys_file")


class WebhookChoice(NamedTuple):
    """A webhook that is to be told; at least one key."""

    name: str
    address: SplitResult
    keys: tuple[Secret, ...]


def webhook_choices(settings: NotifySettings) -> list[WebhookChoice]:
    """Return the webhooks that settings name; none if they name none.

    Raises
    ------
    InvalidSettings
        An address or a key cannot be used, or a webhook has no key.
    """
    addresses: dict[str, SplitResult] = {}
    for text in filter(None, map(str.strip, settings.notify_webhooks.split(","))):
        name, _, address = text.partition("=")
        if not _NAME.fullmatch(name):
            raise InvalidSettings(
                f"{_ADDRESSES}: write NAME=https://HOST/PATH, the name of small letters, digits "
                "and -; a comma in an address is %2C"
            )
        if name in addresses:
            raise InvalidSettings(f"{_ADDRESSES}: {name} is there twice. Choose another name")
        addresses[name] = _address(name, address)
    keys = _keys(settings) if addresses else {}
    for name in addresses:
        if not keys.get(name):
            raise InvalidSettings(
                f"webhook {name} has no key to sign by: make one with `openssl rand -hex 32`, and "
                f"write {name}=KEY in a file that {_KEYS_FILE} names"
            )
    return [WebhookChoice(name, one, tuple(keys[name])) for name, one in addresses.items()]


def _address(name: str, text: str) -> SplitResult:
    parts = urlsplit(text)
    try:
        usable = parts.scheme in ("http", "https") and bool(parts.hostname and parts.port != 0)
    except ValueError:  # a port that is no number
        usable = False
    if not (text.isascii() and text.isprintable()) or " " in text:
        usable = False
    if not usable or parts.username is not None or parts.fragment:
        # Without the address: a part of it is often a password.
        raise InvalidSettings(
            f"{_ADDRESSES}: {name} has no address that can be used. Write https://HOST/PATH in "
            "ASCII, without user and password"
        )
    return parts


def _keys(settings: NotifySettings) -> Mapping[str, list[Secret]]:
    text = str(settings.notify_webhook_keys.reveal())
    path = settings.notify_webhook_keys_file
    if path is not None:
        if text:
            raise InvalidSettings(f"{_KEYS} and {_KEYS_FILE} are both set: remove one")
        text = _read(path)
    found: dict[str, list[Secret]] = {}
    for part in filter(None, map(str.strip, re.split(r"[,\n]", text))):
        name, _, key = (word.strip() for word in part.partition("="))
        if not _NAME.fullmatch(name) or len(key) < _SHORTEST_KEY or printable(key) != key:
            raise InvalidSettings(
                f"{_KEYS_FILE if path else _KEYS}: write NAME=KEY, a key of {_SHORTEST_KEY} "
                "characters or more"
            )
        found.setdefault(name, []).append(Secret(key))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise InvalidSettings(f"{_KEYS_FILE}: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:  # whose message would show a part of the file
        raise InvalidSettings(f"{_KEYS_FILE}: {path} is no text: save it as UTF-8") from None
