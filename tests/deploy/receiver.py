"""A server in place of a pager, a chat and a dead man's switch: it keeps what it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from streams.demo.ports import LOOPBACK

PATIENCE: Final = 180.0


class Receiver(ThreadingHTTPServer):
    """Keeps the JSON of each request, by its path."""

    daemon_threads = True

    def __init__(self) -> None:
        self.told: Final[dict[str, list[dict[str, Any]]]] = {}
        super().__init__((LOOPBACK, 0), _Listener)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def wait_for(self, *paths: str) -> None:
        """Return when each path was told something; fail after long."""
        deadline = time.monotonic() + PATIENCE
        while not self.told.keys() >= set(paths):
            assert time.monotonic() < deadline, self.told
            time.sleep(0.05)


class _Listener(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Keep what is told."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.setdefault(self.path, []).append(json.loads(body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Yield a receiver that listens until the block ends."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
