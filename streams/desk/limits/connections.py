"""How many connections there are, and how long one may be open without a request on it.

A client that sends its headers drop by drop, or nothing, holds a connection and no more than that:
it is closed, as is one that was left open after an answer.
"""

import asyncio
from typing import Final, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class Limits(NamedTuple):
    """Those of a server.

    Attributes
    ----------
    connections
        Connections at once; whoever comes then is told to come again.
    idle
        Seconds for which a connection may be open without a whole request on it.
    handshake
        Seconds for TLS.
    """

    connections: int = 800
    idle: float = 30.0
    handshake: float = 10.0


class Connections:
    """Makes the connections of a server, and closes those that only wait.

    Parameters
    ----------
    limits
        How many, and for how long.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits: Final = limits
        self._server: web.Server | None = None
        self._answering: Final[set[object]] = set()
        self._since: dict[object, float] = {}
        self._watching: asyncio.Task[None] | None = None

    @property
    def middleware(self) -> Middleware:
        """What knows of a connection that a request on it is answered."""

        @web.middleware
        async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._answering.add(request.protocol)
            try:
                return await handler(request)
            finally:
                self._answering.discard(request.protocol)

        return answering

    def __call__(self) -> asyncio.Protocol:
        """Return what answers on a new connection."""
        server = self._server
        if server is None or len(server.connections) >= self._limits.connections:
            return _Full()
        return server()

    def begin(self, runner: web.AppRunner) -> None:
        """Take connections for what was set up, in the loop that runs."""
        self._server = runner.server
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def end(self) -> None:
        """Take no more, and look after none."""
        self._server = None
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while self._server is not None:
            await asyncio.sleep(self._limits.idle / 4)
            now = asyncio.get_running_loop().time()
            waiting = [it for it in self._server.connections if it not in self._answering]
            self._since = {it: self._since.get(it, now) for it in waiting}
            for it in waiting:
                if now - self._since[it] >= self._limits.idle:
                    it.force_close()


class _Full(asyncio.Protocol):
    """Tells whoever comes that there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_FULL)
        transport.close()
