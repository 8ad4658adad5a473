"""What the desk answers to programs: alerts, cases, and what becomes of a decision."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec
from aiohttp import web

from detectors.events.decision import Decision
from streams.desk.board import Board
from streams.desk.deciding import decision_of
from streams.desk.filters import filters_of, page_of
from streams.desk.gate import PERSON
from streams.desk.rows import AlertRow, CaseRow, at_the_time, subjects_of
from streams.errors import BrokerError, RequestRefused
from streams.metrics.desk_metrics import DeskMetrics
from streams.wire.lookup_record import Lookup

LARGEST_BODY: Final = 65_536

_MOST_NAMED: Final = 1_000
_LONGEST_PATH: Final = 2_048
_LONGEST_QUERY: Final = 4_096
_JSON: Final = "application/json"
_NOTHING_READ: Final = (
    "not all alerts and cases are read yet, and what is not shown would look as if it were not "
    "there: ask again when /readyz says yes"
)


class Api:
    """The handlers.

    Parameters
    ----------
    board
        What is known.
    write_lookup, store_decision
        Store a record, and return when it is stored (a decision: where); they may block.
    is_ready
        Whether the board has everything.
    metrics
        Counts what is stored.
    """

    def __init__(
        self,
        board: Board,
        write_lookup: Callable[[Lookup], None],
        store_decision: Callable[[Decision], str],
        is_ready: Callable[[], bool],
        metrics: DeskMetrics,
    ) -> None:
        self._board: Final = board
        self._write_lookup: Final = write_lookup
        self._store_decision: Final = store_decision
        self._is_ready: Final = is_ready
        self._metrics: Final = metrics

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/api/me", self._me, allow_head=False),
            web.get("/api/alerts", self._alerts, allow_head=False),
            web.get("/api/alerts/{id}", self._alert, allow_head=False),
            web.get("/api/cases", self._cases, allow_head=False),
            web.get("/api/cases/{id}", self._case, allow_head=False),
            web.post("/api/cases/{id}/decisions", self._decide),
            # Where the dashboards link to: addresses that stay when they become pages.
            web.get("/cases", _elsewhere, allow_head=False),
            web.get("/cases/{id}", _elsewhere, allow_head=False),
        ]

    async def _me(self, request: web.Request) -> web.Response:
        person = request[PERSON]
        return _json({"login": person.login, "role": person.role, "mode": person.mode})

    async def _alerts(self, request: web.Request) -> web.Response:
        filters = filters_of("alerts", request.query.items())
        self._require_ready()
        page = page_of(self._board.alerts(), filters)
        alert_ids = [row.alert_id for row in page.rows if isinstance(row, AlertRow)]
        answer = _json(page.rows, _next(request, page.end))
        return await self._shown(request, page.rows, alert_ids, answer)

    async def _cases(self, request: web.Request) -> web.Response:
        filters = filters_of("cases", request.query.items())
        self._require_ready()
        now = datetime.now(UTC)
        page = page_of((at_the_time(row, now) for row in self._board.cases()), filters)
        answer = _json(page.rows, _next(request, page.end))
        return await self._shown(request, page.rows, (), answer)

    async def _alert(self, request: web.Request) -> web.Response:
        self._require_ready()
        known = self._board.alert(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such alert now: list them with /api/alerts")
        answer = _record(known.record)
        return await self._shown(request, [known.row], known.alert_ids, answer)

    async def _case(self, request: web.Request) -> web.Response:
        self._require_ready()
        known = self._board.case(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such case now: list them with /api/cases")
        answer = _record(known.record)
        return await self._shown(request, [known.row], known.alert_ids, answer)

    async def _decide(self, request: web.Request) -> web.Response:
        if request.content_type != _JSON:  # a form of another site cannot send this one
            raise RequestRefused(415, f"send the decision as Content-Type: {_JSON}")
        body = await request.read()
        self._require_ready()
        case_id = request.match_info["id"]
        now = datetime.now(UTC)
        decision = decision_of(body, case_id, request[PERSON], uuid4().hex, now)
        if self._board.case(case_id) is None:
            raise RequestRefused(404, "there is no such case now: list them with /api/cases")
        place = await asyncio.to_thread(self._store_decision, decision)
        self._metrics.decided()
        said = {
            "decision_id": decision.decision_id,
            "stored_in": place,
            "detail": "Stored. Whether it counts stands in the history of the case, once judged.",
        }
        return _json(said, {"Location": f"/api/cases/{case_id}"}, status=202)

    def _require_ready(self) -> None:
        if not self._is_ready():
            raise RequestRefused(503, _NOTHING_READ)

    async def _shown(
        self,
        request: web.Request,
        rows: Sequence[AlertRow | CaseRow],
        alert_ids: Iterable[str],
        answer: web.Response,
    ) -> web.Response:
        """Return the answer, once it is written down who looks at whom."""
        lookup = lookup_of(request, rows, alert_ids)
        try:
            await asyncio.to_thread(self._write_lookup, lookup)
        except BrokerError:
            self._metrics.unwritten()
            raise
        return answer


async def _elsewhere(request: web.Request) -> web.Response:
    """Send on to the record of what is asked for."""
    return web.Response(status=303, headers={"Location": f"/api{request.rel_url}"})


def lookup_of(
    request: web.Request, rows: Sequence[AlertRow | CaseRow], alert_ids: Iterable[str]
) -> Lookup:
    """Return the record of an answer with these rows, and alerts of these ids."""
    person, asked = request[PERSON], request.rel_url
    cases = sorted({row.case_id for row in rows})
    alerts = sorted(set(alert_ids))
    subjects = sorted({subject for row in rows for subject in subjects_of(row)})
    return Lookup(
        lookup_id=uuid4().hex,
        at=datetime.now(UTC),
        who=person.login,
        role=person.role,
        mode=person.mode,
        path=_bounded(asked.raw_path, _LONGEST_PATH),
        query=_bounded(asked.raw_query_string, _LONGEST_QUERY),
        case_ids=tuple(cases[:_MOST_NAMED]),
        alert_ids=tuple(alerts[:_MOST_NAMED]),
        subjects=tuple(subjects[:_MOST_NAMED]),
        more=sum(max(0, len(named) - _MOST_NAMED) for named in (cases, alerts, subjects)),
    )


def _bounded(text: str, most: int) -> str:
    return re.sub(r"[^ -~]", "?", text)[:most]


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
