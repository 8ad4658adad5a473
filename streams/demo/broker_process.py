"""A broker in a child process: started, asked until it answers, and gone in every case."""

import atexit
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import IO

from streams.broker.access import answers
from streams.demo.guard import end_group, guarded, send, tail
from streams.demo.ports import LOOPBACK
from streams.errors import BrokerNotStarted

_POLL_SECONDS = 0.05
_REQUEST_MILLISECONDS = 2_000
_KILL_SECONDS = 5.0


class BrokerProcess:
    """A broker in a child process, from its start until it answers, and until it is gone.

    Start and stop may alternate. The process ends in every case: with ``stop``, when the
    interpreter exits, and when this process is killed. POSIX only.
    """

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str],
        port: int,
        environment: Mapping[str, str],
        start_seconds: float,
        stop_seconds: float,
    ) -> None:
        """Prepare, without starting anything.

        ``name`` is used in messages. ``command`` must make a broker that listens on 127.0.0.1 at
        ``port``. ``start_seconds`` is the limit until it answers, ``stop_seconds`` the time it is
        given to end in order before it is killed.
        """
        self.name = name
        self.port = port
        self._command = list(command)
        self._environment = dict(environment)
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Address for clients, ``127.0.0.1:PORT``."""
        return f"{LOOPBACK}:{self.port}"

    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and return once it has answered a metadata request.

        Raises BrokerNotStarted, with the end of the broker's log, when the port is taken,
        the process ends, or it does not answer in time; nothing is left running then.
        """
        if self.is_running():
            raise RuntimeError(f"{self.name} on {self.bootstrap} is already running")
        self.stop()  # clears away what is left of a broker that ended by itself
        _refuse_taken_port(self.name, self.port)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - outlives this call, see _end
        self._process = subprocess.Popen(  # noqa: S603 - the command comes from our own code
            guarded(self.name, self._command),
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        atexit.register(self.stop)
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process: in order if it can, killed otherwise. Harmless if it does not run."""
        self._end(("TERM", self._stop_seconds), ("KILL", _KILL_SECONDS))

    def kill(self) -> None:
        """End the process at once with SIGKILL, as a fault would. Harmless if it does not run."""
        self._end(("KILL", _KILL_SECONDS))

    def log_tail(self) -> str:
        """Return the last lines the broker has written, empty when it does not run."""
        return "" if self._log is None else tail(self._log)

    def _end(self, *signals: tuple[str, float]) -> None:
        """Send each signal and wait its seconds, until the process has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        try:
            for name, seconds in signals:
                if send(process, name, seconds):
                    break
        finally:
            end_group(process)
            self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_seconds
        while not _accepts_connections(self.port) or not answers(
            self.bootstrap, _REQUEST_MILLISECONDS
        ):
            status = process.poll()
            if status is not None:
                raise self._failure(f"ended with status {status} while starting")
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer within {self._start_seconds:g} s")
            time.sleep(_POLL_SECONDS)

    def _failure(self, what: str) -> BrokerNotStarted:
        tail = self.log_tail() or "(empty)"
        return BrokerNotStarted(
            f"{self.name} on {self.bootstrap} {what}. The end of its log:\n{tail}"
        )


def _refuse_taken_port(name: str, port: int) -> None:
    """Raise early, since a stranger that listens there would be taken for our broker."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise BrokerNotStarted(
                f"{name} cannot listen on {LOOPBACK}:{port} ({error.strerror}). Choose another "
                "port, or stop the program that uses this one."
            ) from error


def _accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False
