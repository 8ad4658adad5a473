"""Tells open pages that something changed, as server-sent events; they ask for the rest.

It tells them as well when the desk itself hears nothing any more: a page on which nothing moves
would look as if nothing happened.

A page says what had been told when it was made, and each event what has been told by then: a stream
goes on from there, the first one and each after a break. An event names ids of cases and alerts,
and nobody: what they are about is asked for by a request of its own, which is written down. Who is
slow misses nothing: what changed meanwhile is joined.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final

import msgspec
from aiohttp import web

from streams.desk.gate import is_still_known
from streams.desk.model.intake import Taken

_BEAT_SECONDS: Final = 15.0
"""Proxies end what is silent for long."""

_MOST_NAMED: Final = 500
"""Who has missed more than that reads its page again."""

_REMEMBERED: Final = 100
"""So many of what was told last: a page opens its stream a moment after it was made."""

_LONGEST_NUMBER: Final = 15


class Live:
    """Those who listen; `tell` may be called by any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: Final[set[_Listener]] = set()
        self._hears = True
        self._lock: Final = Lock()
        self._recent: Final = deque[Taken | None](maxlen=_REMEMBERED)
        self._told = 0

    @property
    def told(self) -> int:
        """How often it has told of something; a page reads this before it reads anything else."""
        return self._told

    def listening(self) -> int:
        """Return how many pages listen."""
        return len(self._listening)

    def tell(self, taken: Taken) -> None:
        """Tell all who listen that these changed."""
        if not (taken.cases or taken.alerts):
            return
        many = len(taken.cases) + len(taken.alerts) > _MOST_NAMED
        with self._lock:
            self._recent.append(None if many else taken)
            self._told += 1
            told = self._told
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell, told, taken)

    def tell_hearing(self, *, hears: bool) -> None:
        """Tell all who listen whether the desk still hears of what changes, if that is new."""
        if hears is not self._hears:
            self._hears = hears
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Answer a page that listens, until it goes away, or who has opened it is not known."""
        self._loop = asyncio.get_running_loop()
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # nginx would hold it back
        listener = _Listener()
        self._listening.add(listener)
        # Browsers send the number of the last event by themselves when they come back.
        after = request.headers.get("Last-Event-ID", request.query.get("after", ""))
        self._catch_up(listener, after)
        try:
            await answer.prepare(request)
            heard = self._hears
            await answer.write(b"event: hello\ndata: " + msgspec.json.encode(heard) + b"\n\n")
            while await is_still_known(request):
                told = await listener.next()
                if not await is_still_known(request):
                    break
                if heard is not self._hears:
                    heard = self._hears
                    told += b"event: hears\ndata: " + msgspec.json.encode(heard) + b"\n\n"
                if told:
                    await answer.write(told)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._listening.discard(listener)
        return answer

    def _catch_up(self, listener: "_Listener", after: str) -> None:
        """Let a page hear what was told after it was made, or that it must read all anew."""
        listener.upto = self._told
        if not (after.isascii() and after.isdecimal() and len(after) <= _LONGEST_NUMBER):
            return
        with self._lock:
            missed = self._told - int(after)
            recent = [*self._recent][-missed:] if missed > 0 else []
        if missed < 0 or missed > len(recent):  # the desk was started again, or that is long ago
            listener.hear_everything()
        for taken in recent:
            if taken is None:
                listener.hear_everything()
            else:
                listener.hear(taken.cases, taken.alerts)

    def _tell(self, told: int, taken: Taken) -> None:
        for listener in self._listening:
            listener.upto = max(listener.upto, told)
            listener.hear(taken.cases, taken.alerts)

    def _wake(self) -> None:
        for listener in self._listening:
            listener.hear((), ())


class _Listener:
    """What one page has not heard yet, of what was told up to a number."""

    def __init__(self) -> None:
        self.upto = 0
        self._cases: Final[set[str]] = set()
        self._alerts: Final[set[str]] = set()
        self._everything = False
        self._heard: Final = asyncio.Event()

    def hear(self, cases: Iterable[str], alerts: Iterable[str]) -> None:
        self._cases.update(cases)
        self._alerts.update(alerts)
        self._heard.set()

    def hear_everything(self) -> None:
        self._everything = True
        self._heard.set()

    async def next(self) -> bytes:
        """Return the next event, or a comment where there was none for long."""
        try:
            await asyncio.wait_for(self._heard.wait(), _BEAT_SECONDS)
        except TimeoutError:
            return b": still here\n\n"
        self._heard.clear()
        if not (self._cases or self._alerts or self._everything):
            return b""
        many = self._everything or len(self._cases) + len(self._alerts) > _MOST_NAMED
        told = {
            "all": many,
            "cases": [] if many else sorted(self._cases),
            "alerts": [] if many else sorted(self._alerts),
        }
        self._cases.clear()
        self._alerts.clear()
        self._everything = False
        return b"event: changed\ndata: %b\nid: %d\n\n" % (msgspec.json.encode(told), self.upto)
