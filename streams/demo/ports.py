"""Ports of this machine for the processes that the demo and the tests start."""

import itertools
import os
import socket
import threading
from collections.abc import Iterator
from typing import Final

LOOPBACK: Final = "127.0.0.1"

FIRST_PORT: Final = 20_000
PORTS: Final = 12_000
"""Below what Linux, macOS and Windows hand out to connections that begin (from 32,768 upwards): a
port of theirs may be taken by any connection before the process that was told it listens."""

_STRIDE: Final = 97
"""So far apart begin processes that were started one after the other."""

_lock: Final = threading.Lock()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free now.

    It is not reserved, but nobody else is given it soon: no connection that begins, nor this
    process again before all others had their turn, nor another process that asks at the same time.

    Raises
    ------
    OSError
        No port is free.
    """
    with _lock:
        for port in itertools.islice(_turns(), PORTS):
            if _is_free(port):
                return port
    raise OSError(f"no port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} is free")


class _Turns:
    """Every port in turn, each process from a place of its own."""

    def __init__(self) -> None:
        self._process = 0
        self._ports: Iterator[int] = iter(())

    def __call__(self) -> Iterator[int]:
        if self._process != os.getpid():  # a fork would go on where its parent does
            self._process = os.getpid()
            first = self._process * _STRIDE % PORTS
            self._ports = (FIRST_PORT + number % PORTS for number in itertools.count(first))
        return self._ports


_turns: Final = _Turns()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
