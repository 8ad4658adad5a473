"""Has alerts recomputed: one at a time, beside the desk, and not for ever."""

import asyncio
import logging
import pickle
import sys
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from detectors.settings import Settings
from streams.desk.casefile.recomputed import Recomputed, Task
from streams.errors import RequestRefused

_MODULE: Final = "streams.desk.casefile.recomputing"
_MOST_KEPT: Final = 64
_MOST_WAITING: Final = 8
_PROBLEM_SECONDS: Final = 60.0
_LONGEST_COMPLAINT: Final = 2_000

_decode: Final = msgspec.json.Decoder(Recomputed).decode
_log: Final = logging.getLogger("aboveboard.desk")


class Waiting(NamedTuple):
    """It is not done yet: for how long it has been asked for (s), and how many come before it."""

    seconds: float
    before: int


class _Asked(NamedTuple):
    since: float
    job: "asyncio.Task[Recomputed]"


class Recomputer:
    """Recomputes alerts as they are shown; what was found is kept until the alert changes.

    Parameters
    ----------
    model
        The file of the read model.
    settings
        Those with which alerts were found.
    most_seconds
        After which a recomputation is ended.
    """

    def __init__(self, model: Path, settings: Settings, most_seconds: float) -> None:
        self._model: Final = model
        self._settings: Final = settings
        self._most_seconds: Final = most_seconds
        self._kept: Final[OrderedDict[bytes, Recomputed]] = OrderedDict()
        self._asked: Final[dict[bytes, _Asked]] = {}
        self._turn: Final = asyncio.Lock()

    def known(self, record: bytes) -> Recomputed | None:
        """Return what was found about an alert as it stands in this record; None if nothing was."""
        return self._kept.get(record)

    async def result(self, record: bytes, wait: float) -> Recomputed | Waiting:
        """Return what the events say of an alert; wait so many seconds for it at most.

        Raises
        ------
        RequestRefused
            Too many others wait.
        """
        known = self.known(record)
        if known is not None:
            return known
        asked = self._asked.get(record)
        if asked is None:
            if len(self._asked) >= _MOST_WAITING:
                raise RequestRefused(503, "too many alerts are being recomputed: try again soon")
            job = asyncio.create_task(self._run(record))
            asked = self._asked[record] = _Asked(time.monotonic(), job)
        await asyncio.wait({asked.job}, timeout=wait)
        if asked.job.done():
            return asked.job.result()
        before = [*self._asked].index(record)
        return Waiting(time.monotonic() - asked.since, before)

    async def close(self, _: web.Application) -> None:
        """End what is running."""
        jobs = [asked.job for asked in self._asked.values()]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _run(self, record: bytes) -> Recomputed:
        try:
            async with self._turn:
                found = await self._in_a_process(record)
            self._kept[record] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            if found.problem:  # what was missing may have come by then
                forget = asyncio.get_running_loop().call_later
                forget(_PROBLEM_SECONDS, self._kept.pop, record, None)
            return found
        finally:
            self._asked.pop(record, None)

    async def _in_a_process(self, record: bytes) -> Recomputed:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, stdin=pipe, stdout=pipe, stderr=pipe
        )
        task = pickle.dumps(Task(self._model, self._settings, record))
        try:
            told, complaint = await asyncio.wait_for(process.communicate(task), self._most_seconds)
        except TimeoutError:
            return _failed(f"it took longer than {self._most_seconds:.0f} s")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            said = complaint.decode(errors="replace")[-_LONGEST_COMPLAINT:]
            _log.error("an alert could not be recomputed: %s", said)
            return _failed("it could not be done; the log of the desk says why")
        return _decode(told)


def _failed(why: str) -> Recomputed:
    return Recomputed(revision=0, problem=why)


RECOMPUTER: Final = web.AppKey("recomputer", Recomputer)
"""Under which the application has it."""
