"""`aboveboard desk` as a process on a real broker."""

from types import TracebackType
from typing import Final, Self

from streams.demo.ports import LOOPBACK, free_port
from tests.integration.installation import Installation, WorkerProcess
from tests.streams.desk.desk_at_hand import Answer, Headers, ask


class Desk:
    """A desk, from its start until it has read everything and the block ends."""

    def __init__(self, installation: Installation, **settings: str) -> None:
        self._port: Final = free_port()
        self.address: Final = f"http://{LOOPBACK}:{self._port}"
        self.process: Final = installation.service(
            "desk", "--port", str(self._port), **{f"desk_{n}": v for n, v in settings.items()}
        )

    def __enter__(self) -> Self:
        try:
            self.process.wait_for(is_ready)
        except BaseException:
            self.process.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.__exit__(kind, error, trace)

    def ask(self, path: str, headers: Headers = (), body: bytes | None = None) -> Answer:
        return ask(self.address, path, headers, body=body)


def is_ready(desk: WorkerProcess) -> bool:
    return desk.sum_of("aboveboard_desk_ready") == 1
