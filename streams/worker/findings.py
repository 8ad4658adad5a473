"""What is wrong around a worker: harm and remedy of each finding, for as long as it lasts.

Whoever looks at something reports all that is wrong with it at each look; what is not reported any
more is over. Readiness asks from another thread.
"""

import logging
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final

from msgspec import Struct

_log: Final = logging.getLogger("aboveboard.worker")


class Finding(Struct, frozen=True):
    """What is wrong and what harm it does, as a sentence, and what mends it, as another.

    ``fatal``: going on would be wrong; the worker ends with exit code 2. ``usual``: it is so at
    every start for a moment, and no news for the log.
    """

    what: str
    remedy: str
    topic: str = ""
    partition: int | None = None
    fatal: bool = False
    usual: bool = False

    @property
    def sentences(self) -> str:
        """Both sentences."""
        return f"{self.what}. {self.remedy}"


BROKER_IS_SILENT: Final = Finding(
    "the broker does not answer: nothing is read, and nothing is written",
    "Look whether it runs, and whether the network reaches it",
)


class Findings:
    """Findings by the one who reports them, and since when each lasts.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._since: Final[dict[tuple[str, str, str, int | None], float]] = {}
        self._found: Final[dict[str, tuple[Finding, ...]]] = {}

    def report(self, reporter: str, found: Iterable[Finding]) -> None:
        """Replace what a reporter has found so far; what is new or over goes to the log, too."""
        now, findings = self._clock(), tuple(found)
        with self._lock:
            before = self._found.get(reporter, ())
            self._found[reporter] = findings
            old = {_key(reporter, finding) for finding in before}
            new = {_key(reporter, finding) for finding in findings}
            for key in new - old:
                self._since[key] = now
            for key in old - new:
                del self._since[key]
        for finding in findings:
            if _key(reporter, finding) not in old and not finding.usual:
                _log.warning("not ready: %s", finding.sentences)
        for finding in before:
            if _key(reporter, finding) not in new and not finding.usual:
                _log.info("over: %s", finding.what)

    def lasting(self) -> list[tuple[Finding, float]]:
        """Return every finding, and for how many seconds it has lasted."""
        now = self._clock()
        with self._lock:
            return [
                (finding, now - self._since[_key(reporter, finding)])
                for reporter, findings in self._found.items()
                for finding in findings
            ]


def _key(reporter: str, finding: Finding) -> tuple[str, str, str, int | None]:
    """Return what makes a finding the same at the next look: its figures may change meanwhile."""
    return reporter, finding.remedy, finding.topic, finding.partition
