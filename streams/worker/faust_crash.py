"""Waits for the end that Faust does not announce: that it, or a part of it, has crashed.

From before its start on: a part may crash while Faust starts, and the start then never returns.
"""

import asyncio
from typing import Final, NoReturn, Protocol

from streams.errors import FaustFailed, LogMismatch
from streams.worker.log import named

LOOK_SECONDS: Final = 0.25


class MayCrash(Protocol):
    """A service of mode, as the application of Faust is one."""

    @property
    def crashed(self) -> bool:
        """Whether it, or a part of it, has given up."""

    @property
    def crash_reason(self) -> BaseException | None:
        """Why."""


async def until_it_gives_up(app: MayCrash) -> NoReturn:
    """Wait until Faust has given up, and raise.

    Raises
    ------
    FaustFailed
        With the reason as its cause.
    LogMismatch
        If that is the reason.
    """
    while not app.crashed:  # noqa: ASYNC110 - Faust publishes no event for it
        await asyncio.sleep(LOOK_SECONDS)
    reason = app.crash_reason
    if isinstance(reason, LogMismatch):  # our own, from the thread that fetches
        raise reason
    raise FaustFailed(f"Faust gave up: {named(reason)}") from reason
