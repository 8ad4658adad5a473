"""Many connections to one address, each of which sends a byte of its request now and then.

``python -m tests.streams.serving.slow_clients HOST PORT NUMBER [again]`` prints a line once all
have been open, and goes on until its input ends. With ``again``, one that was closed connects anew.
"""

import resource
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

SECONDS_BETWEEN_BYTES = 1.5
REQUEST = b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 10_000
PAUSE = 0.02


def connected(host: str, port: int) -> socket.socket:
    client = socket.create_connection((host, port), timeout=30)
    client.settimeout(0)
    return client


def main() -> None:
    host, port, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    again = "again" in sys.argv
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, number + 200), hard))
    clients = [connected(host, port) for _ in range(number)]
    sys.stdout.write("all have been open\n")
    sys.stdout.flush()
    for position in turns(number):
        try:
            clients[position].send(REQUEST[:1])
        except BlockingIOError:
            continue
        except OSError:
            if again:
                clients[position].close()
                with suppress(OSError):
                    clients[position] = connected(host, port)


def turns(number: int) -> Iterator[int]:
    """Yield whose turn it is, each once in `SECONDS_BETWEEN_BYTES`, until the input ends."""
    begun, given = time.monotonic(), 0
    positions = cycle(range(number))
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        due = int((time.monotonic() - begun) / SECONDS_BETWEEN_BYTES * number)
        for _ in range(min(due - given, number)):
            yield next(positions)
        given = due


if __name__ == "__main__":
    main()
