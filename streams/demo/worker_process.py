"""A worker for the demo, in a process of its own."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from typing import IO, Final, Self

from streams.config.host import PREFIX
from streams.demo.broker_process import LOOPBACK, free_port
from streams.errors import DemoFailed
from streams.metrics import total
from streams.wire.topics import partitions_for

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0


class DemoWorker:
    """`aboveboard worker` in a process of its own, from its start until it is gone."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        port = free_port()
        self.metrics_url: Final = f"http://{LOOPBACK}:{port}/metrics"
        self._partitions: Final = partitions_for(partitions)
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process: Final = subprocess.Popen(  # noqa: S603 - our own command
            [
                *(sys.executable, "-m", "streams", "worker"),
                *("--broker", bootstrap, "--metrics-port", str(port)),
            ],
            # The embedded broker lets a member wait for half its session before it may join.
            env={
                **{name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)},
                f"{PREFIX}SESSION_TIMEOUT": "2",
                f"{PREFIX}IDLE_AFTER": "5",
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        try:
            self._wait_for_partitions()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def running(self) -> bool:
        """Return whether the process lives."""
        return self._process.poll() is None

    def log_tail(self) -> str:
        """Return the last lines that the worker wrote."""
        self._log.seek(0)
        return "\n".join(self._log.read().decode(errors="replace").splitlines()[-15:])

    def sum_of(self, name: str) -> float:
        """Return the sum of a metric over its labels; 0 while the worker does not answer."""
        try:
            with urllib.request.urlopen(self.metrics_url, timeout=2) as answer:  # noqa: S310 - our own address
                text = answer.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0.0
        return total(text, name)

    def _wait_for_partitions(self) -> None:
        """Return when the worker has those of its three stages, the last of which has one."""
        began = time.monotonic()
        wanted = self._partitions.accounts + self._partitions.agents + 1
        while self.sum_of("aboveboard_assigned_partitions") < wanted:
            if not self.running() or time.monotonic() - began > START_SECONDS:
                raise DemoFailed(f"the worker did not start:\n{self.log_tail()}")
            time.sleep(0.1)
