"""Keeps processes running as a supervisor would: what ends by itself is started again."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.chaos.life import WORKER, Life
from tests.chaos.order import ORDER

POLL_SECONDS: Final = 0.25
RESTART_SECONDS: Final = 0.3
END_SECONDS: Final = 45.0
"""How long a worker may take to its end once it was told to stop."""

AIM_SECONDS: Final = 5.0
"""How long a kill waits for the worker to come to the moment that it is meant for."""

KILLED: Final = "killed"
TOLD_TO_STOP: Final = "told to stop"


class Slot:
    """The place of one worker: its settings, and all the lives it has had.

    So of any other `program` that is killed and started as workers are.
    """

    def __init__(
        self,
        number: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        logs: Path,
        program: str = WORKER,
    ) -> None:
        self.number: Final = number
        self.program: Final = program
        self.lives: Final[list[Life]] = []
        self._command: Final = command
        self._environment: Final = environment
        self._logs: Final = logs
        self._lock: Final = threading.RLock()
        self._wanted = False
        self._conditions: Final[set[str]] = set()
        self._days_ahead = 0
        self._closing: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return f"{self.program} {self.number}"

    @property
    def present(self) -> Life | None:
        """The worker that runs."""
        life = self.lives[-1] if self.lives else None
        return life if life is not None and life.code is None else None

    def up(self) -> None:
        """Start a worker, and start it again whenever it ends."""
        with self._lock:
            self._wanted = True
            if self.present is None:
                log = self._logs / f"{self.program}-{self.number}-{len(self.lives) + 1}.log"
                name = f"{self.number}.{len(self.lives) + 1}"
                environment = {
                    **self._environment,
                    "ABOVEBOARD_CHAOS_LIFE": name,
                    ORDER: str(self._order()),
                }
                self._order().unlink(missing_ok=True)
                life = Life(
                    self.number,
                    self._command,
                    environment,
                    log,
                    self.program,
                    self._days_ahead,
                )
                self.lives.append(life)
                for condition in self._conditions:
                    self.lives[-1].blame(condition)

    def kill(self) -> bool:
        """End the worker with SIGKILL; it will be started again. False if there was none."""
        return self._end(signal.SIGKILL, KILLED)

    def kill_before_commit(self, since: threading.Event | None = None) -> bool:
        """End the worker with SIGKILL when its state is written and its offsets are not committed.

        One that writes nothing for long, counted from when `since` is set, is killed as it is.
        False if there was none, or if it ended in another way meanwhile.
        """
        life = self.present
        if life is None:
            return False
        self._order().touch()
        while since is not None and life.code is None and not since.wait(POLL_SECONDS):
            pass
        code = life.wait(AIM_SECONDS)
        if code not in (None, -signal.SIGKILL):
            return False
        life.died_before_commit = code is not None
        life.blame(KILLED)
        life.send(signal.SIGKILL)
        return True

    def restart(self) -> bool:
        """Tell the worker to stop; it will be started again. False if there was none."""
        return self._end(signal.SIGTERM, TOLD_TO_STOP)

    def set_clock(self, days_ahead: int) -> None:
        """Let the clock of every worker that is started from now on be wrong."""
        with self._lock:
            self._days_ahead = days_ahead

    def down(self) -> None:
        """Tell the worker to stop, and leave it at that."""
        with self._lock:
            self._wanted = False
            self._end(signal.SIGTERM, TOLD_TO_STOP)

    def freeze(self, seconds: float) -> bool:
        """Stop the worker for so long, as a paused machine would, and let it go on."""
        life = self.present
        if life is None:
            return False
        life.blame("frozen")
        life.send(signal.SIGSTOP)
        time.sleep(seconds)
        life.blame("woken")
        life.send(signal.SIGCONT)
        return True

    def wait_for_work(self, seconds: float) -> None:
        """Return when the worker is seen to apply events, or after so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            life = self.present
            if life is not None and life.is_at_work():
                return
            time.sleep(0.02)

    def wait_for_wrong_clock(self, seconds: float) -> None:
        """Return when a worker with a wrong clock was seen at work, or after so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            life = self.present
            if life is not None and life.days_ahead and life.has_worked():
                return
            time.sleep(0.1)

    @contextmanager
    def under(self, condition: str) -> Iterator[None]:
        """Remember, for every worker that runs inside the block, what may explain its end."""
        with self._lock:
            self._conditions.add(condition)
            if self.present is not None:
                self.present.blame(condition)
        try:
            yield
        finally:
            with self._lock:
                self._conditions.discard(condition)

    def close(self) -> None:
        """End the worker: in order if it can."""
        self.down()
        self._closing.set()
        life = self.lives[-1] if self.lives else None
        if life is not None and life.wait(END_SECONDS) is None:
            life.blame("did not end")
            life.send(signal.SIGKILL)
            life.wait(END_SECONDS)
        self._thread.join()

    def _order(self) -> Path:
        return self._logs / f"{self.program}-{self.number}.order"

    def _end(self, number: signal.Signals, cause: str) -> bool:
        with self._lock:
            life = self.present
            if life is None or (cause == TOLD_TO_STOP and life.was(TOLD_TO_STOP)):
                return False  # once is enough: a second signal may come when nobody handles it
            life.blame(cause)
            life.send(number)
            return True

    def _look_after(self) -> None:
        while not self._closing.wait(POLL_SECONDS):
            life = self.present
            if life is not None:
                life.poll()
            elif self._wanted:
                time.sleep(RESTART_SECONDS)
                with self._lock:
                    if self._wanted:
                        self.up()


class Supervisor:
    """All slots of a run for one program."""

    def __init__(
        self,
        command: Sequence[str],
        environments: Sequence[Mapping[str, str]],
        logs: Path,
        program: str = WORKER,
    ) -> None:
        self.slots: Final = [
            Slot(number, command, environment, logs, program)
            for number, environment in enumerate(environments)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def up(self) -> None:
        """Start every worker."""
        for slot in self.slots:
            slot.up()

    def close(self) -> None:
        """End every worker; all are told first."""
        for slot in self.slots:
            slot.down()
        for slot in self.slots:
            slot.close()

    def lives(self) -> list[Life]:
        """Return every worker there was."""
        return [life for slot in self.slots for life in slot.lives]
