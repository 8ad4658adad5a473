"""Mode ``oidc``: a token, signed by an issuer that we believe."""

import hmac
import time
from collections.abc import Callable, Mapping, Sequence
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
_OF_A_LOGIN: Final = "jwt"
_UNREADABLE: Final = "there is no token that can be read: sign in again"


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
        """Return whom a bearer token is about; errors as `Door.person`."""
        token = _bearer(caller.header("Authorization"))
        claims, everything = await self._read(token, _TYPES)
        self._require_valid(claims)
        return self._person(everything)

    async def person_of_login(self, token: str, nonce: str) -> Person:
        """Return whom an ID token is about: the answer to a login that has sent this nonce.

        Raises
        ------
        AccessRefused
            It is not the answer to this login, or nobody whom we know.
        """
        claims, everything = await self._read(token, (_OF_A_LOGIN,))
        self._require_valid(claims)
        self._require_login(everything, nonce)
        return self._person(everything)

    async def _read(self, token: str, types: Sequence[str]) -> tuple[_Claims, dict[str, Any]]:
        header = _header_of(token)
        # Before a key is looked for: whoever sends nonsense is to cost the issuer nothing.
        if header.alg not in ALGORITHMS or header.typ.lower() not in types:
            raise AccessRefused(401, f"the token is not signed by {' or '.join(ALGORITHMS)}")
        key = await self._issuer.key(header.kid)
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[*ALGORITHMS]).payload
            claims = msgspec.json.decode(payload, type=_Claims)
            everything = msgspec.json.decode(payload, type=dict[str, Any])
        except (JoseError, ValueError, RecursionError):
            raise AccessRefused(401, "the signature or the claims of the token are wrong") from None
        return claims, everything

    def _person(self, everything: Mapping[str, Any]) -> Person:
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

    def _require_login(self, everything: Mapping[str, Any], nonce: str) -> None:
        """Refuse what was not given to us for this login (OpenID Connect Core, 3.1.3.7)."""
        said = everything.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise AccessRefused(401, "the token is the answer to another login: log in again")
        of_one = isinstance(everything["aud"], str) or len(everything["aud"]) == 1
        given_to = everything.get("azp", self._audience if of_one else None)
        if given_to != self._audience:
            raise AccessRefused(401, "the token was given to another service: log in again")


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
