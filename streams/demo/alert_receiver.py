"""What the demo tells where no Alertmanager is installed: it speaks as much of its API as needed.

It keeps what it is told in memory, and forgets it with the demo. It tells nobody.
"""

import json
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final, Self

from streams.demo.ports import LOOPBACK

_ALERTS: Final = "/api/v2/alerts"
_SILENCES: Final = "/api/v2/silences"
_SILENCE: Final = "/api/v2/silence/"


class Board:
    """Alerts and silences, as the API of Alertmanager has them."""

    def __init__(self) -> None:
        self._alerts: Final[dict[str, dict[str, Any]]] = {}
        self._silences: Final[dict[str, dict[str, Any]]] = {}
        self._lock: Final = Lock()

    def take(self, alerts: list[dict[str, Any]]) -> None:
        """Take in alerts; the labels say which is which."""
        with self._lock:
            for alert in alerts:
                datetime.fromisoformat(alert["endsAt"])  # one without an end is refused here
                self._alerts[json.dumps(alert["labels"], sort_keys=True)] = alert

    def alerts(self) -> list[dict[str, Any]]:
        """Return those that have not ended."""
        with self._lock:
            quiet = [one for one in map(_with_status, self._silences.values()) if _active(one)]
            return [
                alert | {"status": {"state": "suppressed" if _matches(quiet, alert) else "active"}}
                for alert in self._alerts.values()
                if datetime.fromisoformat(alert["endsAt"]) > datetime.now(UTC)
            ]

    def silence(self, silence: dict[str, Any]) -> str:
        """Make a silence, or change the one with its id; return the id."""
        name = silence.get("id") or str(uuid.uuid4())
        with self._lock:
            self._silences[name] = silence | {"id": name}
        return name

    def expire(self, name: str) -> None:
        """End a silence."""
        with self._lock:
            if name in self._silences:
                self._silences[name]["endsAt"] = datetime.now(UTC).isoformat()

    def silences(self) -> list[dict[str, Any]]:
        """Return them all, those too that have ended."""
        with self._lock:
            return [_with_status(silence) for silence in self._silences.values()]


class AlertReceiver:
    """Serves a board on this machine until the block ends."""

    def __init__(self) -> None:
        board = Board()

        class Handler(_Handler):
            def board(self) -> Board:
                return board

        self._server: Final = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.address: Final = f"http://{LOOPBACK}:{self._server.server_port}"
        self._thread: Final = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def board(self) -> Board:
        """Return what is served."""
        raise NotImplementedError

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case path if path == _ALERTS:
                self._answer(self.board().alerts())
            case path if path == _SILENCES:
                self._answer(self.board().silences())
            case _:
                self._answer({"paths": [_ALERTS, _SILENCES]}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            if self.path == _ALERTS:
                self.board().take(body)
                self._answer({})
            elif self.path == _SILENCES:
                self._answer({"silenceID": self.board().silence(body)})
            else:
                self._answer({"paths": [_ALERTS, _SILENCES]}, HTTPStatus.NOT_FOUND)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._answer(repr(error), HTTPStatus.BAD_REQUEST)

    def do_DELETE(self) -> None:
        self.board().expire(self.path.removeprefix(_SILENCE))
        self._answer({})

    def _answer(self, content: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Say nothing: the demo has the terminal."""


def _with_status(silence: dict[str, Any]) -> dict[str, Any]:
    ended = datetime.fromisoformat(silence["endsAt"]) <= datetime.now(UTC)
    return silence | {"status": {"state": "expired" if ended else "active"}}


def _active(silence: dict[str, Any]) -> bool:
    return bool(silence["status"]["state"] == "active")


def _matches(silences: list[dict[str, Any]], alert: dict[str, Any]) -> bool:
    return any(
        all(alert["labels"].get(one["name"]) == one["value"] for one in silence["matchers"])
        for silence in silences
    )
