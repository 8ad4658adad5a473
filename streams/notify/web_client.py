"""Asks one server over HTTP: it verifies whom it speaks to, and goes nowhere else."""

import http.client
import ssl
import time
from http import HTTPStatus
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from detectors.basis.errors import InvalidSettings
from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.printable import printable

_LARGEST_ANSWER: Final = 16_000_000
_CHUNK: Final = 65_536
_LONGEST_REASON: Final = 300


class Reply(NamedTuple):
    """What the server answered; 2xx, 4xx that says what is wrong with the request, or another."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did as asked."""
        return self.status // 100 == HTTPStatus.OK // 100

    @property
    def reason(self) -> str:
        """The answer in words, in one line that is safe to print."""
        text = printable(self.body.decode(errors="replace").strip())
        return f"{self.status} {text}"[:_LONGEST_REASON]


class Server(Protocol):
    """A server that can be asked, and its address."""

    @property
    def address(self) -> str:
        """Where it is."""

    def request(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Return what it answers; raises ReceiverFailed if it does not."""


class WebClient:
    """Asks the server at an address, with a connection for each request. No redirect is followed.

    Parameters
    ----------
    address
        ``http://HOST:PORT`` or ``https://HOST:PORT``, with a path before all paths if it has one.
    authorization
        The header of that name, or empty.
    context
        What TLS trusts.
    timeout
        Seconds for connecting, for each wait, and for all of the answer.

    Raises
    ------
    InvalidSettings
        If the address is none.
    """

    def __init__(
        self, address: str, authorization: Secret, context: ssl.SSLContext, timeout: float
    ) -> None:
        parts = urlsplit(address)
        try:
            usable = parts.scheme in ("http", "https") and bool(parts.hostname and parts.port != 0)
        except ValueError:  # a port that is no number
            usable = False
        if not usable or parts.username is not None or parts.query or parts.fragment:
            # Without what may be a password in it.
            raise InvalidSettings(
                f"{parts.scheme}://{parts.hostname}: not the address of an Alertmanager. Write it "
                "as http://HOST:PORT or https://HOST:PORT, without user and password"
            )
        self._address: Final = address.rstrip("/")
        self._parts: Final = parts
        self._authorization: Final = authorization
        self._context: Final = context
        self._timeout: Final = timeout

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._address

    def request(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Return what the server answers.

        Raises
        ------
        ReceiverFailed
            It does not, or not in time.
        """
        headers = {"Accept": "application/json", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._authorization:
            headers["Authorization"] = self._authorization.reveal()
        until = time.monotonic() + self._timeout
        connection = self._connection()
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            received = bytearray()
            while chunk := answer.read1(_CHUNK):
                received += chunk
                if len(received) > _LARGEST_ANSWER or time.monotonic() > until:
                    raise ReceiverFailed(f"{self.address} did not end its answer")
            return Reply(answer.status, bytes(received))
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise ReceiverFailed(f"{self.address} does not answer: {why}") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=self._context
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout)
