"""Settings of mail, from environment variables named ``ABOVEBOARD_MAIL_...``."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from detectors.basis.errors import InvalidSettings
from streams.config.secret import Secret

PREFIX: Final = "ABOVEBOARD_MAIL_"

Encryption = Literal["starttls", "implicit"]

_USUAL_PORTS: Final[Mapping[Encryption, int]] = {"starttls": 587, "implicit": 465}

_ADDRESS: Final = re.compile(r"[^\s@,<>\"]+@[^\s@,<>\"]+")


class MailSettings(Struct, frozen=True, kw_only=True):
    """By which server mail goes, from whom and to whom; always enciphered, by a server we know.

    Attributes
    ----------
    host, port
        The server; port 0 is the usual one of the encryption.
    encryption
        ``starttls`` begins in clear text and goes on only enciphered; ``implicit`` is enciphered
        from the start.
    cafile
        PEM file of the authorities to trust for the server; None for those of the system.
    username, password, password_file
        How to prove to be who, if the server asks for it; the password, or a file with it alone.
    sender, recipients
        Addresses; several recipients are separated by commas.
    timeout
        Seconds to wait for an answer of the server.
    """

    host: str = ""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    encryption: Encryption = "starttls"
    cafile: Path | None = None
    username: str = ""
    password: Secret = Secret()
    password_file: Path | None = None
    sender: str = ""
    recipients: str = ""
    timeout: Annotated[float, Meta(gt=0)] = 30.0

    def chosen_port(self) -> int:
        """Return the port, or the usual one."""
        return self.port or _USUAL_PORTS[self.encryption]

    def addresses(self) -> list[str]:
        """Return the addresses of the recipients."""
        return [one.strip() for one in self.recipients.split(",")]


def read_mail_settings(environment: Mapping[str, str] = os.environ) -> MailSettings:
    """Return the settings that the variables hold.

    Raises
    ------
    InvalidSettings
        One is missing, or holds what cannot be used: names the variable and the remedy.
    """
    values = {
        name: environment[_variable(name)]
        for name in MailSettings.__struct_fields__
        if environment.get(_variable(name))
    }
    try:
        settings = msgspec.convert(values, MailSettings, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$.")
        name = _variable(key.rstrip("`"))
        raise InvalidSettings(f"environment variable {name}: {message}") from None
    _refuse_unusable(settings)
    return msgspec.structs.replace(settings, password=_password(settings), password_file=None)


def _refuse_unusable(settings: MailSettings) -> None:
    if not settings.host:
        raise InvalidSettings(
            f"{_variable('host')} is not set: name the server that takes mail, such as "
            "mail.example.com"
        )
    addresses = [("sender", settings.sender)]
    addresses += [("recipients", address) for address in settings.addresses()]
    for name, address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise InvalidSettings(
                f"{_variable(name)}: {address!r} is no address of mail; write it as "
                "compliance@example.com"
            )


def _password(settings: MailSettings) -> Secret:
    """Return the password; a user without one, and one without a user, are mistakes."""
    names = f"{_variable('password')} or {_variable('password_file')}"
    file, password = settings.password_file, settings.password
    if file is not None:
        if password:
            raise InvalidSettings(f"the password is given twice, in {names}: remove one")
        try:
            password = Secret(file.read_bytes().decode().removesuffix("\n").removesuffix("\r"))
        except OSError as error:
            raise InvalidSettings(
                f"{_variable('password_file')}: {file}: {error.strerror}; name a file that this "
                "user can read"
            ) from None
        except UnicodeDecodeError:  # whose message would show a part of the file
            raise InvalidSettings(
                f"{_variable('password_file')}: {file} is no text: save it as UTF-8"
            ) from None
    if bool(settings.username) != bool(password):
        raise InvalidSettings(
            f"{_variable('username')} and its password belong together: set both, the password in "
            f"{names}, or neither"
        )
    return password


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _from_text(kind: type, value: Any) -> Any:  # noqa: ANN401 - as msgspec asks for it
    return kind(value)
