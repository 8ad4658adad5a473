"""One case: what is said of whom, on which evidence, and what people decided."""

import asyncio
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec
from aiohttp import web

from streams.desk.casefile.contents import RULED_OUT, CaseContents, CaseReader
from streams.desk.casefile.recomputer import RECOMPUTER
from streams.desk.casefile.sales import SalesReader
from streams.desk.casefile.verdict import Recomputation, recomputation
from streams.desk.deciding import decision_of
from streams.desk.desk import Desk
from streams.desk.forms import form_of
from streams.desk.gate import PERSON
from streams.desk.model.read_model import read_alert
from streams.desk.queue.form_reading import decision_id_of
from streams.desk.site.page import page
from streams.errors import RequestRefused

_NO_CASE: Final = "there is no such case now: look into the queue"


class CasePage:
    """Shows one case, and takes the ticks beside its explanations as a note."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._reader: Final = CaseReader(desk.model, SalesReader(desk.model, desk.settings))

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/cases/{id}", self._case, allow_head=False),
            web.post("/cases/{id}/ruled-out", self._rule_out),
            web.get("/alerts/{id}", self._alert, allow_head=False),
        ]

    async def _case(self, request: web.Request) -> web.StreamResponse:
        desk = self._desk
        desk.require_ready()
        # A case with many busy accounts reads thousands of events: others are not to wait for it.
        found = await asyncio.to_thread(
            self._reader.contents, request.match_info["id"], datetime.now(UTC)
        )
        if found is None:
            raise RequestRefused(404, _NO_CASE)
        content = {
            "found": found,
            "row": found.row,
            "case": found.case,
            "behind": desk.events_behind(),
            "customers": request[PERSON].role in desk.customers_for,
            "may_decide": request[PERSON].role in ("reviewer", "approver"),
            "stored": "stored" in request.query,
            "once": uuid4().hex,
            "recomputed": self._recomputed(request, found),
        }
        answer = page(request, "case.html", content)
        return await desk.witness.shown(request, found.shown(), found.alert_ids(), answer)

    def _recomputed(self, request: web.Request, found: CaseContents) -> dict[str, Recomputation]:
        """Return what was recomputed of alerts as they stand now, by their ids."""
        recomputer, made = request.app[RECOMPUTER], dict[str, Recomputation]()
        for part in found.parts:
            known = None if part.record is None else recomputer.known(part.record)
            if known is not None and part.alert is not None:
                revisions = (line.alert for line in part.revisions)
                made[part.told.alert_id] = recomputation(known, part.alert, revisions)
        return made

    async def _alert(self, request: web.Request) -> web.StreamResponse:
        """Lead to the case of an alert: other alerts are known by their ids alone."""
        self._desk.require_ready()
        known = self._desk.model.alert(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such alert now: look into the queue")
        row = known.row
        there = f"/cases/{row.case_id}#alert-{row.alert_id}"
        answer = web.Response(status=303, headers={"Location": there})
        return await self._desk.witness.shown(request, [row], known.alert_ids, answer)

    async def _rule_out(self, request: web.Request) -> web.StreamResponse:
        fields = await form_of(request)
        self._desk.require_ready()
        case_id = request.match_info["id"]
        alert_id, ticked = fields.get("alert_id", ""), fields.getall("explanation", [])
        known = self._desk.model.alert(alert_id)
        if known is None or known.row.case_id != case_id:
            raise RequestRefused(404, "there is no such alert in this case now: read it again")
        listed = read_alert(known.record).explanations_unchecked or ()
        if not ticked or not all(one in listed for one in ticked):
            raise RequestRefused(422, "tick an explanation that the alert names, then save")
        words = [*(f"{RULED_OUT}{one}" for one in ticked), fields.get("words", "").strip()]
        note = {
            "kind": "note",
            "words": "\n".join(line for line in words if line),
            "seen": {alert_id: known.row.revision},
        }
        now = datetime.now(UTC)
        body = msgspec.json.encode(note)
        person = request[PERSON]
        decision_id = decision_id_of(f"{fields.get('once', '')} {alert_id}", case_id, person)
        await self._desk.store(decision_of(body, case_id, person, decision_id, now))
        back = f"/cases/{case_id}?stored#alert-{alert_id}"
        return web.Response(status=303, headers={"Location": back})
