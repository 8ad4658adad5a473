"""One webhook: how a revision is sent to it."""

import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import SplitResult

import msgspec

from detectors.alerts.alert import Alert
from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.notify.web_client import Reply
from streams.notify.webhooks.addresses import Network, connect
from streams.notify.webhooks.revision import Revision
from streams.notify.webhooks.signing import SIGNATURE, signature
from streams.stages.actors.alert_records import cloud_event_headers

_ANSWER_READ: Final = 4_096
"""Bytes of an answer that are read: it is for the log only."""

_ABOUT_ALL: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""Answers that say to leave it alone for a while."""

_alert: Final = msgspec.json.Decoder(Alert).decode


class Webhook:
    """A receiver of every revision.

    Parameters
    ----------
    name
        By which the log knows it, also where it moves to another address.
    address
        ``https://...``; ``http://...`` goes to the networks only.
    keys
        Each signs.
    networks
        Which addresses are allowed beside public ones.
    context
        What TLS trusts.
    timeout
        Seconds for connecting, for each wait, and for all of the answer.
    """

    def __init__(
        self,
        name: str,
        address: SplitResult,
        keys: Sequence[Secret],
        networks: Sequence[Network],
        context: ssl.SSLContext,
        timeout: float,
    ) -> None:
        self.name: Final = name
        self._address: Final = address
        self._keys: Final = keys
        self._networks: Final = networks
        self._context: Final = context
        self._timeout: Final = timeout

    def __str__(self) -> str:
        """Return name and host; the rest of an address is often a password."""
        return f"webhook {self.name} at {self._address.hostname}"

    def post(self, revision: Revision, now: datetime) -> Reply:
        """Send a revision; return what it answers. No redirect is followed.

        Raises
        ------
        ReceiverFailed
            It does not answer in time, or wants to be left alone.
        """
        headers = {
            "Content-Type": "application/json",
            "Connection": "close",
            "User-Agent": "aboveboard",
            "Idempotency-Key": f"{revision.alert_id}:{revision.number}",
            SIGNATURE: signature(revision.body, int(now.timestamp()), self._keys),
        }
        for name, value in cloud_event_headers(_alert(revision.body)):
            if name.startswith("ce_"):
                headers[name.replace("_", "-")] = value.decode()
        headers["Host"] = self._address.netloc
        target = self._address.path or "/"
        if self._address.query:
            target += f"?{self._address.query}"
        until = time.monotonic() + self._timeout
        connection = http.client.HTTPConnection(self._address.netloc, timeout=self._timeout)
        try:
            connection.sock = self._connected()
            connection.request("POST", target, revision.body, headers)
            answer = connection.getresponse()
            received = bytearray()
            while len(received) < _ANSWER_READ and (chunk := answer.read1(_ANSWER_READ)):
                received += chunk
                if time.monotonic() > until:
                    raise ReceiverFailed(f"{self} did not end its answer")
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise ReceiverFailed(f"{self} does not answer: {why}") from error
        finally:
            connection.close()
        reply = Reply(answer.status, bytes(received))
        if reply.status in _ABOUT_ALL:
            raise ReceiverFailed(f"{self} answers {reply.reason}")
        return reply

    def _connected(self) -> socket.socket:
        host, is_safe = self._address.hostname or "", self._address.scheme == "https"
        port = self._address.port or (443 if is_safe else 80)
        # Of addresses that are public, only those that prove who they are.
        plain = connect(host, port, self._timeout, self._networks, public=is_safe)
        return self._safe(plain, host) if is_safe else plain

    def _safe(self, plain: socket.socket, host: str) -> ssl.SSLSocket:
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
