"""An issuer at which people log in, without a password; it can be made to answer wrongly."""

import base64
import json
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey
from yarl import URL

from streams.access.code_flow import challenge_of
from tests.streams.access.issuer_at_hand import IssuerAtHand

Tampering = Callable[[str], str]

CLIENT: Final = "the-desk"
SECRET: Final = "a secret: with % and +"  # noqa: S105 - of a test


class LoginAtHand(IssuerAtHand):
    """Logs in whoever comes.

    Attributes
    ----------
    claims
        What its next ID tokens say besides; None takes a claim away.
    tampers
        What becomes of an ID token before it is handed over.
    answers
        What a browser brings back besides; None takes it away.
    away
        Whether it gives no tokens.
    ends
        Where people log out, as it says; None if it does not say.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.tampers: Tampering = str
        self.answers: dict[str, str | None] = {}
        self.away = False
        self.ends: str | None = None
        self._codes: Final[dict[str, dict[str, str]]] = {}
        super().__init__()

    def routes(self) -> list[web.RouteDef]:
        """Return what it answers where."""
        return [
            *super().routes(),
            web.get("/authorize", self._authorize),
            web.post("/token", self._token),
        ]

    def said(self) -> dict[str, str]:
        """Return what it says of itself."""
        return {
            **super().said(),
            "authorization_endpoint": f"{self.address}/authorize?tenant=bank",
            "token_endpoint": f"{self.address}/token",
            **({} if self.ends is None else {"end_session_endpoint": self.ends}),
        }

    @staticmethod
    def signed_anew(token: str, key: RSAKey) -> str:
        """Return a token with the same claims under another key."""
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["tenant"] == "bank"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = uuid4().hex
        self._codes[code] = asked
        brought: dict[str, Any] = {"code": code, "state": asked["state"], **self.answers}
        brought = {name: value for name, value in brought.items() if value is not None}
        back = URL(asked["redirect_uri"]).with_query(brought)
        return web.Response(status=302, headers={"Location": str(back)})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form.get("code")), None)
        client = base64.b64encode(f"{CLIENT}:a+secret%3A+with+%25+and+%2B".encode()).decode()
        if self.away:
            return web.Response(status=503)
        if request.headers.get("Authorization") != f"Basic {client}":
            return web.json_response({"error": "invalid_client"}, status=401)
        if (
            asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != challenge_of(str(form["code_verifier"]))
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = self.token(**{"aud": CLIENT, "nonce": asked["nonce"], **self.claims})
        return web.json_response({"id_token": self.tampers(token), "token_type": "Bearer"})
