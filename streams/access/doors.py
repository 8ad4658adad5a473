"""The door that the settings ask for; what could let everybody in is refused at the start."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import fields

from detectors.basis.errors import InvalidSettings
from streams.access.certificates import CertificateDoor
from streams.access.issuer import Issuer, is_private_way
from streams.access.local import LocalDoor, is_loopback
from streams.access.person import Door
from streams.access.proxy import ProxyDoor, trusted_networks
from streams.access.roles import role_map
from streams.access.tokens import TokenDoor
from streams.config.desk import DeskSettings
from streams.config.host import variable

_MODE: Final = variable("desk_mode")
_OF_MODES: Final = ("oidc", "proxy", "mtls")


def door_of(settings: DeskSettings) -> Door:
    """Return the door of the mode.

    Raises
    ------
    InvalidSettings
        A setting lacks, contradicts another, or would be without effect.
    """
    _refuse_what_has_no_effect(settings)
    roles = role_map(settings.desk_roles)
    match settings.desk_mode:
        case "none":
            _require_loopback(settings.desk_host)
            return LocalDoor(settings.desk_role)
        case "oidc":
            return TokenDoor(
                _issuer(settings),
                _needed(settings, "desk_oidc_audience"),
                settings.desk_oidc_login_claim,
                settings.desk_oidc_roles_claim,
                roles,
            )
        case "proxy":
            return ProxyDoor(
                trusted_networks(settings.desk_proxy_networks),
                settings.desk_proxy_login_header,
                settings.desk_proxy_groups_header,
                roles,
            )
        case "mtls":
            _needed(settings, "desk_roles")
            return CertificateDoor(settings.desk_mtls_login, roles)


def server_context(settings: DeskSettings) -> ssl.SSLContext | None:
    """Return how the desk speaks TLS; None if it does not.

    Raises
    ------
    InvalidSettings
        A file cannot be used, or mode ``mtls`` has none.
    """
    certificate, key = settings.desk_tls_certfile, settings.desk_tls_keyfile
    if certificate is None:
        if key is not None or settings.desk_mode == "mtls":
            _needed(settings, "desk_tls_certfile")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with _named("desk_tls_certfile", certificate):
        # Without a password, a key that needs one is an error and no question to a terminal.
        context.load_cert_chain(certificate, key, password="")
    if settings.desk_mode == "mtls":
        authority = _needed(settings, "desk_mtls_cafile")
        with _named("desk_mtls_cafile", authority):
            context.load_verify_locations(authority)
        # Not CERT_REQUIRED: who shows none is told so in words.
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _issuer(settings: DeskSettings) -> Issuer:
    address = _needed(settings, "desk_oidc_issuer")
    if not is_private_way(address):
        raise InvalidSettings(
            f"{variable('desk_oidc_issuer')}: {address!r} is no address that can be believed. "
            "Write https://HOST/PATH"
        )
    cafile = settings.desk_oidc_cafile
    with _named("desk_oidc_cafile", cafile):
        context = ssl.create_default_context(cafile=cafile)
    return Issuer(address, context, settings.desk_oidc_timeout)


@contextmanager
def _named(field: str, path: Path | str | None) -> Iterator[None]:
    try:
        yield
    except (ssl.SSLError, OSError) as error:
        raise InvalidSettings(
            f"{variable(field)}: {path} cannot be used ({error}): name a PEM file that this user "
            "can read, with a key that has no password"
        ) from None


def _needed(settings: DeskSettings, field: str) -> str:
    value = getattr(settings, field)
    if value in (None, ""):
        raise InvalidSettings(
            f"{variable(field)} is not set, and {_MODE}={settings.desk_mode} needs it: "
            "docs/access.md says what belongs there"
        )
    return str(value)


def _refuse_what_has_no_effect(settings: DeskSettings) -> None:
    mode = settings.desk_mode
    for field in fields(DeskSettings):
        if getattr(settings, field.name) == field.default:
            continue
        of_mode = next((one for one in _OF_MODES if field.name.startswith(f"desk_{one}_")), mode)
        if field.name == "desk_role":
            of_mode = "none"
        if of_mode != mode or (field.name == "desk_roles" and mode == "none"):
            wanted = "another mode" if field.name == "desk_roles" else f"{_MODE}={of_mode}"
            raise InvalidSettings(
                f"{variable(field.name)} is set and has no effect with {_MODE}={mode}: set "
                f"{wanted}, or unset it"
            )


def _require_loopback(host: str) -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InvalidSettings(f"{variable('desk_host')}: {host!r}: {error.strerror}") from None
    addresses = [str(place[0]) for *_, place in found]
    if host and addresses and all(is_loopback(address) for address in addresses):
        return
    raise InvalidSettings(
        f"{variable('desk_host')} is {host}, where others can come, and nobody is asked who they "
        f"are. Set {_MODE} to oidc, proxy or mtls (docs/access.md), or listen on 127.0.0.1"
    )
