"""Mode ``oidc``: a bearer token, signed by an issuer that we believe."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from msgspec import Struct

from detectors.events.decision import Role
from streams.access.issuer import Issuer
from streams.access.person import Caller, Person, known_person
from streams.access.roles import role_of
from streams.errors import AccessRefused

ALGORITHMS: Final = ("RS256", "ES256")
"""Signatures by a key that only the issuer has; neither ``none``, nor one by a common secret."""

LEEWAY: Final = 30.0
"""Seconds by which the clocks of the issuer and of ours may differ."""

_TYPES: Final = ("jwt", "at+jwt", "application/at+jwt")
_UNREADABLE: Final = "the Authorization header holds no token that can be read: sign in again"


class _Header(Struct):
    alg: str
    kid: str | None = None
    typ: str = "JWT"


class _Claims(Struct):
    iss: str
    aud: str | list[str]
    exp: float
    nbf: float = 0.0


class TokenDoor:
    """Knows people by the tokens of one issuer.

    Parameters
    ----------
    issuer
        Whose tokens.
    audience
        For whom they must be: a token for another service opens nothing here.
    login_claim, roles_claim
        Where a token says who it is, and which groups they are in.
    roles
        Which group has which role.
    clock
        Gives seconds since 1970.
    """

    def __init__(
        self,
        issuer: Issuer,
        audience: str,
        login_claim: str,
        roles_claim: str,
        roles: Mapping[str, Role],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer: Final = issuer
        self._audience: Final = audience
        self._login_claim: Final = login_claim
        self._roles_claim: Final = roles_claim
        self._roles: Final = roles
        self._clock: Final = clock

    async def person(self, caller: Caller) -> Person:
        """Return whom the token is about; errors as `Door.person`."""
        token = _bearer(caller.header("Authorization"))
        header = _header_of(token)
        # Before a key is looked for: whoever sends nonsense is to cost the issuer nothing.
        if header.alg not in ALGORITHMS or header.typ.lower() not in _TYPES:
            raise AccessRefused(401, f"the token is not signed by {' or '.join(ALGORITHMS)}")
        key = await self._issuer.key(header.kid)
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[*ALGORITHMS]).payload
            claims = msgspec.json.decode(payload, type=_Claims)
            everything = msgspec.json.decode(payload, type=dict[str, Any])
        except (JoseError, ValueError, RecursionError):
            raise AccessRefused(401, "the signature or the claims of the token are wrong") from None
        self._require_valid(claims)
        if self._login_claim == "email" and everything.get("email_verified") is False:
            raise AccessRefused(403, "your e-mail address is not verified: verify it first")
        groups = _found(everything, self._roles_claim)
        role = role_of(_texts(groups), self._roles)
        return known_person(_found(everything, self._login_claim), role, "oidc")

    def _require_valid(self, claims: _Claims) -> None:
        now = self._clock()
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer.address:
            raise AccessRefused(401, "the token is of another issuer")
        if self._audience not in audiences:
            raise AccessRefused(401, "the token is for another service")
        if not now < claims.exp + LEEWAY:
            raise AccessRefused(401, "the token has expired: sign in again")
        if not claims.nbf - LEEWAY <= now:
            raise AccessRefused(401, "the token is not valid yet: compare the clocks")


def _bearer(header: str | None) -> str:
    if header is None:
        raise AccessRefused(401, "send a token: Authorization: Bearer TOKEN")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii():
        raise AccessRefused(401, _UNREADABLE)
    return token.strip()


def _header_of(token: str) -> _Header:
    try:
        protected = jws.extract_compact(token.encode()).protected
        return msgspec.convert(protected, _Header)
    except (JoseError, ValueError, RecursionError):
        raise AccessRefused(401, _UNREADABLE) from None


def _found(claims: Mapping[str, Any], path: str) -> object:
    """Return a claim by its name, or by the way to it through objects; None if it is not there."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(groups: object) -> list[str]:
    listed = groups if isinstance(groups, list) else [groups]
    return [group for group in listed if isinstance(group, str)]
