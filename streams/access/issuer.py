"""An issuer of tokens: the keys by which it signs, and where people log in, as it says itself."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from msgspec import Struct

from streams.errors import AccessRefused

SigningKey = RSAKey | ECKey

BETWEEN_FETCHES: Final = 60.0
"""Seconds between two fetches, however many keys are asked for that nobody knows."""

_AFTER_A_FAILURE: Final = 5.0
_FRESH_FOR: Final = 600.0
"""Seconds after which a key that the issuer took back is not believed any more."""

_STALE_FOR: Final = 3_600.0
"""The same where the issuer does not answer."""

_LARGEST_ANSWER: Final = 1_000_000
_SHORTEST_RSA_KEY: Final = 2_048
_OK: Final = 200

_log: Final = logging.getLogger("aboveboard.access")


class Endpoints(NamedTuple):
    """Where people log in, where a login is exchanged for a token, and where people log out."""

    authorization_endpoint: str = ""
    token_endpoint: str = ""
    end_session_endpoint: str = ""


class _Discovery(Struct):
    issuer: str
    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    end_session_endpoint: str = ""


class _KeySet(Struct):
    keys: list[dict[str, Any]]


class Issuer:
    """Fetches the keys of an issuer when they are needed, and keeps them for a while.

    Parameters
    ----------
    address
        The issuer, exactly as its tokens name it.
    context
        TLS towards it.
    timeout
        Seconds for one answer.
    clock
        Gives seconds.
    """

    def __init__(
        self,
        address: str,
        context: ssl.SSLContext,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address: Final = address
        self._context: Final = context
        self._timeout: Final = aiohttp.ClientTimeout(total=timeout)
        self._clock: Final = clock
        self._fetching: Final = asyncio.Lock()
        self._keys: dict[str, SigningKey] = {}
        self._endpoints = Endpoints()
        self._fetched_at = self._due_at = float("-inf")

    async def key(self, key_id: str | None) -> SigningKey:
        """Return the key of this id; without an id, the one that there is.

        Raises
        ------
        AccessRefused
            The issuer has no such key, or cannot be asked.
        """
        await self._keep_fresh(lambda: self._known(key_id) is not None)
        found = self._known(key_id)
        if found is None:
            raise AccessRefused(401, "the token is signed by no key of its issuer: sign in again")
        return found

    async def endpoints(self) -> Endpoints:
        """Return where people log in.

        Raises
        ------
        AccessRefused
            The issuer does not say so, or cannot be asked.
        """
        await self._keep_fresh(lambda: True)
        found = self._endpoints
        if not (
            is_private_way(found.authorization_endpoint) and is_private_way(found.token_endpoint)
        ):
            _log.warning("the issuer %s does not say where people log in", self.address)
            raise AccessRefused(503, "the issuer does not say where people log in, by https")
        return found

    async def token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        """Return what the issuer answers to the exchange of a login for a token.

        Raises
        ------
        AccessRefused
            It gives none, or cannot be asked.
        """
        place = (await self.endpoints()).token_endpoint
        try:
            async with self._client() as client:
                return await _body(
                    client.post(place, data=form, headers=headers, allow_redirects=False)
                )
        except ValueError as error:  # it answers, and says no
            _log.warning("the issuer %s gives no token: %s", self.address, error)
            raise AccessRefused(
                401, "the issuer gives no token for this login: log in again"
            ) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("the issuer %s gives no token: %s", self.address, repr(error))
            raise AccessRefused(503, "the issuer does not answer: log in again") from None

    async def _keep_fresh(self, is_known: Callable[[], bool]) -> None:
        if self._age() > _FRESH_FOR or not is_known():
            async with self._fetching:
                if self._age() > _FRESH_FOR or not is_known():
                    await self._fetch_if_due()
        if self._age() > _STALE_FOR:
            raise AccessRefused(
                503, "the issuer of the tokens does not answer, so nobody can be known: try again"
            )

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _known(self, key_id: str | None) -> SigningKey | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    async def _fetch_if_due(self) -> None:
        if self._clock() < self._due_at:
            return
        try:
            self._keys = await self._fetched()
        except (aiohttp.ClientError, TimeoutError, ValueError, JoseError) as error:
            _log.warning("the issuer %s gives no keys: %s", self.address, repr(error))
            self._due_at = self._clock() + _AFTER_A_FAILURE
        else:
            self._fetched_at = self._clock()
            self._due_at = self._fetched_at + BETWEEN_FETCHES

    async def _fetched(self) -> dict[str, SigningKey]:
        async with self._client() as client:
            place = f"{self.address.rstrip('/')}/.well-known/openid-configuration"
            said = msgspec.json.decode(
                await _body(client.get(place, allow_redirects=False)), type=_Discovery
            )
            if said.issuer != self.address:
                raise ValueError(f"it calls itself {said.issuer!r}: write it so in the settings")
            if not is_private_way(said.jwks_uri):
                raise ValueError(f"its keys are at {said.jwks_uri!r}, which anybody could answer")
            keys = await _body(client.get(said.jwks_uri, allow_redirects=False))
        found = usable_keys(msgspec.json.decode(keys, type=_KeySet).keys)
        self._endpoints = Endpoints(
            said.authorization_endpoint, said.token_endpoint, said.end_session_endpoint
        )
        return found

    def _client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(ssl=self._context)
        return aiohttp.ClientSession(connector=connector, timeout=self._timeout)


def is_private_way(address: str) -> bool:
    """Return whether nobody between could answer there: by TLS, or without leaving the machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        return parts.scheme == "http" and host == "localhost"


def usable_keys(published: list[dict[str, Any]]) -> dict[str, SigningKey]:
    """Return the keys that may sign a token, by their ids; others are passed over.

    Raises
    ------
    ValueError
        There is none.
    """
    found: dict[str, SigningKey] = {}
    for one in published:
        if one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC"):
            continue
        try:
            (key,) = KeySet.import_key_set({"keys": [one]})
        except (JoseError, ValueError):
            continue
        if isinstance(key, RSAKey):
            strong = key.raw_value.key_size >= _SHORTEST_RSA_KEY
        else:
            strong = isinstance(key, ECKey) and key.curve_name == "P-256"
        if strong and isinstance(key, RSAKey | ECKey) and key.kid is not None:
            found[key.kid] = key
    if not found:
        raise ValueError("it publishes no key for RS256 or ES256")
    return found


async def _body(asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> bytes:
    async with asked as answer:
        if answer.status != _OK:
            raise ValueError(f"{answer.url.with_query(None)} answers {answer.status}")
        body = bytearray()
        async for chunk in answer.content.iter_chunked(65_536):
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise ValueError(f"{answer.url} answers more than {_LARGEST_ANSWER:,} bytes")
        return bytes(body)
