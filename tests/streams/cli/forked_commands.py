"""Real processes of the command without the seconds that each takes to load: one loads, and forks.

Run as a program it reads one request a line, and answers with the id of the process that it began,
or with how that process ended.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import msgspec

from detectors.settings import Settings
from streams.cli.main import main
from streams.worker.warm_up import warm_up
from tests.limited_process import limited

ROOT: Final = Path(__file__).parents[3]

WHOLE_MODULE: Final = 400.0
"""Seconds in which all tests of a module are over; beyond, one of them waits in vain."""


class Request(msgspec.Struct):
    """Begin a command, or wait for the process of this id."""

    words: list[str] = []
    stdout: str = os.devnull
    stderr: str = os.devnull
    largest_file: int | None = None
    wait_for: int | None = None


class ForkedCommands:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process: Final = process

    @classmethod
    @contextmanager
    def loaded(cls) -> Iterator[Self]:
        """Start it; it ends when its input does."""
        command = [sys.executable, "-m", "tests.streams.cli.forked_commands"]
        with limited(
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE),
            WHOLE_MODULE,
        ) as process:
            yield cls(process)
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=10)

    def begin(self, request: Request) -> int:
        """Begin a command; return the id of its process."""
        return self._asked(request)

    def code(self, process_id: int) -> int:
        """Wait for a process; return its exit code, or less the number of the signal."""
        return self._asked(Request(wait_for=process_id))

    def _asked(self, request: Request) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(request) + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def serve() -> None:
    warm_up(Settings())  # compiled code is loaded on first use: once here, and not in every fork
    for line in sys.stdin.buffer:
        request = msgspec.json.decode(line, type=Request)
        if request.wait_for is not None:
            _, status = os.waitpid(request.wait_for, 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                _be_the_command(request)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _be_the_command(request: Request) -> None:
    for descriptor, path in ((0, os.devnull), (1, request.stdout), (2, request.stderr)):
        os.dup2(os.open(path, os.O_RDONLY if descriptor == 0 else os.O_WRONLY), descriptor)
    if request.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request.largest_file, request.largest_file))
    code = 70
    try:
        code = main(request.words)
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve()
