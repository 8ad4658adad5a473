"""The door that the settings ask for; what could let everybody in is refused at the start."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import fields

from detectors.basis.errors import InvalidSettings
from detectors.events.decision import Role
from streams.access.certificates import CertificateDoor
from streams.access.code_flow import Client, CodeFlow
from streams.access.issuer import Issuer, is_private_way
from streams.access.local import LocalDoor, is_loopback
from streams.access.person import Door
from streams.access.proxy import ProxyDoor, trusted_networks
from streams.access.roles import role_map
from streams.access.session_door import SessionDoor
from streams.access.sessions import Sessions
from streams.access.tokens import TokenDoor
from streams.config.desk import DeskSettings
from streams.config.host import variable

_MODE: Final = variable("desk_mode")
_OF_MODES: Final = ("oidc", "proxy", "mtls")
_OF_PEOPLE: Final = (
    "desk_oidc_client_secret_file",
    "desk_oidc_address",
    "desk_oidc_scopes",
    "desk_oidc_idle",
    "desk_oidc_longest",
)
"""Without effect where nobody logs in."""


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
            return _oidc_door(settings, roles)
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


def _oidc_door(settings: DeskSettings, roles: Mapping[str, Role]) -> Door:
    issuer = _issuer(settings)
    claims = (settings.desk_oidc_login_claim, settings.desk_oidc_roles_claim)
    programs = TokenDoor(issuer, _needed(settings, "desk_oidc_audience"), *claims, roles)
    client_id = settings.desk_oidc_client_id
    if not client_id:
        for name in _OF_PEOPLE:
            if getattr(settings, name) != getattr(DeskSettings(), name):
                _needed(settings, "desk_oidc_client_id")
        return programs
    address = _desk_address(settings)
    if "openid" not in settings.desk_oidc_scopes.split():
        raise InvalidSettings(f"{variable('desk_oidc_scopes')} lacks openid: nobody could log in")
    client = Client(
        client_id, _secret(settings), f"{address}/login/return", settings.desk_oidc_scopes
    )
    flow = CodeFlow(issuer, TokenDoor(issuer, client_id, *claims, roles), client)
    sessions = Sessions(settings.desk_oidc_idle, settings.desk_oidc_longest)
    return SessionDoor(programs, sessions, flow, secure=address.startswith("https"))


def _desk_address(settings: DeskSettings) -> str:
    address = _needed(settings, "desk_oidc_address").rstrip("/")
    if not is_private_way(address) or urlsplit(address)[2:] != ("", "", ""):
        raise InvalidSettings(
            f"{variable('desk_oidc_address')}: {address!r} is not where browsers reach the desk. "
            "Write https://HOST, without a path"
        )
    return address


def _secret(settings: DeskSettings) -> str | None:
    path = settings.desk_oidc_client_secret_file
    if path is None:
        return None
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        secret = ""
        why = str(error)
    else:
        why = "it is empty"
    if not secret:
        raise InvalidSettings(
            f"{variable('desk_oidc_client_secret_file')}: {path} cannot be used ({why}): name a "
            "file that holds the secret alone"
        )
    return secret


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
