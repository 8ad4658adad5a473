"""A small HTTP server for the pages of a service, in one thread of its own.

It answers while the loop of the service hangs, and beside clients that mean no good:

- One thread, and at most `MOST_CONNECTIONS` connections. One more ends the oldest: a probe that
  asks at once is answered, and who holds a connection open only loses it.
- A connection has `DEADLINE_SECONDS` for all of it: the request and the answer.
- Nothing of a request is logged, and no more than one line in `SECONDS_BETWEEN_LINES` is.

Why not aiohttp, which Faust brings: it bounds neither connections nor the time that an answer
takes, and logs a traceback for each broken request.
Its pages, routes and bodies are not needed here.
"""

import asyncio
import logging
import resource
import socket
import time
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from threading import Thread
from typing import Final, Self

from streams.pages.answer import Answer, Page, as_json
from streams.pages.connection import Connection
from streams.pages.message import ALLOWED, Request, encode_answer

MOST_CONNECTIONS: Final = 128
DEADLINE_SECONDS: Final = 5.0
SECONDS_BETWEEN_LINES: Final = 10.0

_SHARE_OF_DESCRIPTORS: Final = 8
"""One in so many of a process's descriptors may be a connection: the others are the service's."""

_BACKLOG: Final = 512
_ACCEPTED_AT_ONCE: Final = 64
_SWEEP_SECONDS: Final = 0.25

_log: Final = logging.getLogger("aboveboard.pages")


class HttpServer:
    """Serves pages until it is closed.

    Parameters
    ----------
    pages
        By path; any other path is answered with the list of these. They are made in the thread of
        the server, one after the other.
    host, port
        Where to listen; port 0 takes a free one.

    Raises
    ------
    OSError
        If the address cannot be listened on; the message names it.
    """

    def __init__(self, pages: Mapping[str, Page], host: str, port: int) -> None:
        self._pages: Final = pages
        try:
            self._listener: Final = _listen(host, port)
        except OSError as error:
            raise OSError(
                f"cannot serve metrics at {host}:{port} ({error.strerror}): choose another port "
                "with --metrics-port or ABOVEBOARD_METRICS_PORT"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.address: Final = f"http://{shown}:{self._listener.getsockname()[1]}"
        # In the order in which they began: the first is the oldest. A dict for its order.
        self._connections: Final[dict[Connection, None]] = {}
        self._most: Final = _most_connections()
        self._logged_at = float("-inf")
        self._loop: Final = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._report)
        self._loop.add_reader(self._listener, self._accept)
        self._loop.call_later(_SWEEP_SECONDS, self._sweep)
        self._thread: Final = Thread(
            target=self._loop.run_forever, name="aboveboard-http", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, disconnect every client, and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for connection in list(self._connections):
            connection.close()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        # Not all that wait: those who are connected already get their turn between.
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                # The process has no descriptor left. One of ours may do for the next, a little
                # later: asked again at once, the loop would do nothing else.
                self._end_oldest()
                self._loop.remove_reader(self._listener)
                self._loop.call_later(_SWEEP_SECONDS, self._listen_again)
                return
            if len(self._connections) >= self._most:
                self._end_oldest()
            client.settimeout(0)
            connection = Connection(self._loop, client, self._respond, self._refuse, self._forget)
            self._connections[connection] = None

    def _listen_again(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _end_oldest(self) -> None:
        oldest = next(iter(self._connections), None)
        if oldest is not None:
            oldest.close()

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection, None)

    def _sweep(self) -> None:
        """Cut off those whose time is over: all have equally long, so the oldest are due first."""
        due = self._loop.time() - DEADLINE_SECONDS
        for connection in list(self._connections):
            if connection.begun_at > due:
                break
            connection.close()
        self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    def _respond(self, request: Request) -> bytes:
        return encode_answer(self._answer(request), with_body=request.method != "HEAD")

    def _answer(self, request: Request) -> Answer:
        if request.method not in ALLOWED:
            return as_json(HTTPStatus.METHOD_NOT_ALLOWED, {"allowed": ALLOWED})
        page = self._pages.get(request.path)
        if page is None:
            return as_json(HTTPStatus.NOT_FOUND, {"paths": sorted(self._pages)})
        try:
            return page(request.accept)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            self._complain(f"the page {request.path} could not be made", error)
            return as_json(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                {"error": "the page could not be made; the log of the service says why"},
            )

    @staticmethod
    def _refuse(status: HTTPStatus) -> bytes:
        return encode_answer(as_json(status, {"error": status.phrase}))

    def _report(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """Log what went wrong in a callback, a fault of ours; the loop goes on."""
        self._complain("an HTTP connection failed", context.get("exception"))

    def _complain(self, what: str, error: object) -> None:
        """Write one line and where it happened, now and then: clients could fill the log."""
        now = time.monotonic()
        if now - self._logged_at < SECONDS_BETWEEN_LINES:
            return
        self._logged_at = now
        # The lines of the traceback are our source; its last one may hold what a client sent, so
        # the error is shown escaped instead.
        frames = error.__traceback__ if isinstance(error, BaseException) else None
        _log.error("%s: %s\n%s", what, ascii(error), "".join(traceback.format_tb(frames)))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    listener.settimeout(0)
    return listener


def _most_connections() -> int:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, limit // _SHARE_OF_DESCRIPTORS))
