"""Looks at the cluster without holding up the worker's loop, or its end."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Final, TypeVar

from streams.broker.cluster_view import ClusterView, look
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.wire.topics import CATALOGUE, topic_name

_Result = TypeVar("_Result")


class Eye:
    """Sees the topics and the group of one installation.

    Parameters
    ----------
    host, security
        The broker, prefix and group, and TLS and user.
    """

    def __init__(self, host: HostSettings, security: BrokerSecurity) -> None:
        self._host: Final = host
        self._security: Final = security
        self.group: Final = f"{host.topic_prefix}{host.group}"
        self.names: Final = tuple(topic_name(host.topic_prefix, plan.topic) for plan in CATALOGUE)

    async def look(self, inputs: Iterable[tuple[str, int]] = ()) -> ClusterView:
        """Return what the broker says now; `inputs` as for `cluster_view.look`.

        Raises
        ------
        BrokerError
            If the broker does not answer, or will not describe topics.
        """
        places = tuple(inputs)
        return await in_daemon_thread(
            lambda: look(self._host.broker, self._security, self.names, self.group, places)
        )


async def in_daemon_thread(work: Callable[[], _Result]) -> _Result:
    """Return what `work` returns, which may block.

    Not ``asyncio.to_thread``: its threads are waited for at the end, and one that waits for a
    broker that hangs would keep the worker from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def finish(result: _Result | None, error: BaseException | None) -> None:
        if future.done():
            return  # nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type] # there is one where no error is

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised where the result is waited for
            failure = error
        with suppress(RuntimeError):  # the loop has been closed meanwhile
            loop.call_soon_threadsafe(finish, result, failure)

    Thread(target=run, daemon=True).start()
    return await future
