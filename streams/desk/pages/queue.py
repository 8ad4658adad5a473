"""The queue: open cases by urgency."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.filters import filters_of
from streams.desk.pages.site import page


class QueuePage:
    """Lists the cases that an address asks for."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases", self._queue, allow_head=False)]

    async def _queue(self, request: web.Request) -> web.StreamResponse:
        filters = filters_of("cases", request.query.items())
        self._desk.require_ready()
        found = self._desk.model.case_page(filters, datetime.now(UTC))
        answer = page(request, "queue.html", {"rows": found.rows})
        return await self._desk.witness.shown(request, found.rows, (), answer)
