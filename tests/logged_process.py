"""A process that is given nothing to read, and whose words are kept until it is gone."""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, NamedTuple, Self

_LAST_WORDS: Final = 20_000
_PATIENCE: Final = 180.0


class Ending(NamedTuple):
    """How a process ended: its exit code (minus the signal that killed it) and what it wrote."""

    code: int
    log: str


class LoggedProcess:
    """A process from its start until the block ends; an error in the block tells what it wrote."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        self._log: Final[IO[bytes]] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process: Final = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(f"The process wrote:\n{self.log()[-_LAST_WORDS:]}")
        self.stop()
        self._log.close()

    @property
    def number(self) -> int:
        """The id of the process."""
        return self._process.pid

    def log(self) -> str:
        """Return what it wrote."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        """Ask it to end, and wait until it has; return its exit code."""
        self._process.terminate()
        return self._process.wait(_PATIENCE)
