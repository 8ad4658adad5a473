"""A small HTTP server for pages that are made when they are asked for, in threads of its own.

A page is a function that must not wait for the event loop of the worker: a loop that hangs is just
what the pages are there to report.
"""

import logging
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any, Final, NamedTuple, Self

import msgspec

from streams.metrics import Metrics
from streams.worker.health import Condition, Health

CLIENT_SECONDS: Final = 5.0
"""For how long a client may keep its thread waiting for the next bytes."""

_JSON: Final = "application/json"

_log: Final = logging.getLogger("aboveboard.worker")


class Answer(NamedTuple):
    """What a page answers."""

    status: HTTPStatus
    content_type: str
    body: bytes


Page = Callable[[str], Answer]
"""Returns the answer to a request, whose ``Accept`` header is its argument."""


def worker_pages(metrics: Metrics, health: Health) -> dict[str, Page]:
    """Return the pages of a worker, by their paths."""

    def measured(accept: str) -> Answer:
        return Answer(HTTPStatus.OK, *metrics.exposition(accept))

    return {
        "/metrics": measured,
        "/healthz": lambda _: _condition("alive", health.liveness()),
        "/readyz": lambda _: _condition("ready", health.readiness()),
    }


class HttpServer:
    """Serves pages until it is closed.

    Parameters
    ----------
    pages
        By path; any other path is answered with the list of these.
    host, port
        Where to listen; port 0 takes a free one.

    Raises
    ------
    OSError
        If the address cannot be listened on; the message names it.
    """

    def __init__(self, pages: Mapping[str, Page], host: str, port: int) -> None:
        try:
            self._server: Final = _Server(pages, host, port)
        except OSError as error:
            raise OSError(
                f"cannot serve metrics at {host}:{port} ({error.strerror}): choose another port "
                "with --metrics-port or ABOVEBOARD_METRICS_PORT"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.address: Final = f"http://{shown}:{self._server.server_address[1]}"
        self._thread: Final = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, disconnect every client, and end every thread."""
        self._server.shutdown()
        self._server.cut_off()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # those are waited for when it is closed
    request_queue_size = 32

    def __init__(self, pages: Mapping[str, Page], host: str, port: int) -> None:
        self.pages: Final = pages
        self._connected: Final[set[Any]] = set()
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        super().__init__((host, port), _Handler)

    def cut_off(self) -> None:
        for client in list(self._connected):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is gone

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        self._connected.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the base class
        self._connected.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        """Ignore clients that go away: nobody is waiting for the answer."""
        del request
        _log.debug("%s went away", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = CLIENT_SECONDS
    server_version = "aboveboard"
    sys_version = ""

    def do_GET(self) -> None:
        self._send(self._answer(), {})

    do_HEAD = do_GET  # noqa: N815 - the base class looks for these names

    def do_POST(self) -> None:
        content = {"allowed": ["GET", "HEAD"]}
        self._send(_json(HTTPStatus.METHOD_NOT_ALLOWED, content), {"Allow": "GET, HEAD"})

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_POST  # noqa: N815 - as above

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002, ANN401 - as the base class
        """Write nothing: a scrape every few seconds is no news."""

    def _answer(self) -> Answer:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            return _json(HTTPStatus.NOT_FOUND, {"paths": sorted(self.server.pages)})
        try:
            return page(self.headers.get("Accept", ""))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            _log.exception("the page %s could not be made", self.path)
            return _json(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": repr(error)})

    def _send(self, answer: Answer, headers: Mapping[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


def _condition(word: str, condition: Condition) -> Answer:
    status = HTTPStatus.OK if condition.ok else HTTPStatus.SERVICE_UNAVAILABLE
    complaints = [
        msgspec.structs.replace(complaint, seconds=round(complaint.seconds, 1))
        for complaint in condition.complaints
    ]
    notes = {"notes": condition.notes} if condition.notes else {}
    return _json(status, {word: condition.ok, "complaints": complaints, **notes})


def _json(status: HTTPStatus, content: Mapping[str, object]) -> Answer:
    return Answer(status, _JSON, msgspec.json.encode(content) + b"\n")
