"""Settings of the desk, from environment variables: where it listens, and how it knows people."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from detectors.basis.durations import Duration
from detectors.basis.errors import InvalidSettings
from detectors.events.decision import Role
from streams.config.host import Port, Seconds, variable

Mode = Literal["none", "oidc", "proxy", "mtls"]


class DeskSettings(Struct, frozen=True, kw_only=True):
    """Where the desk listens, and by what it knows people.

    Attributes
    ----------
    desk_mode
        By what people are known: ``none`` (everybody on this machine is one person), ``oidc``,
        ``proxy`` or ``mtls``.
    desk_host, desk_port
        Where it listens; port 0 takes a free one.
    desk_role
        The role of the person of mode ``none``.
    desk_roles
        Which group (mode ``mtls``: which login) has which role, as ``fraud-team=reviewer``,
        separated by commas. Empty: a group that is named as a role has it.
    desk_tls_certfile, desk_tls_keyfile
        PEM files of the certificate of the desk and of its key; None for clear text.
    desk_oidc_issuer, desk_oidc_audience
        Whose tokens are believed, and for whom they must be.
    desk_oidc_login_claim, desk_oidc_roles_claim
        Where a token says who it is, and which groups they are in; dots lead into objects.
    desk_oidc_cafile
        PEM file of the authorities to trust for the issuer; None for those of the system.
    desk_oidc_timeout
        Seconds for one question to the issuer.
    desk_oidc_client_id
        The desk as the issuer knows it, for people who log in; empty: programs alone come, with
        tokens.
    desk_oidc_client_secret_file
        File with the secret of the client; None for a public client.
    desk_oidc_address
        Where browsers reach the desk: ``https://desk.example.com``.
    desk_oidc_scopes
        What the issuer is asked for when people log in.
    desk_oidc_idle, desk_oidc_longest
        Seconds after which a session ends: without a request, and in any case.
    desk_proxy_networks
        Addresses from which the headers of a proxy are believed, separated by commas.
    desk_proxy_login_header, desk_proxy_groups_header
        The headers that say who it is, and which groups they are in, separated by commas.
    desk_mtls_cafile
        PEM file of the authority that signs the certificates of people: of yours, not a public one.
    desk_mtls_login
        What in a certificate is the login: its common name, or its e-mail address.
    desk_due_critical, desk_due_warning, desk_due_info
        How long an open case of this severity may wait until it is overdue.
    desk_customers_for
        The roles that see the ids of customers on the page of a case, separated by commas.
    desk_recompute_timeout
        Seconds for which an alert may be recomputed from the events.
    """

    desk_mode: Mode = "none"
    desk_host: str = "127.0.0.1"
    desk_port: Port = 8464
    desk_role: Role = "viewer"
    desk_roles: str = ""
    desk_tls_certfile: Path | None = None
    desk_tls_keyfile: Path | None = None
    desk_oidc_issuer: str = ""
    desk_oidc_audience: str = ""
    desk_oidc_login_claim: str = "preferred_username"
    desk_oidc_roles_claim: str = "roles"
    desk_oidc_cafile: Path | None = None
    desk_oidc_timeout: Seconds = 5.0
    desk_oidc_client_id: str = ""
    desk_oidc_client_secret_file: Path | None = None
    desk_oidc_address: str = ""
    desk_oidc_scopes: str = "openid profile email"
    desk_oidc_idle: Seconds = 1_800.0
    desk_oidc_longest: Seconds = 43_200.0
    desk_proxy_networks: str = ""
    desk_proxy_login_header: str = "X-Forwarded-Email"
    desk_proxy_groups_header: str = "X-Forwarded-Groups"
    desk_mtls_cafile: Path | None = None
    desk_mtls_login: Literal["cn", "email"] = "cn"
    desk_due_critical: Duration = "8h"
    desk_due_warning: Duration = "3d"
    desk_due_info: Duration = "14d"
    desk_customers_for: str = "approver,auditor"
    desk_recompute_timeout: Seconds = 600.0


def read_desk_settings(environment: Mapping[str, str] = os.environ) -> DeskSettings:
    """Return the settings that variables named ``ABOVEBOARD_DESK_...`` hold.

    A variable that is empty counts as not set.

    Raises
    ------
    InvalidSettings
        Naming the variable whose value cannot be used.
    """
    names = [field.name for field in msgspec.structs.fields(DeskSettings)]
    values = {name: value for name in names if (value := environment.get(variable(name)))}
    try:
        return msgspec.convert(values, DeskSettings, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        message, _, key = str(error).partition(" - at `$.")
        name = variable(key.rstrip("`"))
        raise InvalidSettings(f"environment variable {name}: {message}") from None


def roles_for_customers(settings: DeskSettings) -> frozenset[str]:
    """Return the roles that see the ids of customers.

    Raises
    ------
    InvalidSettings
        One of them is no role.
    """
    named = frozenset(word.strip() for word in settings.desk_customers_for.split(","))
    unknown = sorted(named - {*get_args(Role)})
    if unknown:
        raise InvalidSettings(
            f"environment variable {variable('desk_customers_for')}: {unknown[0]!r} is no role: "
            f"name some of {', '.join(get_args(Role))}, separated by commas"
        )
    return named


def _from_text(kind: type, value: Any) -> Any:  # noqa: ANN401 - as msgspec asks for it
    return kind(value)
