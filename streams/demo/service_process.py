"""A service of the demo, in a process of its own."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final, Self

from streams.config.host import PREFIX
from streams.demo.guard import end_group, guarded, send, tail
from streams.demo.ports import LOOPBACK, free_port
from streams.errors import DemoFailed
from streams.metrics.registry import total

STOP_SECONDS: Final = 10.0
_KILL_SECONDS: Final = 5.0


class ServiceProcess:
    """A program in a process of its own, from its start until it is gone.

    Parameters
    ----------
    name
        As messages call it.
    command
        What is started.
    environment
        All of its variables.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name: Final = name
        self._log: Final[IO[bytes]] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process: Final = subprocess.Popen(  # noqa: S603 - our own command
            guarded(name, command),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not send(self._process, "TERM", STOP_SECONDS):
            send(self._process, "KILL", _KILL_SECONDS)
        end_group(self._process)
        self._log.close()

    def require_running(self) -> None:
        """Raise DemoFailed, with the end of its log, if it has ended."""
        if self._process.poll() is not None:
            raise DemoFailed(f"{self.name} ended:\n{tail(self._log)}")

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Return once the condition holds.

        Raises
        ------
        DemoFailed
            It has ended, or did not do `what` in time; holds the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            self.require_running()
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"{self.name} did not {what} within {seconds:g} s:\n{tail(self._log)}"
                )
            time.sleep(0.1)


class OwnService(ServiceProcess):
    """One of our own services over the demo's broker.

    Parameters
    ----------
    command
        The name of the command.
    bootstrap
        Where the broker is.
    settings
        Its variables, without their prefix. Those that this process has are not passed on: they are
        meant for another installation.
    """

    def __init__(self, command: str, bootstrap: str, **settings: str) -> None:
        port = free_port()
        self.metrics_url: Final = f"http://{LOOPBACK}:{port}/metrics"
        inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
        super().__init__(
            f"aboveboard {command}",
            [
                *(sys.executable, "-m", "streams", command),
                *("--broker", bootstrap, "--metrics-port", str(port)),
            ],
            inherited | {PREFIX + name.upper(): value for name, value in settings.items()},
        )

    def sum_of(self, name: str) -> float:
        """Return the sum of a metric over its labels; 0 while the service does not answer."""
        try:
            with urllib.request.urlopen(self.metrics_url, timeout=2) as answer:  # noqa: S310 - our own address
                text = answer.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0.0
        return total(text, name)
