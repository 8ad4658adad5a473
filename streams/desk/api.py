"""What the desk answers to programs: alerts, cases, and what becomes of a decision."""

from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec
from aiohttp import web

from streams.desk.deciding import decision_of
from streams.desk.desk import Desk
from streams.desk.filters import filters_of
from streams.desk.gate import PERSON
from streams.desk.rows import AlertRow
from streams.errors import RequestRefused

LARGEST_BODY: Final = 65_536

_JSON: Final = "application/json"


class Api:
    """The handlers for programs.

    Parameters
    ----------
    desk
        What they are made from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._model: Final = desk.model
        self._witness: Final = desk.witness

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/api/me", self._me, allow_head=False),
            web.get("/api/alerts", self._alerts, allow_head=False),
            web.get("/api/alerts/{id}", self._alert, allow_head=False),
            web.get("/api/cases", self._cases, allow_head=False),
            web.get("/api/cases/{id}", self._case, allow_head=False),
            web.post("/api/cases/{id}/decisions", self._decide),
        ]

    async def _me(self, request: web.Request) -> web.Response:
        person = request[PERSON]
        return _json({"login": person.login, "role": person.role, "mode": person.mode})

    async def _alerts(self, request: web.Request) -> web.Response:
        filters = filters_of("alerts", request.query.items())
        self._desk.require_ready()
        page = self._model.alert_page(filters)
        alert_ids = [row.alert_id for row in page.rows if isinstance(row, AlertRow)]
        answer = _json(page.rows, _next(request, page.end))
        return await self._witness.shown(request, page.rows, alert_ids, answer)

    async def _cases(self, request: web.Request) -> web.Response:
        filters = filters_of("cases", request.query.items())
        self._desk.require_ready()
        page = self._model.case_page(filters, datetime.now(UTC))
        answer = _json(page.rows, _next(request, page.end))
        return await self._witness.shown(request, page.rows, (), answer)

    async def _alert(self, request: web.Request) -> web.Response:
        self._desk.require_ready()
        known = self._model.alert(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such alert now: list them with /api/alerts")
        answer = _record(known.record)
        return await self._witness.shown(request, [known.row], known.alert_ids, answer)

    async def _case(self, request: web.Request) -> web.Response:
        self._desk.require_ready()
        known = self._model.case(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such case now: list them with /api/cases")
        answer = _record(known.record)
        return await self._witness.shown(request, [known.row], known.alert_ids, answer)

    async def _decide(self, request: web.Request) -> web.Response:
        if request.content_type != _JSON:  # a form of another site cannot send this one
            raise RequestRefused(415, f"send the decision as Content-Type: {_JSON}")
        body = await request.read()
        self._desk.require_ready()
        case_id = request.match_info["id"]
        now = datetime.now(UTC)
        decision = decision_of(body, case_id, request[PERSON], uuid4().hex, now)
        if self._model.case(case_id) is None:
            raise RequestRefused(404, "there is no such case now: list them with /api/cases")
        place = await self._desk.store(decision)
        said = {
            "decision_id": decision.decision_id,
            "stored_in": place,
            "detail": "Stored. Whether it counts stands in the history of the case, once judged.",
        }
        return _json(said, {"Location": f"/api/cases/{case_id}"}, status=202)


def _json(
    content: object, headers: dict[str, str] | None = None, *, status: int = 200
) -> web.Response:
    body = msgspec.json.encode(content) + b"\n"
    return web.Response(status=status, body=body, content_type=_JSON, headers=headers)


def _record(record: bytes) -> web.Response:
    return web.Response(body=record, content_type=_JSON)


def _next(request: web.Request, end: object) -> dict[str, str]:
    if end is None:
        return {}
    following = request.rel_url.update_query({"after": str(end)})
    return {"Link": f'<{following}>; rel="next"'}
