"""Lets no process outlive its test, nor a test wait for a process that says nothing more."""

from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from threading import Timer
from typing import AnyStr, Final

PATIENCE: Final = 120.0
"""Seconds; a machine that is busy with other tests may take long, and none of them needs this."""


@contextmanager
def limited(process: Popen[AnyStr], seconds: float = PATIENCE) -> Iterator[Popen[AnyStr]]:
    """Yield a process for the block; kill it at its end, or after some time, if it still runs.

    To leave the block of a `Popen` is to wait for its end, whatever a test has found until then:
    for ever, if it goes on. And so is to read a line of one that writes none; once it is killed,
    the line is empty.
    """
    deadline = Timer(seconds, process.kill)
    deadline.daemon = True
    with process:
        deadline.start()
        try:
            yield process
        finally:
            deadline.cancel()
            process.kill()
