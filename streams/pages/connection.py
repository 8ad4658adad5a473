"""One connection of a client: reads one request, sends one answer, and ends.

It works on a socket and a loop's readiness, without a transport or a task: a refused connection
then costs some 20 microseconds, and a flood of them stays cheap.
"""

import socket
from asyncio import AbstractEventLoop
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from streams.pages.message import LARGEST_HEAD, Request, end_of_head, parse_head

_CHUNK: Final = 16_384
_MOST_DISCARDED: Final = 1_048_576
"""How much a client may go on sending after its answer, before it is cut off."""

Respond = Callable[[Request], bytes]
"""Returns the bytes of the answer to a request."""


class Connection:
    """Reads a request from `client`, and sends what `respond` makes of it.

    Parameters
    ----------
    loop
        Tells when the socket is ready. Everything here runs in the thread of that loop.
    client
        The socket, which does not block. It is closed at the end.
    respond, refuse
        Return the bytes of an answer: to a request, and to what is none.
    ended
        Called once, when the socket has been closed.
    """

    def __init__(
        self,
        loop: AbstractEventLoop,
        client: socket.socket,
        respond: Respond,
        refuse: Callable[[HTTPStatus], bytes],
        ended: Callable[["Connection"], None],
    ) -> None:
        self._loop: Final = loop
        self._client: Final = client
        self._respond: Final = respond
        self._refuse: Final = refuse
        self._ended: Final = ended
        self.begun_at: Final = loop.time()
        self._received: Final = bytearray()
        self._to_send = memoryview(b"")
        self._answered = False
        self._discarded = 0
        self._open = True
        loop.add_reader(client, self._readable)

    def close(self) -> None:
        """Cut the client off, whatever it was told."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._client)
            self._loop.remove_writer(self._client)
            self._client.close()
            self._ended(self)

    def _readable(self) -> None:
        try:
            received = self._client.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self.close()  # the client went away: nobody waits for the answer
            return
        if not received:
            self.close()
        elif self._answered:
            self._discarded += len(received)
            if self._discarded > _MOST_DISCARDED:
                self.close()
        else:
            self._take(received)

    def _take(self, received: bytes) -> None:
        before = len(self._received)
        self._received.extend(received)
        end = end_of_head(self._received, before)
        if end is None and len(self._received) <= LARGEST_HEAD:
            return
        if end is None or end > LARGEST_HEAD:
            self._send(self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
            return
        request = parse_head(bytes(self._received[:end]))
        if request is None:
            self._send(self._refuse(HTTPStatus.BAD_REQUEST))
        else:
            self._send(self._respond(request))

    def _send(self, answer: bytes) -> None:
        self._answered = True
        self._received.clear()
        self._to_send = memoryview(answer)
        self._writable()

    def _writable(self) -> None:
        try:
            sent = self._client.send(self._to_send)
            self._to_send = self._to_send[sent:]
            if not self._to_send:
                self._loop.remove_writer(self._client)
                # Half closed, then read until the client ends: to close over bytes that were not
                # read would reset the connection, and take the answer away from the client.
                self._client.shutdown(socket.SHUT_WR)
                return
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        self._loop.add_writer(self._client, self._writable)
