"""An event loop in a thread of its own, for a client that must live while its user is busy."""

import asyncio
import logging
from collections.abc import Coroutine
from threading import Thread
from typing import Any, Final, Self, TypeVar

_log: Final = logging.getLogger("aboveboard.notify")

_Result = TypeVar("_Result")


class LoopThread:
    """Runs coroutines until it is closed; what they started goes on between them."""

    def __init__(self, name: str) -> None:
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Return what a coroutine returns, or raise what it raises; waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def expect_failures(self) -> None:
        """Take in that a client is being closed: where its broker is away, tasks of it fail."""
        self._loop.set_exception_handler(_note_failure)

    def close(self) -> None:
        """End the thread, and whatever still runs in it."""
        self.expect_failures()
        self.run(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _note_failure(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _log.debug("%s: %r", context.get("message"), context.get("exception"))


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
