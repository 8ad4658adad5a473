"""Serves the desk over HTTP, in a thread with a loop of its own."""

import asyncio
import logging
import ssl
from threading import Thread
from typing import Final, Self

from aiohttp import web

from streams.access.session_door import SessionDoor
from streams.config.host import variable
from streams.desk.api import LARGEST_BODY, Api
from streams.desk.casefile.recomputer import RECOMPUTER, Recomputer
from streams.desk.desk import Desk
from streams.desk.gate import Gate
from streams.desk.limits.connections import Connections, Limits
from streams.desk.login.login import Login
from streams.desk.pages.every import page_routes
from streams.desk.pages.problems import problem_pages

_LONGEST_HEADER: Final = 16_384
"""Bytes: a token that names many groups is long."""

_SHUTDOWN_SECONDS: Final = 2.0
_BACKLOG: Final = 128


def application(desk: Desk, gate: Gate) -> web.Application:
    """Return the application: the gate before everything, also before what is not there."""
    door = gate.door
    login = Login(door) if isinstance(door, SessionDoor) else None
    before = [gate.around, problem_pages(can_log_in=login is not None), gate.middleware]
    app = web.Application(middlewares=before, client_max_size=LARGEST_BODY)
    app[RECOMPUTER] = Recomputer(desk.model.path, desk.settings, desk.recompute_seconds)
    app.on_cleanup.append(app[RECOMPUTER].close)
    app.add_routes([*Api(desk).routes(), *page_routes(desk)])
    if login is not None:
        app.add_routes(login.routes())
    return app


class DeskServer:
    """Serves an application until it is closed.

    Raises
    ------
    OSError
        If the address cannot be listened on; the message names it.
    """

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        limits: Limits | None = None,
    ) -> None:
        self._limits: Final = limits or Limits()
        self._connections: Final = Connections(self._limits)
        self._listening: asyncio.Server | None = None
        app.middlewares.insert(0, self._connections.middleware)
        # Broken requests are for whoever sent them, not for the log.
        quiet = logging.getLogger("aboveboard.desk.requests")
        quiet.setLevel(logging.CRITICAL)
        self._runner: Final = web.AppRunner(
            app,
            access_log=None,  # addresses hold names, and the topic `lookups` says more
            logger=quiet,
            handle_signals=False,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            max_field_size=_LONGEST_HEADER,
        )
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = Thread(target=self._loop.run_forever, name="desk", daemon=True)
        self._thread.start()
        try:
            found = asyncio.run_coroutine_threadsafe(
                self._listen(host, port, context), self._loop
            ).result()
        except OSError as error:
            self.close()
            raise OSError(
                f"cannot serve the desk at {host}:{port} ({error.strerror}): choose another port "
                f"with --port or {variable('desk_port')}"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.address: Final = f"http{'' if context is None else 's'}://{shown}:{found}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let those who wait have their answers for two seconds, and stop."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, host: str, port: int, context: ssl.SSLContext | None) -> int:
        await self._runner.setup()
        self._connections.begin(self._runner)
        self._listening = await asyncio.get_running_loop().create_server(
            self._connections,
            host,
            port,
            ssl=context,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if context is None else self._limits.handshake,
        )
        return int(self._listening.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        if self._listening is not None:
            self._listening.close()
        await self._connections.end()
        await self._runner.cleanup()
        await asyncio.get_running_loop().shutdown_default_executor()
