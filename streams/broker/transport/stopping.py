"""Stops the client and its thread in bounded time, whatever the client is waiting for.

aiokafka 0.14 waits at its end for a rebalance that is under way, and so for the slowest member of
the group; it also raises its own cancelling of a fetch that was waiting to try again. Faust's
thread is no daemon, and the loop of the worker waits for it: a worker that has lost its membership
would be in the group for a minute more, under a new generation.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer
from mode.threads import WorkerThread

JOIN_SECONDS: Final = 2.0
"""How long the loop of the worker may block for the thread, which has done its work by then."""

_log: Final = logging.getLogger("aboveboard.worker")


async def stop_client(client: AIOKafkaConsumer, seconds: float) -> None:
    """Leave the group and disconnect; after `seconds` disconnect without leaving.

    A group that was not left finds out when the session is over.
    """
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.wait([stopping], timeout=seconds)
    if not stopping.done():
        stopping.cancel()
        await asyncio.wait([stopping], timeout=seconds)
    if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
        with suppress(Exception):
            await asyncio.wait_for(client._client.close(), seconds)  # noqa: SLF001 - see the contract


class StoppingThread(WorkerThread):
    """A thread that never keeps a process alive, and whose errors the worker reports."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type] # mode's own signature
        self.daemon = True

    def run(self) -> None:
        """Serve until it is stopped."""
        try:
            super().run()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - a thread's end
            # The service has reported to the application why it ends; Python would write a
            # traceback.
            _log.debug("the thread of the client ended by %r", error)

    def stop(self) -> None:
        """Wait for the end, but not for ever: this blocks the loop of the worker."""
        self.is_stopped.wait(JOIN_SECONDS)
