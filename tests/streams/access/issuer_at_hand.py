"""A real issuer over HTTP, whose keys are ours: it signs for us what it should, and should not."""

import base64
import hmac
import json
import time
from functools import cache
from typing import Any, Final, Self

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from streams.desk.server import DeskServer
from tests.detectors.cases.people import SPELLINGS

AUDIENCE: Final = "aboveboard"
ANN: Final = SPELLINGS["ann"][0]

Key = RSAKey | ECKey


@cache
def rsa_key(key_id: str = "rsa-1") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": key_id, "use": "sig"})


@cache
def ec_key(key_id: str = "ec-1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": key_id, "use": "sig"})


class IssuerAtHand:
    """Serves discovery and keys at an address of its own; `asked` counts how often.

    Attributes
    ----------
    keys
        The keys it publishes now; None lets it fail.
    named
        How it calls itself, where that is not its address.
    """

    def __init__(self) -> None:
        self.keys: list[Key] | None = [rsa_key(), ec_key()]
        self.named: str | None = None
        self.asked = 0
        app = web.Application()
        app.add_routes(self.routes())
        self._server: Final = DeskServer(app, "127.0.0.1", 0, None)
        self.address: Final = self._server.address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def routes(self) -> list[web.RouteDef]:
        """Return what it answers where."""
        return [
            web.get("/.well-known/openid-configuration", self._discovery),
            web.get("/keys", self._keys),
        ]

    def said(self) -> dict[str, str]:
        """Return what it says of itself."""
        return {"issuer": self.named or self.address, "jwks_uri": f"{self.address}/keys"}

    async def _discovery(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.said())

    async def _keys(self, _: web.Request) -> web.Response:
        if self.keys is None:
            raise web.HTTPServiceUnavailable
        return web.json_response(KeySet([*self.keys]).as_dict(private=False))

    def token(
        self, key: Key | None = None, header: dict[str, Any] | None = None, **claims: object
    ) -> str:
        """Return a token of Ann, an approver, unless the claims say else; None takes one away."""
        signing = rsa_key() if key is None else key
        given = {
            "iss": self.address,
            "aud": AUDIENCE,
            "exp": time.time() + 600,
            "preferred_username": ANN,
            "roles": ["approver"],
            **claims,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        algorithm = "ES256" if isinstance(signing, ECKey) else "RS256"
        said = {"alg": algorithm, "kid": signing.kid, **(header or {})}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, kept, signing, algorithms=[str(said["alg"])])


def unsigned(token: str) -> str:
    """Return a token with the claims of another, which nobody has signed."""
    head = _encoded(json.dumps({"alg": "none", "kid": "rsa-1"}).encode())
    return f"{head}.{token.split('.')[1]}."


def signed_by_the_public_key(token: str) -> str:
    """Return it signed by what everybody has, as if that were a common secret."""
    head = _encoded(json.dumps({"alg": "HS256", "kid": "rsa-1"}).encode())
    said = f"{head}.{token.split('.')[1]}"
    secret = rsa_key().as_pem(private=False)
    return f"{said}.{_encoded(hmac.digest(secret, said.encode(), 'sha256'))}"


def signed_by_hand(token: str, **header: object) -> str:
    """Return it with a header that no library would write, rightly signed."""
    head = _encoded(json.dumps({"alg": "RS256", "kid": "rsa-1", **header}).encode())
    said = f"{head}.{token.split('.')[1]}"
    key = rsa_key().private_key
    assert key is not None
    signature = key.sign(said.encode(), PKCS1v15(), SHA256())
    return f"{said}.{_encoded(signature)}"


def with_claims(token: str, **claims: object) -> str:
    """Return a token with other claims under the signature of another."""
    head, payload, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{_encoded(json.dumps(known | claims).encode())}.{signature}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
