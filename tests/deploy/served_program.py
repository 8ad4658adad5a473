"""A program that serves HTTP on a port of its own, from its first answer until the block ends."""

import json
import os
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

from streams.demo.ports import LOOPBACK, free_port
from tests.logged_process import LoggedProcess

PATIENCE: Final = 180.0


class ServedProgram(LoggedProcess):
    """Prometheus or Alertmanager: both take ``--web.listen-address`` and answer ``/-/ready``."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.place: Final = f"{LOOPBACK}:{free_port()}"
        self.address: Final = f"http://{self.place}"
        words = [*command, f"--web.listen-address={self.place}"]
        super().__init__(words, os.environ)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + PATIENCE
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                error = AssertionError(f"{self._process.args!r} is not ready")
                self.__exit__(AssertionError, error, None)
                raise error
            time.sleep(0.02)
        return self

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/-/ready", timeout=5):  # noqa: S310 - ours
                return True
        except OSError:
            return False

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON of several shapes
        """Return what it answers, from JSON."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:  # noqa: S310 - ours
            return json.load(answer)

    def post(self, path: str, content: object) -> None:
        """Send JSON."""
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, body, headers)  # noqa: S310 - ours
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310 - ours
            pass
