"""Mode ``mtls``: a client certificate, signed by an authority of ours."""

import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from detectors.events.decision import Role
from streams.access.person import Caller, Person, known_person
from streams.config.host import variable
from streams.errors import AccessRefused


class CertificateDoor:
    """Knows people by the certificates that TLS has verified; ``roles`` are by login."""

    def __init__(
        self,
        login: Literal["cn", "email"],
        roles: Mapping[str, Role],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._login: Final = login
        self._roles: Final = roles
        self._clock: Final = clock

    async def person(self, caller: Caller) -> Person:
        """Return whom the certificate names; errors as `Door.person`."""
        certificate = caller.certificate
        if not certificate:
            raise AccessRefused(401, "show a client certificate: install yours, and open it again")
        # TLS looked at the start of the connection, which may live for longer.
        if ssl.cert_time_to_seconds(certificate["notAfter"]) <= self._clock():
            raise AccessRefused(401, "the client certificate has expired: ask for a new one")
        found = _common_names(certificate) if self._login == "cn" else _addresses(certificate)
        if len(found) != 1:
            raise AccessRefused(
                403, f"the client certificate has {len(found)} logins ({self._login}), not one"
            )
        login = found[0]
        role = self._roles.get(login)
        if role is None:
            raise AccessRefused(403, f"{variable('desk_roles')} gives your login no role")
        return known_person(login, role, "mtls")


def _common_names(certificate: Mapping[str, Any]) -> list[str]:
    return [
        value
        for names in certificate.get("subject", ())
        for kind, value in names
        if kind == "commonName"
    ]


def _addresses(certificate: Mapping[str, Any]) -> list[str]:
    return [value for kind, value in certificate.get("subjectAltName", ()) if kind == "email"]
