"""The end of a worker: in order if that is possible in time, at once if not.

Tasks that do not end are ended with the process. Nothing is lost by that, since what was not
acknowledged is read again; waiting would keep partitions from the next worker.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from detectors.basis.errors import AboveboardError
from streams.broker.client_errors import KafkaError
from streams.errors import MembershipLost

UNUSABLE: Final = 2
"""The exit code of a command that could not begin."""

LEFTOVER_SECONDS: Final = 1.0
"""How long tasks that nobody ended may take once they are cancelled."""

_log: Final = logging.getLogger("aboveboard.worker")


class Shutdown:
    """How much time the end may take, and whether everything ended.

    Parameters
    ----------
    leftover
        Seconds that cancelled tasks have, and each part of the end at least.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        leftover: float = LEFTOVER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._leftover: Final = leftover
        self._clock: Final = clock
        self._until: float | None = None
        self.in_order = True

    async def within(self, ending: Coroutine[Any, Any, None], seconds: float) -> None:
        """Wait for a part of the end; all parts together take as long as the first one may."""
        now = self._clock()
        if self._until is None:
            self._until = now + seconds
        task = asyncio.ensure_future(ending)
        # Not `wait_for`: it would wait for ever for a task that ignores its cancelling.
        await asyncio.wait([task], timeout=max(self._leftover, self._until - now))
        if not task.done():
            task.cancel()
            self.in_order = False
            _log.warning("could not end in order: it took too long")
            return
        try:
            task.result()
        except (KafkaError, MembershipLost, asyncio.CancelledError) as error:
            _log.warning("could not end in order: %r", error)

    async def cancel_leftovers(self) -> None:
        """Cancel the tasks that are left, as the end of a loop does, and wait, but not for ever."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            ended, pending = await asyncio.wait(left, timeout=self._leftover)
            self.in_order = self.in_order and not pending
            for task in ended:
                if not task.cancelled():
                    task.exception()  # retrieved, or asyncio would log that it never was


def ignore_signals() -> None:
    """Ignore signals from here on: the worker is ending already.

    The loop would restore their usual effect at its own end: a second Ctrl-C would replace the exit
    code that says why the worker ended.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)


async def run_to_end(work: Coroutine[Any, Any, int], ending: Shutdown) -> int:
    """Run a worker and return its exit code; end the process if something does not end."""
    refusal: AboveboardError | None = None
    code = UNUSABLE
    try:
        code = await work
    except AboveboardError as error:
        refusal = error
    await ending.cancel_leftovers()
    if not ending.in_order:
        if refusal is not None:
            sys.stderr.write(f"aboveboard worker: {refusal}\n")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
    if refusal is not None:
        raise refusal
    return code
