"""Waits for the end that Faust does not announce: that it, or a part of it, has crashed.

From before its start on: a part may crash while Faust starts, and the start then never returns.
"""

import asyncio
from typing import Final, NoReturn, Protocol

from detectors.basis.errors import AboveboardError
from streams.broker.client_errors import ConsumerStoppedError
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
    raise _told(app.crash_reason)


def reason_behind(failure: BaseException, app: MayCrash) -> BaseException:
    """Return why a worker ends, of what it was told first and what Faust gave up for.

    The thread that fetches ends first, and Faust tells why later. Whoever asks that thread for
    something in between is told that it has stopped, or that a connection was closed. Such an echo
    must not hide that a log was lost, which no new start mends.
    """
    reason = app.crash_reason if app.crashed else None
    if isinstance(reason, LogMismatch):
        return reason
    is_echo = isinstance(failure, ConsumerStoppedError)
    return _told(reason) if is_echo and reason is not None else failure


def _told(reason: BaseException | None) -> AboveboardError:
    if isinstance(reason, LogMismatch):  # our own, from the thread that fetches
        return reason
    failed = FaustFailed(f"Faust gave up: {named(reason)}")
    failed.__cause__ = reason
    return failed
