"""An engine as a process: how far it is, what it has used, and its end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.logged_process import LoggedProcess

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PATIENCE: Final = 30.0
_SAMPLE_SECONDS: Final = 0.02
_QUIET_SECONDS: Final = 2.0
_QUIET_LOOKS: Final = 2
_QUIET_SHARE: Final = 0.5


class Sample(NamedTuple):
    """The state of a process at one moment; `at` and `cpu` are seconds."""

    at: float
    events: int
    cpu: float


class EngineFailed(Exception):
    """An engine ended, stood still, or told something else than it should; it says which."""


class EngineProcess(LoggedProcess):
    """A process that counts the events it has taken in, stopped when the block ends.

    Parameters
    ----------
    command, environment
        What is run.
    count
        Gives the number of events taken in so far.
    sample_seconds
        Time between two looks at it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        count: Callable[[], int],
        sample_seconds: float = _SAMPLE_SECONDS,
    ) -> None:
        self._count: Final = count
        self._sample_seconds: Final = sample_seconds
        self._peak_memory = 0
        self.begun: Final = time.time()
        super().__init__(command, environment)

    def sample(self) -> Sample:
        """Look at it; its count as well."""
        self._note_memory()
        return Sample(time.time(), self._count(), self.cpu())

    def cpu(self) -> float:
        """Return the seconds of processor time of all its threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_memory(self) -> int:
        """Return the most bytes that it held in memory until now, or shortly before its end."""
        self._note_memory()
        return self._peak_memory

    def _note_memory(self) -> None:
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):  # a process that has ended has none
                self._peak_memory = 1_024 * int(line.split()[1])

    def wait_for(self, condition: Callable[[Sample], bool], standstill: float = 90.0) -> Sample:
        """Return the first sample for which the condition holds.

        Raises
        ------
        EngineFailed
            If the process ends first, or counts nothing new for so many seconds.
        """
        moved, best = time.time(), -1
        while True:
            sample = self.sample()
            if condition(sample):
                return sample
            self.require_running()
            if sample.events > best:
                moved, best = sample.at, sample.events
            elif sample.at - moved > standstill:
                raise EngineFailed(f"it stands still at {best:,} events")
            time.sleep(self._sample_seconds)

    def watch(
        self, told: Callable[[], int], wanted: int, look_every: float, standstill: float = 90.0
    ) -> list[Sample]:
        """Follow its processor time until so many are told; it is not asked how far it is.

        Raises
        ------
        EngineFailed
            If the process ends first, or nothing new is told for so many seconds.
        """
        samples: list[Sample] = []
        moved, best, looked = time.time(), -1, 0.0
        while True:
            samples.append(Sample(time.time(), best, self.cpu()))
            if samples[-1].at - looked >= look_every:
                looked = samples[-1].at
                found = told()
                if found >= wanted:
                    samples.append(Sample(time.time(), found, self.cpu()))
                    return samples
                self.require_running()
                if found > best:
                    moved, best = looked, found
                elif looked - moved > standstill:
                    raise EngineFailed(f"it stands still at {best:,} of {wanted:,} alerts")
            time.sleep(_SAMPLE_SECONDS)

    def wait_until_quiet(self, longest: float = 240.0) -> None:
        """Return when it has used little of a core for some seconds: all is written."""
        deadline, quiet = time.time() + longest, 0
        while quiet < _QUIET_LOOKS and time.time() < deadline:
            before = self.cpu()
            time.sleep(_QUIET_SECONDS)
            used = self.cpu() - before
            quiet = quiet + 1 if used < _QUIET_SHARE * _QUIET_SECONDS else 0

    def require_running(self) -> None:
        """Raise EngineFailed if it has ended."""
        if self._process.poll() is not None:
            raise EngineFailed(f"it ended with {self._process.returncode}")

    def ended(self, seconds: float) -> bool:
        """Wait for an end by itself; tell whether it came with success."""
        try:
            return self._process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False

    def stop(self) -> None:
        """End it in order, and if that takes long at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
