"""A real Alertmanager as a child process, and a webhook that hears what it tells people."""

import json
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final, NamedTuple, Self

import pytest

from streams.demo.ports import LOOPBACK, free_port
from tests.logged_process import LoggedProcess

PATIENCE: Final = 120.0
"""Seconds for anything that is waited for."""

_CONFIG: Final = """
route:
  receiver: people
  group_by: [alert_id]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 4h
receivers:
  - name: people
    webhook_configs:
      - url: {hook}
        send_resolved: true
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alert_id]
"""


class Told(NamedTuple):
    """What people were told of one alert: ``firing`` or ``resolved``."""

    alert_id: str
    severity: str
    status: str
    annotations: dict[str, str]


class _Server(ThreadingHTTPServer):
    request_queue_size = 1_024  # every group of alerts is told over a connection of its own


class Webhook:
    """Hears what Alertmanager tells, until it is closed."""

    def __init__(self) -> None:
        heard: deque[Told] = deque()
        self.heard: Final = heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for one in body["alerts"]:
                    labels = one["labels"]
                    heard.append(
                        Told(
                            labels["alert_id"],
                            labels["severity"],
                            one["status"],
                            one["annotations"],
                        )
                    )
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                """Say nothing."""

        self._server: Final = _Server((LOOPBACK, 0), Handler)
        self.url: Final = f"http://{LOOPBACK}:{self._server.server_port}/"
        self._thread: Final = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def told(self, alert_id: str) -> list[tuple[str, str]]:
        """Return severity and status of everything that was told of an alert, in order."""
        return [(one.severity, one.status) for one in list(self.heard) if one.alert_id == alert_id]


class AlertmanagerProcess:
    """An Alertmanager that can be ended and started again in its folder, at one address."""

    def __init__(self, program: str, folder: Path) -> None:
        self.webhook: Final = Webhook()
        port = free_port()
        self.address: Final = f"http://{LOOPBACK}:{port}"
        config = folder / "alertmanager.yml"
        config.write_text(_CONFIG.format(hook=self.webhook.url), encoding="utf-8")
        self._command: Final = [
            program,
            f"--web.listen-address={LOOPBACK}:{port}",
            "--cluster.listen-address=",
            f"--storage.path={folder / 'data'}",
            f"--config.file={config}",
        ]
        self._running: Final = ExitStack()
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.webhook.close()

    def start(self) -> None:
        process = self._running.enter_context(LoggedProcess(self._command, {}))
        wait_for(self.is_ready, process.log)
        self._process = process

    def kill(self) -> None:
        """End it at once, as a failing machine does."""
        self._running.close()

    def terminate(self) -> None:
        """Ask it to end, and wait until it has."""
        self._process.terminate()
        self._running.close()

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/-/ready", timeout=5):  # noqa: S310 - ours
                return True
        except OSError:
            return False

    def asked(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what the API answers."""
        with urllib.request.urlopen(f"{self.address}/api/v2/{path}", timeout=30) as answer:  # noqa: S310 - ours
            return json.load(answer)

    def failed(self) -> int:
        """Return how many times it gave up to tell the webhook: nobody answered it in time."""
        with urllib.request.urlopen(f"{self.address}/metrics", timeout=5) as answer:  # noqa: S310 - ours
            lines = answer.read().decode().splitlines()
        name = "alertmanager_notifications_failed_total{"
        counts = (line for line in lines if line.startswith(name) and '"webhook"' in line)
        return sum(int(float(line.rsplit(" ", 1)[1])) for line in counts)

    def wait_told(self, alert_id: str, *expected: tuple[str, str]) -> None:
        """Return once people were told exactly this of an alert, in this order."""
        wait_for(
            lambda: self.webhook.told(alert_id) == list(expected),
            lambda: f"{alert_id}: {self.webhook.told(alert_id)}",
        )


def wait_for(condition: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Return when the condition holds; fail with what `otherwise` says after long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.02)


@pytest.fixture
def alertmanager(alertmanager_program: str, tmp_path: Path) -> Iterator[AlertmanagerProcess]:
    """Yield an Alertmanager that knows nothing."""
    folder = tmp_path / "alertmanager"
    folder.mkdir()
    with AlertmanagerProcess(alertmanager_program, folder) as process:
        yield process
