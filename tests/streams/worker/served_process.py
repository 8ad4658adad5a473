"""The pages of a worker in a process of their own, with the descriptors that processes have.

``python -m tests.streams.worker.served_process [broken]`` prints the address, and serves until its
input ends. ``broken`` refuses whoever is one too many, and ends nobody for it.
"""

import resource
import sys

from streams.metrics import Metrics
from streams.pages.server import HttpServer
from streams.worker.health import Health
from streams.worker.pages import worker_pages

DESCRIPTORS = 1024


class KeepsTheOldest(HttpServer):
    """Lets those who came first stay: one who says nothing keeps everybody else out."""

    def _end_oldest(self) -> None:
        """End nobody."""

    def _sweep(self) -> None:
        """Let a connection last as long as its client likes."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    kind = KeepsTheOldest if "broken" in sys.argv else HttpServer
    with kind(worker_pages(Metrics(), Health([], 3600)), "127.0.0.1", 0) as server:
        sys.stdout.write(server.address + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
