"""How people log in at an issuer: the authorization code flow of OpenID Connect, with PKCE.

Method: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE, S256); RFC 9207 (who answers);
OpenID Connect RP-Initiated Logout 1.0, section 2.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote_plus

import msgspec
from msgspec import Struct
from yarl import URL

from streams.access.issuer import Issuer, is_private_way
from streams.access.person import Person
from streams.access.tokens import TokenDoor
from streams.errors import AccessRefused


class Attempt(NamedTuple):
    """One login, from the click to the token.

    ``state`` comes back by the browser, ``nonce`` in the token; ``verifier`` proves that whoever
    brings the code is who began; ``to`` is where people come back to.
    """

    state: str
    nonce: str
    verifier: str
    to: str


class Client(NamedTuple):
    """The desk as the issuer knows it; ``secret`` is None for a public client."""

    client_id: str
    secret: str | None
    return_address: str
    scopes: str


class _Answer(Struct):
    id_token: str


class CodeFlow:
    """Sends people to an issuer, and knows them when they come back.

    Parameters
    ----------
    issuer
        Where they log in.
    tokens
        Reads the tokens that are for this client.
    client
        The desk as the issuer knows it.
    """

    def __init__(self, issuer: Issuer, tokens: TokenDoor, client: Client) -> None:
        self._issuer: Final = issuer
        self._tokens: Final = tokens
        self._client: Final = client

    async def address(self, attempt: Attempt) -> str:
        """Return where a browser goes to log in.

        Raises
        ------
        AccessRefused
            The issuer cannot be asked.
        """
        place = (await self._issuer.endpoints()).authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.return_address,
            "scope": self._client.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge_of(attempt.verifier),
            "code_challenge_method": "S256",
        }
        return str(URL(place).update_query(asked))

    async def end_address(self) -> URL | None:
        """Return where a browser goes to log out at the issuer, too; None if nobody knows where."""
        try:
            place = (await self._issuer.endpoints()).end_session_endpoint
        except AccessRefused:  # nobody is refused to leave
            return None
        if not is_private_way(place):
            return None
        return URL(place).update_query({"client_id": self._client.client_id})

    async def person(self, answer: Mapping[str, str], attempt: Attempt) -> Person:
        """Return who has logged in, by what the browser brings back in the address.

        The state is for the caller to compare, who knows which browser began.

        Raises
        ------
        AccessRefused
            The issuer refuses them, or nobody whom we know.
        """
        # RFC 9207: the answer of another issuer, which this code would be shown to.
        if answer.get("iss", self._issuer.address) != self._issuer.address:
            raise AccessRefused(401, "another issuer has answered: log in again")
        if "error" in answer:
            raise AccessRefused(403, f"the issuer lets you not in: {_word(answer['error'])}")
        if not answer.get("code"):
            raise AccessRefused(400, "the issuer has sent no code: log in again")
        client = self._client
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": client.return_address,
            "code_verifier": attempt.verifier,
        }
        headers = {"Accept": "application/json"}
        if client.secret is None:
            form["client_id"] = client.client_id
        else:  # RFC 6749, section 2.3.1: both are encoded as in a form
            encoded = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(encoded.encode()).decode()}"
        try:
            said = msgspec.json.decode(await self._issuer.token(form, headers), type=_Answer)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise AccessRefused(401, "the issuer gives no ID token: ask it for openid") from None
        return await self._tokens.person_of_login(said.id_token, attempt.nonce)


def challenge_of(verifier: str) -> str:
    """Return what the issuer is told of the verifier: its SHA-256, in base64url."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _word(error: str) -> str:
    """Return the code of an error, if it is one: anybody can write the address."""
    known = error.isascii() and error.replace("_", "").isalnum() and len(error) <= 64  # noqa: PLR2004 - longer than any
    return error if known else "it does not say why"
