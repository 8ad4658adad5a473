"""An alert recomputed from the events: its arithmetic, and whether it agrees."""

import asyncio
from typing import Final

from aiohttp import web

from detectors.alerts.alert import Alert
from streams.desk.casefile.recomputed import Recomputed
from streams.desk.casefile.recomputer import RECOMPUTER, Waiting
from streams.desk.casefile.sales import SalesReader
from streams.desk.casefile.verdict import recomputation
from streams.desk.desk import Desk
from streams.desk.model.read_model import read_alert
from streams.desk.site.page import page
from streams.errors import RequestRefused
from streams.reports.words import words_of
from streams.wire.lookup_record import ShownSubject

_FIRST_SECONDS: Final = 1.5
_NEXT_SECONDS: Final = 15.0
"""For how long an answer waits: a page that is there already asks again and again."""


class ExplainPage:
    """Recomputes one alert, and shows what that gives."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._sales: Final = SalesReader(desk.model, desk.settings)

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases/{id}/explain/{alert_id}", self._explain, allow_head=False)]

    async def _explain(self, request: web.Request) -> web.StreamResponse:
        desk = self._desk
        desk.require_ready()
        known = desk.model.alert(request.match_info["alert_id"])
        if known is None or known.row.case_id != request.match_info["id"]:
            raise RequestRefused(404, "there is no such alert in this case now: read it again")
        behind = desk.events_behind()
        result: Recomputed | Waiting | None = request.app[RECOMPUTER].known(known.record)
        if result is None and behind == 0:
            wait = _NEXT_SECONDS if "HX-Request" in request.headers else _FIRST_SECONDS
            result = await request.app[RECOMPUTER].result(known.record, wait)
        alert = read_alert(known.record)
        done = result if isinstance(result, Recomputed) else None
        content = {
            "row": known.row,
            "alert": alert,
            "title": words_of(alert.pattern).title,
            "behind": behind,
            "waiting": result if isinstance(result, Waiting) else None,
            "found": None if done is None else recomputation(done, alert, self._revisions(alert)),
        }
        answer = page(request, "explain.html", content)
        named = sorted(await asyncio.to_thread(self._named, alert))
        return await desk.witness.shown(request, (known.row, *named), known.alert_ids, answer)

    def _revisions(self, alert: Alert) -> list[Alert]:
        found = self._desk.model.ask(
            "SELECT record FROM revisions WHERE alert_id = ?", (alert.alert_id,)
        )
        return [read_alert(record) for (record,) in found]

    def _named(self, alert: Alert) -> set[ShownSubject]:
        """Return whom the arithmetic may name: of an account, all who did something with it."""
        if alert.subject.type != "account":
            return set()
        found = self._desk.model.ask(
            "SELECT DISTINCT agent_id FROM events WHERE account_id = ? AND agent_id IS NOT NULL",
            (alert.subject.id,),
        )
        named = {ShownSubject("agent", agent_id) for (agent_id,) in found}
        return named | {*self._sales.named_by(alert).subjects()}
