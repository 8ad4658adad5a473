"""One case: what is said of whom, on which evidence, and what people decided."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.model.read_model import read_case
from streams.desk.pages.site import page
from streams.desk.rows import at_the_time
from streams.errors import RequestRefused


class CasePage:
    """Shows one case."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases/{id}", self._case, allow_head=False)]

    async def _case(self, request: web.Request) -> web.StreamResponse:
        self._desk.require_ready()
        known = self._desk.model.case(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such case now: look into the queue")
        row = at_the_time(known.row, datetime.now(UTC))
        content = {"row": row, "case": read_case(known.record)}
        answer = page(request, "case.html", content)
        return await self._desk.witness.shown(request, [row], known.alert_ids, answer)
