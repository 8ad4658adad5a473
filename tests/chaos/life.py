"""One worker process, from its start to its end, and all that can be known of it from outside."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from streams.demo.ports import LOOPBACK, free_port
from tests.chaos.others.wrong_clock import wrong_by

WORKER: Final = "worker"

HONEST: Final = (str(Path(sys.executable).with_name("aboveboard")), "worker")
"""The command of a worker as it is shipped."""

_ANSWER_SECONDS: Final = 0.5
_JUST_NOW_SECONDS: Final = 0.3


class Cause(NamedTuple):
    """Something that the harness did, which may explain how a worker ends."""

    at: float
    what: str


class Life:
    """A worker from its start on; `log` and the counters outlive it.

    Its clock is ahead by ``days_ahead``, and so are the times in its log.
    """

    def __init__(
        self,
        number: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        program: str = WORKER,
        days_ahead: int = 0,
    ) -> None:
        self.days_ahead: Final = days_ahead
        self.number: Final = number
        self.program: Final = program
        self.causes: Final[list[Cause]] = []
        self.redelivered = 0.0
        self.died_before_commit = False
        self._events = 0.0
        self._worked_at = 0.0
        self.ready_after: float | None = None
        self.started: Final = time.time()
        self._log: Final = log
        port = free_port()
        self._address: Final = f"http://{LOOPBACK}:{port}"
        with log.open("wb") as file:
            self._process: Final = subprocess.Popen(
                [*command, "--metrics-port", str(port)],
                env={**environment, **(wrong_by(days_ahead) if days_ahead else {})},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, minus the signal that ended it; None while it lives."""
        return self._process.poll()

    def blame(self, what: str) -> None:
        """Remember something that may explain its end."""
        self.causes.append(Cause(time.time(), what))

    def was(self, what: str) -> bool:
        """Return whether this was done to it."""
        return any(cause.what == what for cause in self.causes)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, harmless if it has ended."""
        if self.code is None:
            os.kill(self._process.pid, number)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; None if it has not come."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.code

    def log(self) -> str:
        """Return everything it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def poll(self) -> None:
        """Read its counters and whether it is ready; what does not answer changes nothing."""
        if self.ready_after is None and self._is_ready():
            self.ready_after = time.time() - self.started
        metrics = self.metrics()
        told = metrics.get("aboveboard_redelivered_records_total", 0.0)
        self.redelivered = max(self.redelivered, told)
        events = metrics.get("aboveboard_events_total", 0.0)
        if events > self._events:
            self._events, self._worked_at = events, time.time()

    def lag(self) -> float | None:
        """Return how many records it has left to read; None while it does not say."""
        return self.metrics().get("aboveboard_lag_records")

    def is_at_work(self) -> bool:
        """Return whether it was seen to apply events just now."""
        return time.time() - self._worked_at < _JUST_NOW_SECONDS

    def has_worked(self) -> bool:
        """Return whether it was ever seen ready, or applying events: its clock could do harm."""
        return self.ready_after is not None or self._events > 0

    def metrics(self) -> dict[str, float]:
        """Return the sum of every metric over its labels; nothing while it does not answer."""
        url = f"{self._address}/metrics"
        sums: dict[str, float] = {}
        with suppress(OSError, HTTPException, ValueError):
            with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - ours
                text = answer.read().decode()
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
        return sums

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(  # noqa: S310 - ours
                f"{self._address}/readyz", timeout=_ANSWER_SECONDS
            ) as answer:
                # The old endpoint of metrics answers every path: that says nothing.
                return bool(answer.status == 200 and b"# HELP" not in answer.read(10_000))
        except (OSError, HTTPException):
            return False


def moment_of(line: str) -> float | None:
    """Return the time (seconds) that a line of a worker's log begins with."""
    try:
        return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone().timestamp()
    except ValueError:
        return None
