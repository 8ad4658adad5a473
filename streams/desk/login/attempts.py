"""Logins that have begun: all of one is in a cookie of its browser, and nothing is kept here.

State, nonce and verifier are derived from the cookie under a key of this process. So an answer fits
no browser but the one that began, nobody fills a memory by beginning, and after a restart one
begins again.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from streams.access.code_flow import Attempt

LASTS_SECONDS: Final = 600
"""For a password, a second factor, and somebody at the door."""

_LONGEST_PATH: Final = 2_048
_START: Final = "/"


class Attempts:
    """Begins logins, and knows them again.

    Parameters
    ----------
    key
        Secret, of this process.
    clock
        Gives seconds since 1970.
    """

    def __init__(self, key: bytes | None = None, clock: Callable[[], float] = time.time) -> None:
        self._key: Final = secrets.token_bytes(32) if key is None else key
        self._clock: Final = clock

    def begin(self, to: str) -> str:
        """Return the cookie of a login after which somebody comes to an address of the desk."""
        # Without the signs of equality at the end: a cookie with them would stand in quotes.
        place = base64.urlsafe_b64encode(landing(to).encode()).decode().rstrip("=")
        return f"{secrets.token_urlsafe(32)}.{int(self._clock()) + LASTS_SECONDS}.{place}"

    def attempt(self, cookie: str) -> Attempt | None:
        """Return the login of a cookie; None if it has ended, or is none."""
        _, _, rest = cookie.partition(".")
        until, _, place = rest.partition(".")
        try:
            to = base64.b64decode(
                (place + "=" * (-len(place) % 4)).encode(), altchars=b"-_", validate=True
            ).decode()
        except (ValueError, binascii.Error):
            return None
        if not (until.isascii() and until.isdecimal()) or int(until[:12]) <= self._clock():
            return None
        return Attempt(
            state=self._derived("state", cookie),
            nonce=self._derived("nonce", cookie),
            verifier=self._derived("verifier", cookie),
            to=landing(to),
        )

    def _derived(self, what: str, cookie: str) -> str:
        said = f"{what} {cookie}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, said, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def own_path(text: str) -> str:
    """Return an address if it is one of the desk, without its name; else where the desk begins.

    Browsers leave out tabs and line ends, and read a backslash as a slash.
    """
    plain = text.isascii() and text.isprintable() and len(text) <= _LONGEST_PATH
    is_own = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if plain and is_own else _START


def landing(text: str) -> str:
    """Return where somebody comes after a login: to an address of the desk, not to the login."""
    found = own_path(text)
    return _START if urlsplit(found).path.startswith(("/login", "/logout")) else found
