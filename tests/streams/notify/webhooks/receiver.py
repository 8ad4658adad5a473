"""A webhook of another system: it verifies what it is sent, as the page of delivery tells it."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, NamedTuple, Self

LOOPBACK: Final = "127.0.0.1"


class Heard(NamedTuple):
    """A request that was answered, and with which status."""

    status: int
    headers: dict[str, str]
    alert: dict[str, Any]

    @property
    def id(self) -> str:
        """Alert and revision."""
        return self.headers["idempotency-key"]


def is_genuine(header: str, body: bytes, key: bytes, now: float) -> bool:
    """Return whether a body was signed by a key in the last five minutes."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    sent = next((value for name, value in parts if name == "t"), "")
    wanted = hmac.new(key, sent.encode() + b"." + body, hashlib.sha256).hexdigest()
    signed = any(hmac.compare_digest(wanted, value) for name, value in parts if name == "v1")
    return signed and abs(now - int(sent)) < 300


class Receiver:
    """Answers with the next of some statuses, then with 200, until it is closed."""

    def __init__(self, key: bytes, statuses: Sequence[int] = ()) -> None:
        heard: list[Heard] = []
        self.heard: Final = heard
        self.statuses: Final = list(statuses)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.statuses.pop(0) if outer.statuses else 200
                if not is_genuine(self.headers["Aboveboard-Signature"], body, key, time.time()):
                    status = 401
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard.append(Heard(status, headers, json.loads(body)))
                self.send_response(status)
                self.send_header("Location", outer.url)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                """Say nothing."""

        self._server: Final = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url: Final = f"http://{LOOPBACK}:{self._server.server_port}/alerts?of=us"
        self._thread: Final = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def taken(self) -> list[str]:
        """Return what was taken, in order."""
        return [one.id for one in self.heard if one.status == 200]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
